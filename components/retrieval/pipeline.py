"""Two stages for one query: a first stage finds candidates, a cross-encoder orders the first k of them anew.

What is timed is this query's own work, piece by piece: while other visitors have their turn the clock stands. Nothing
is taken from a store, so every time is a measured one.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from components.records import ScorerInfo
from components.retrieval.collection import Collection
from components.retrieval.fusion import DEPTH, fuse
from components.retrieval.index import Hits
from components.retrieval.indexing import Embedder, Opened
from components.scoring.batching import TokenBudget, cut_batches
from components.scoring.forward import forwarded
from components.scoring.scheduler import Progress

MOST_K = 200  # candidates that are kept of a first stage, and the most that are re-ranked in the page
_SPECIAL = 3  # [CLS] query [SEP] document [SEP]


class Stage(StrEnum):
    """What finds the candidates."""

    BI_ENCODER = "bi-encoder"
    BM25 = "BM25"
    FUSED = "both, fused"


class PairScorer(Protocol):
    """What of a cross-encoder is needed here; ``CrossEncoderScorer`` is one."""

    @property
    def info(self) -> ScorerInfo:
        """What the logits are and what makes them."""

    def forward(self, pairs: list[tuple[str, str]]) -> list[float]:
        """The logits of pairs in one padded batch."""

    def token_spans(self, texts: list[str]) -> list[list[tuple[int, int]]]:
        """The tokens of each text as spans of characters."""


@dataclass(frozen=True)
class QueryRun:
    """One query through both stages.

    ``hits`` are the first stage's candidates, ``logits`` the cross-encoder's of the first of them, ``pair_s``, parallel
    to these, each pair's share of the seconds its batch took. Seconds are of this query's own work.
    """

    query: str
    stage: Stage
    hits: Hits
    embed_s: float
    search_s: float
    logits: tuple[float, ...] = ()
    pair_s: tuple[float, ...] = ()
    note: str = ""  # a sentence about what made it, e.g. that a service failed

    @property
    def depth(self) -> int:
        """How many candidates have been re-ranked."""
        return len(self.logits)

    def order(self, k: int, ids: Sequence[str]) -> tuple[int, ...]:
        """Places after both stages: the first ``k`` by logit, below them the first stage's order goes on.

        Ties as trec_eval has them: id descending. At k = 1 it is the first stage's order.
        """
        k = min(k, self.depth)
        head = sorted(range(k), key=lambda at: ids[self.hits.places[at]].encode(), reverse=True)
        head.sort(key=lambda at: -self.logits[at])
        return tuple(self.hits.places[at] for at in head) + self.hits.places[k:]

    def rerank_s(self, k: int) -> float:
        """Seconds to re-rank the first ``k``: what these pairs took in the batches they were in."""
        return sum(self.pair_s[:k])

    def seconds(self, k: int) -> float:
        """All of it: embed the query, search, re-rank the first ``k``."""
        return self.embed_s + self.search_s + self.rerank_s(k)


class Pipeline:
    """Both stages with one bi-encoder and one cross-encoder (None: first stage only)."""

    def __init__(self, embedder: Embedder, reranker: PairScorer | None) -> None:
        self.embedder = embedder
        self.reranker = reranker
        self._budget = TokenBudget()

    def run(
        self, query: str, stage: Stage, k: int, collection: Collection, index: Opened, progress: Progress
    ) -> Generator[None, None, QueryRun]:
        """Search and re-rank the first ``k``, in pieces."""
        found = yield from self.search(query, stage, index)
        progress.total = min(k, len(found.hits)) if self.reranker else 0
        yield
        return (yield from self.deepen(found, k, collection, progress))

    def search(self, query: str, stage: Stage, index: Opened, depth: int = MOST_K) -> Generator[None, None, QueryRun]:
        """The first stage alone: at most ``depth`` candidates."""
        embed_s, note, lists = 0.0, "", []
        wanted = max(DEPTH, depth) if stage is Stage.FUSED else depth
        vector = None
        if stage is not Stage.BM25:
            made = yield from forwarded(self.embedder, "query", [query], progress=Progress())
            vector, embed_s, note = made.values[0], made.seconds, made.note
        started = time.perf_counter()
        if vector is not None:
            lists.append(index.vectors.search(vector, wanted))
        if stage is not Stage.BI_ENCODER:
            lists.append(index.words.search(query, wanted))
        hits = fuse(lists, depth) if stage is Stage.FUSED else lists[0]
        return QueryRun(query, stage, hits, embed_s, time.perf_counter() - started, note=note)

    def deepen(
        self, run: QueryRun, k: int, collection: Collection, progress: Progress
    ) -> Generator[None, None, QueryRun]:
        """The run with at least its first ``k`` candidates re-ranked; what has a logit keeps it."""
        goal = min(k, len(run.hits)) if self.reranker else 0
        progress.done += run.depth
        if goal <= run.depth:
            return run
        texts = [collection.texts[place] for place in run.hits.places[run.depth : goal]]
        made, note = yield from self._logits(run.query, texts, progress)
        logits, pair_s = zip(*made, strict=True)
        return replace(run, logits=run.logits + logits, pair_s=run.pair_s + pair_s, note=note or run.note)

    def _logits(
        self, query: str, texts: list[str], progress: Progress
    ) -> Generator[None, None, tuple[list[tuple[float, float]], str]]:
        """Logit and seconds of each text, in their order, and a note. Tokenising is shared by all of them."""
        assert self.reranker is not None
        started = time.perf_counter()
        of_query, *of_texts = (len(spans) for spans in self.reranker.token_spans([query, *texts]))
        window = self.reranker.info.max_tokens or 10**9
        lengths = [min(of_query + of_text + _SPECIAL, window) for of_text in of_texts]
        found, note = [(0.0, 0.0)] * len(texts), ""
        before = (time.perf_counter() - started) / len(texts)
        for batch in cut_batches(lengths, self._budget):
            made = yield from forwarded(self.reranker, [(query, texts[place]) for place in batch], progress=progress)
            self._budget.learn(len(batch) * lengths[batch[0]], made.seconds)
            note = made.note or note
            for place, value in zip(batch, made.values, strict=True):
                found[place] = (value, before + made.seconds / len(batch))
            progress.done += len(batch)
            yield
        return found, note
