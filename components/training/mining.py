"""Negatives of every distance: the passages a query meets in training, with the teacher's score of each.

For one query the candidates are BM25's first 100, the bi-encoders' first 200 and 20 random passages. They are ordered
by the teacher and thinned to ``WIDTH``: all of the first 16 ranks, a sample of ranks 17 to 100, a sample of the rest.
Drawing from the whole range of the teacher, and not only from its top, is what keeps a distilled model topical
(arXiv 2604.04734).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from components.training.data import Example, Pool
from components.training.teacher import mix

Array = np.ndarray
NEAR, MIDDLE, FAR = 16, 56, 56
WIDTH = NEAR + MIDDLE + FAR
BM25_DEPTH, DENSE_DEPTH, RANDOM_DEPTH = 100, 200, 20


@dataclass(frozen=True)
class Mined:
    """What the teacher says: row ``i`` belongs to example ``i`` of the pool.

    ids: int32 (examples, WIDTH), passage numbers, best first inside each of the three bands.
    scores: float16 (examples, WIDTH), the teacher's T for each.
    gold: float16 (examples,), T of the passage that answers.
    """

    ids: Array
    scores: Array
    gold: Array

    def save(self, path: Path) -> None:
        """Write as one npz file."""
        np.savez(path, ids=self.ids, scores=self.scores, gold=self.gold)

    @classmethod
    def load(cls, path: Path) -> Mined:
        """Read what :meth:`save` wrote."""
        stored = np.load(path)
        return cls(stored["ids"], stored["scores"], stored["gold"])


def _candidates(bm25: Array, near: Array, gold: int, rng: np.random.Generator) -> Array:
    """Passage numbers one query is compared with, without repetition, the gold passage last.

    bm25: float (passages,); near: numbers of the passages nearest to the query by the bi-encoders.
    """
    depth = min(BM25_DEPTH, len(bm25) - 1)
    first = np.argpartition(-bm25, depth)[:depth]
    other = rng.integers(0, len(bm25), RANDOM_DEPTH)
    union = np.unique(np.concatenate([first, near, other]))
    return np.append(union[union != gold], gold)


def _bands(scores: Array, rng: np.random.Generator) -> Array:
    """Positions (WIDTH,) into ``scores``: the best 16, a sample of ranks 17 to 100, a sample of the rest."""
    order = np.argsort(-scores, kind="stable")
    middle, rest = order[NEAR:100], order[100:]
    if len(rest) < FAR:  # a small pool, in rehearsals
        middle = rest = order[min(NEAR, len(order) - 1) :]
    return np.concatenate(
        [
            np.resize(order[:NEAR], NEAR),
            rng.choice(middle, MIDDLE, replace=len(middle) < MIDDLE),
            rng.choice(rest, FAR, replace=len(rest) < FAR),
        ]
    )


def mine(
    pool: Pool,
    vectors: dict[str, tuple[Array, Array]],
    seed: int = 13,
    block: int = 512,
) -> Mined:
    """Candidates and teacher scores of all examples.

    vectors: for "mpnet" and "minilm" a pair (queries, passages) of unit vectors, rows as in the pool.
    """
    import bm25s

    index = bm25s.BM25()
    index.index(bm25s.tokenize(pool.passages, stopwords="en", show_progress=False), show_progress=False)
    hidden = np.array(sorted({e.gold for e in pool.examples if e.held_out}), dtype=np.int64)
    dense = {name: (queries, passages.astype(np.float32)) for name, (queries, passages) in vectors.items()}
    rows = [
        _mine_block(pool.examples[start : start + block], start, index, dense, hidden, seed)
        for start in range(0, len(pool.examples), block)
    ]
    ids, scores, gold = (np.concatenate(part) for part in zip(*rows, strict=True))
    return Mined(ids, scores, gold)


def _mine_block(
    examples: Sequence[Example],
    start: int,
    index: Any,
    vectors: dict[str, tuple[Array, Array]],
    hidden: Array,
    seed: int,
) -> tuple[Array, Array, Array]:
    """One block of examples; passages of held-out questions (``hidden``) never appear as negatives."""
    import bm25s

    tokens = bm25s.tokenize([e.query for e in examples], stopwords="en", return_ids=False, show_progress=False)
    cosines = {
        name: queries[start : start + len(examples)].astype(np.float32) @ passages.T
        for name, (queries, passages) in vectors.items()
    }
    both = torch.from_numpy(0.6 * cosines["mpnet"] + 0.4 * cosines["minilm"])
    nearest = both.topk(min(DENSE_DEPTH, both.shape[1]), dim=1, sorted=False).indices.numpy()
    ids = np.zeros((len(examples), WIDTH), np.int32)
    scores = np.zeros((len(examples), WIDTH), np.float16)
    gold = np.zeros(len(examples), np.float16)
    for row, example in enumerate(examples):
        rng = np.random.default_rng((seed, start + row))
        lexical = index.get_scores(tokens[row]) if tokens[row] else np.zeros(both.shape[1], np.float32)
        found = _candidates(lexical, nearest[row], example.gold, rng)
        found = found[~np.isin(found, hidden) | (found == example.gold)]
        teacher = mix(cosines["mpnet"][row][found], cosines["minilm"][row][found], lexical[found])
        gold[row] = teacher[-1]
        chosen = _bands(teacher[:-1], rng)
        ids[row], scores[row] = found[chosen], teacher[chosen]
    return ids, scores, gold
