"""Groups for the relevance trainer: which queries, which passages, drawn anew at every showing, as arrays.

A batch depends only on (seed, step), never on what was drawn before, so an interrupted run goes on exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from components.training.corpus import FORMS, Corpus
from components.training.mining import FAR, MIDDLE, NEAR, Mined

Array = np.ndarray
SIZE = 16
"""Passages a group."""
MARGIN = 0.3
"""A negative whose T is above the answer's T minus this may well be relevant: it leaves the label's term."""
FORM_SHARES = (0.6, 0.25, 0.15)
"""How often a query is shown as typed, without its question mark, as keywords."""


@dataclass(frozen=True)
class Batch:
    """Groups of one query and ``SIZE`` passages, the answer in place 0 where one is known.

    queries: int64 (groups,), rows of ``corpus.queries``; the rest (groups, SIZE): passages int64; teacher float32, nan
    where the teacher was not asked; trusted bool, False where a passage must not count for the label (all False where
    no label is known).
    """

    queries: Array
    passages: Array
    teacher: Array
    trusted: Array


class Sampler:
    """Draws groups by a mix of sources."""

    def __init__(
        self, corpus: Corpus, mined: Mined, mix: Mapping[str, float], near_misses: float = 1.0, labels: bool = True
    ) -> None:
        """mix: share of each source; near_misses: share of pool groups that show their rule-made near miss.

        labels: False lets the teacher alone speak on all groups that it knows.
        """
        self.corpus, self.mined, self.near_misses, self.labels = corpus, mined, near_misses, labels
        free = ~corpus.held_out
        rows = {n: np.flatnonzero((corpus.source == i) & free) for i, n in enumerate(corpus.sources) if mix.get(n)}
        self.rows = [found for found in rows.values() if len(found)]
        shares = np.array([mix[name] for name, found in rows.items() if len(found)], dtype=float)
        self.shares = shares / shares.sum()

    def draw(self, rng: np.random.Generator, groups: int) -> Batch:
        """Some groups, from the given random numbers only."""
        picked = rng.choice(len(self.rows), groups, p=self.shares)
        ask = np.array([self.rows[s][rng.integers(len(self.rows[s]))] for s in picked])
        places = self._places(rng, groups)
        passages = np.take_along_axis(self.mined.ids[ask], places, 1).astype(np.int64)
        teacher = np.take_along_axis(self.mined.scores[ask], places, 1).astype(np.float32)
        holds = np.take_along_axis(self.mined.holds[ask], places, 1)
        answer = self.mined.gold[ask].astype(np.float32)
        trusted = (teacher < np.nan_to_num(answer, nan=np.inf)[:, None] - MARGIN) & ~holds
        self._put_answers(ask, rng, passages, teacher, trusted)
        form = rng.choice(FORMS, groups, p=FORM_SHARES)
        return Batch(ask * FORMS + form, passages, teacher, trusted)

    def _places(self, rng: np.random.Generator, groups: int) -> Array:
        """Places (groups, SIZE) in the mined rows: about a third of each band, in random order."""
        near, middle = SIZE // 3, SIZE // 3
        parts = []
        for start, width, size in ((0, NEAR, near), (NEAR, MIDDLE, middle), (NEAR + MIDDLE, FAR, SIZE - near - middle)):
            parts.append(start + rng.random((groups, width)).argsort(1)[:, :size])
        return rng.permuted(np.concatenate(parts, 1), axis=1)

    def _put_answers(
        self, ask: Array, rng: np.random.Generator, passages: Array, teacher: Array, trusted: Array
    ) -> None:
        """Put the answer in place 0 and the query's own near misses behind it."""
        corpus = self.corpus
        count = corpus.own_count[ask].copy()
        count[(count == 1) & (rng.random(len(ask)) >= self.near_misses)] = 0
        place = np.arange(passages.shape[1])[None, :]
        own = (place >= 1) & (place <= count[:, None])
        passages[:] = np.where(own, corpus.own_start[ask][:, None] + place - 1, passages)
        teacher[own], trusted[own] = np.nan, True
        known = corpus.gold[ask] >= 0
        passages[known, 0] = corpus.gold[ask][known]
        teacher[known, 0] = self.mined.gold[ask][known]
        trusted[:, 0] = known
        lexical = known & np.isnan(self.mined.gold[ask])  # its teacher would only say "alike"
        teacher[lexical] = np.nan
        trusted[~known] = False
        if not self.labels:
            trusted[count <= 1] = False
