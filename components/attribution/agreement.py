"""Whether two ways of saying what mattered order the words alike, measured and set beside chance."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from components.attention.pair import PairAttention
from components.attention.words import Word, merge_pieces
from components.attribution.records import Attribution, words_of

ORDERS = 20
SEED = 7
FEWEST = 4  # words below which no order says anything


@dataclass(frozen=True)
class Agreement:
    """Spearman's rho of attention with the size of occlusion's effects, and of random orders with the same."""

    rho: float
    random: tuple[float, ...]
    words: int

    def sentence(self) -> str:
        """What the numbers say, whatever they are."""
        low, high = min(self.random), max(self.random)
        beaten = sum(value < self.rho for value in self.random)
        start = (
            f"Attention and occlusion order these {self.words} words with Spearman {self.rho:.2f}; "
            f"{len(self.random)} random orders reach {low:.2f} to {high:.2f}"
        ).replace("-", "−")
        if beaten == len(self.random) and self.rho >= 0.5:
            return f"{start}: here attention points to much of what the score depends on."
        if beaten == len(self.random):
            return f"{start}: better than chance, yet attention and effect disagree on many words."
        others = len(self.random) - beaten
        return f"{start}: on this pair attention tells no more about what mattered than {others} of them."


def attention_with_occlusion(pair: PairAttention, occlusion: Attribution) -> Agreement | None:
    """What [CLS] takes from each word (norm-weighted, mean of all heads) against |effect|; None for too few words."""
    words = merge_pieces(pair)
    texts = words_of(words)
    if len(texts) < FEWEST:
        return None
    every = attention_shares(pair, words)
    shares = [every[words.index(word)] for word in texts]
    effects = [abs(value) for value in occlusion.values]
    rho = spearman(shares, effects)
    if rho is None:
        return None
    chance = random.Random(SEED)
    orders = [chance.sample(range(len(texts)), len(texts)) for _ in range(ORDERS)]
    return Agreement(rho, tuple(spearman(order, effects) or 0.0 for order in orders), len(texts))


def attention_shares(pair: PairAttention, words: Sequence[Word]) -> list[float]:
    """What [CLS] takes from each word: norm-weighted, mean of all heads."""
    from components.attention.aggregate import Heads, View, Weighting, word_shares

    row = word_shares(pair, View(0, 0, Heads.MEAN_ALL, Weighting.NORM), words)[0]
    return [float(value) for value in row]


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Spearman's rank correlation, tied values at their mean rank; None where one side is constant."""
    import numpy as np

    a, b = (np.array(_mean_ranks(values)) for values in (first, second))
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size else None


def _mean_ranks(values: Sequence[float]) -> list[float]:
    return [
        sum(other < value for other in values) + (sum(other == value for other in values) + 1) / 2 for value in values
    ]


def methods_sentence(found: Sequence[Attribution]) -> str:
    """Whether the methods at hand agree on the word that raised the score most and on the order; empty for one."""
    if len(found) < 2:
        return ""
    tops = {one.method: _top(one) for one in found}
    parts = []
    for other in found[1:]:
        rho = spearman(found[0].values, other.values)
        if rho is not None:
            parts.append(f"{found[0].method} with {other.method}: Spearman {rho:.2f}".replace(" -", " −"))
    named = ", ".join(f"“{word}” ({method})" for method, word in tops.items())
    opening = (
        f"The methods agree on the word with the largest effect, “{next(iter(tops.values()))}”"
        if len(set(tops.values())) == 1
        else f"The methods disagree on the word with the largest effect: {named}"
    )
    return f"{opening}. {'; '.join(parts)}." if parts else f"{opening}."


def _top(one: Attribution) -> str:
    best = max(range(len(one.values)), key=lambda index: abs(one.values[index]))
    return one.words[best].text
