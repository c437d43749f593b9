"""Small collections and a stand-in for the bi-encoder whose vectors can be worked out by hand."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from components.records import Kind, ScorerInfo
from components.retrieval.collection import Collection, Query
from components.retrieval.index import Hits
from components.retrieval.pipeline import QueryRun, Stage
from components.scoring.scheduler import Progress


class TinyEmbedder:
    """A vector a text from the text's digest: the same text has the same vector in every process."""

    def __init__(self) -> None:
        self.passes = 0

    @property
    def info(self) -> ScorerInfo:
        return ScorerInfo("bi-encoder:tiny", Kind.BI_ENCODER, "tiny", "cosine", 64, "f00")

    def forward(self, role: str, texts: list[str]) -> np.ndarray:
        self.passes += len(texts)
        digests = [hashlib.sha256(text.encode()).digest() for text in texts]
        return np.array([[byte / 128 - 1 for byte in digest[:16]] for digest in digests], dtype=np.float32)

    def token_spans(self, texts: list[str]) -> list[list[tuple[int, int]]]:
        return [[(0, 1)] * len(text.split()) for text in texts]


@pytest.fixture
def embedder() -> TinyEmbedder:
    return TinyEmbedder()


def run_through(pieces) -> int:
    """Do all pieces of a job; their number."""
    return sum(1 for _ in pieces)


def result_of(generator):
    """What a generator of pieces returns at its end."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


def many(count: int) -> Collection:
    texts = tuple(f"passage {number} about {['boats', 'bees', 'bread'][number % 3]}" for number in range(count))
    return Collection("many", tuple(f"d{number}" for number in range(count)), texts)


def made_run(scores: list[float], logits: list[float], pair_s: float = 0.1) -> QueryRun:
    """A run whose candidates stand at the places 0, 1, 2 ... of the collection."""
    hits = Hits(tuple(range(len(scores))), tuple(scores))
    return QueryRun("a query", Stage.BI_ENCODER, hits, 0.01, 0.002, tuple(logits), (pair_s,) * len(logits))


QUERY = Query("q1", "a query")
NOTHING = Progress()
