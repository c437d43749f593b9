"""A bench with the shipped models, one with made-up scores, and a way to run a probe to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from components.lessons.bench import Bench
from components.lessons.stored import shipped_classifier
from components.records import Column, Kind, PairScore, ScorerInfo
from components.scoring.bm25 import BM25Scorer
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores

UNITS = {Kind.BI_ENCODER: "cosine", Kind.CROSS_ENCODER: "logit", Kind.BM25: "BM25"}


class MadeScorer:
    """A scorer of the tests: ``rule(query, document)`` is the score; it reads at most 10 words."""

    def __init__(self, kind: Kind, rule: Callable[[str, str], float]) -> None:
        self.info = ScorerInfo(str(kind), kind, "made", UNITS[kind])
        self.rule = rule

    def score(self, query, documents, stores, progress):
        progress.done += len(documents)
        yield
        scores = []
        for text in documents:
            total = len(text.split())
            scores.append(PairScore(float(self.rule(query, text)), min(10, total), total))
        return Column(self.info, tuple(scores), computed=len(documents))


def made_bench(cross, bi, words=lambda query, text: 0.0) -> Bench:
    """A bench whose scorers follow rules."""
    return Bench(
        MadeScorer(Kind.BI_ENCODER, bi), MadeScorer(Kind.CROSS_ENCODER, cross), MadeScorer(Kind.BM25, words), Stores()
    )


def finish(work: Iterator[None]):
    """Run a probe's generator to its end and return what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            return done.value


def ran(probe_run, lesson, item, bench, setting=None):
    value = setting if setting is not None else (lesson.setting.default if lesson.setting else 0.0)
    return finish(probe_run(lesson, item, value, bench, Progress()))


@pytest.fixture(scope="session")
def bench(bi_encoder, cross_encoder) -> Bench:
    """The shipped models with their real weights."""
    return Bench(bi_encoder, cross_encoder, BM25Scorer(), Stores())


@pytest.fixture(scope="session")
def full_bench(bench) -> Bench:
    """With the entailment model."""
    return replace(bench, classifier=shipped_classifier())


@pytest.fixture(scope="session")
def plain(bi_encoder, cross_encoder):
    """The plain computation: sentence-transformers' own encode, similarity and predict."""
    import torch

    def score(kind: Kind, query: str, documents: list[str]) -> list[float]:
        if kind is Kind.BI_ENCODER:
            model = bi_encoder.model
            return model.similarity(model.encode_query([query]), model.encode_document(list(documents)))[0].tolist()
        pairs = [(query, text) for text in documents]
        return [float(x) for x in cross_encoder.model.predict(pairs, activation_fn=torch.nn.Identity())]

    return score
