"""Groups for the relevance trainer: which query, which passages, drawn anew at every showing.

A batch depends only on (seed, stage, step), never on what was drawn before, so an interrupted run goes on exactly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from components.training.contrast import ContrastGroup
from components.training.data import Pool, split_sentences
from components.training.mining import MIDDLE, NEAR, WIDTH, Mined

Array = np.ndarray
MARGIN = 0.3
"""A negative whose T is above gold's T minus this may well be relevant: it leaves the gold term."""

_FUNCTION_WORDS = """
a an and are as at be by can could did do does for from had has have how i in is it its of on or that the their there
these this to was were what when where which who whom whose why will with would you your
"""
_QUESTION_WORDS = frozenset(_FUNCTION_WORDS.split())


@dataclass(frozen=True)
class Group:
    """A query and its passages, the answer first.

    teacher: T of each passage, nan where the teacher was not asked. trusted: False for a passage that may be relevant
    too and so must not count as a negative.
    """

    query: str
    passages: tuple[str, ...]
    teacher: tuple[float, ...]
    trusted: tuple[bool, ...]


def vary_query(query: str, rng: np.random.Generator) -> str:
    """The query as somebody else may type it: without its question mark (25 %), as keywords (15 %)."""
    chance = rng.random()
    if chance < 0.15:
        kept = [w for w in query.rstrip("?").split() if w.lower().strip(",.") not in _QUESTION_WORDS]
        return " ".join(kept) if len(kept) >= 2 else query
    return query.rstrip("?") if chance < 0.40 else query


def without_answer(passage: str, answers: Sequence[str]) -> str | None:
    """The passage without the sentences that hold a short answer; None where that leaves nothing or all."""
    sentences = split_sentences(passage)
    kept = [s for s in sentences if not any(a.lower() in s.lower() for a in answers if a)]
    return " ".join(kept) if kept and len(kept) < len(sentences) else None


def other_entity(query: str, passage: str, other: str, rng: np.random.Generator) -> str | None:
    """The passage with a number or name that it shares with the query changed, so that it speaks of something else.

    Names are replaced by a capitalised word of the passage ``other``. None where nothing is shared.
    """
    shared = {w.lower() for w in re.findall(r"\w+", query)} - _QUESTION_WORDS
    numbers = [w for w in set(re.findall(r"\b\d{2,4}\b", passage)) if w in shared]
    if numbers:
        number = sorted(numbers)[0]
        changed = str(max(2, int(number) + int(rng.choice([-30, -7, -3, -1, 1, 2, 4, 11]))))
        return re.sub(rf"\b{number}\b", changed, passage)
    names = sorted({w for w in re.findall(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b", passage) if w.lower() in shared})
    spare = sorted({w for w in re.findall(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b", other) if w.lower() not in shared})
    if not names or not spare:
        return None
    name = names[int(rng.integers(len(names)))]
    return re.sub(rf"\b{name}\b", spare[int(rng.integers(len(spare)))], passage, flags=re.IGNORECASE)


class PoolSampler:
    """Draws groups from the pool by a mix of sources."""

    def __init__(
        self,
        pool: Pool,
        mined: Mined,
        mix: Mapping[str, float],
        near_misses: float,
        size: int = 8,
        gold: bool = True,
    ) -> None:
        """mix: share of each source; near_misses: share of groups that get one rule-made near miss.

        gold: False trusts no passage, so that only the teacher speaks and not the label.
        """
        self.gold = gold
        self.pool, self.mined, self.size, self.near_misses = pool, mined, size, near_misses
        self.rows: dict[str, Array] = {}
        for source in mix:
            rows = [i for i, e in enumerate(pool.examples) if e.source == source and not e.held_out]
            if rows:
                self.rows[source] = np.array(rows)
        self.sources = list(self.rows)
        shares = np.array([mix[s] for s in self.sources], dtype=float)
        self.shares = shares / shares.sum()

    def draw(self, rng: np.random.Generator) -> Group:
        """One group: the answer, then negatives from all three bands of the teacher's ranking."""
        source = self.sources[int(rng.choice(len(self.sources), p=self.shares))]
        row = int(rng.choice(self.rows[source]))
        example, pool = self.pool.examples[row], self.pool
        near = int(rng.integers(2, 4))
        middle = int(rng.integers(2, 4))
        far = self.size - 1 - near - middle
        places = np.concatenate(
            [
                rng.choice(NEAR, near, replace=False),
                rng.choice(np.arange(NEAR, NEAR + MIDDLE), middle, replace=False),
                rng.choice(np.arange(NEAR + MIDDLE, WIDTH), far, replace=False),
            ]
        )
        numbers, scores = self.mined.ids[row][places], self.mined.scores[row][places].astype(float)
        passages = [pool.passages[example.gold], *(pool.passages[n] for n in numbers)]
        gold_score = float(self.mined.gold[row])
        teacher = [gold_score, *scores]
        trusted = [True] + [
            s < gold_score - MARGIN and n != example.gold and not holds_answer(pool.passages[n], example.answers)
            for n, s in zip(numbers, scores, strict=True)
        ]
        if rng.random() < self.near_misses:
            miss = self._near_miss(row, rng)
            if miss:
                passages[-1], teacher[-1], trusted[-1] = miss, float("nan"), True
        trusted = [t and self.gold for t in trusted]
        return Group(vary_query(example.query, rng), tuple(passages), tuple(teacher), tuple(trusted))

    def _near_miss(self, row: int, rng: np.random.Generator) -> str | None:
        example = self.pool.examples[row]
        gold = self.pool.passages[example.gold]
        removed = without_answer(gold, example.answers) if example.answers else None
        if removed and rng.random() < 0.5:
            return removed
        neighbour = self.pool.passages[int(self.mined.ids[row][int(rng.integers(NEAR))])]
        return other_entity(example.query, gold, neighbour, rng) or removed


def holds_answer(passage: str, answers: Sequence[str]) -> bool:
    """Whether a short answer of three letters or more occurs in the passage."""
    low = passage.lower()
    return any(len(a) >= 3 and a.lower() in low for a in answers)


class ContrastSampler:
    """Draws our contrast groups: the answer and its four near misses, no teacher."""

    def __init__(self, groups: Sequence[ContrastGroup]) -> None:
        self.groups = list(groups)

    def draw(self, rng: np.random.Generator) -> Group:
        """One contrast group; the order of the near misses does not matter to the losses."""
        group = self.groups[int(rng.integers(len(self.groups)))]
        size = len(group.passages)
        return Group(group.query, group.passages, (float("nan"),) * size, (True,) * size)


class MixedSampler:
    """Several samplers, each with its share of the groups."""

    def __init__(self, parts: Sequence[tuple[float, PoolSampler | ContrastSampler]]) -> None:
        self.parts = [part for _, part in parts]
        shares = np.array([share for share, _ in parts], dtype=float)
        self.shares = shares / shares.sum()

    def draw(self, rng: np.random.Generator) -> Group:
        """One group of a sampler chosen by share."""
        return self.parts[int(rng.choice(len(self.parts), p=self.shares))].draw(rng)
