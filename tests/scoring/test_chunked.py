"""Chunk pairs are ordinary pairs, and the score of a document is what the rule says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from components.records import Column
from components.scoring.bm25 import BM25Scorer
from components.scoring.chunked import ChunkedScorer, with_chunks
from components.scoring.scheduler import Progress
from components.scoring.scorer import Scorer, Stores
from components.texts.chunks import Pooling

FILLER = "The committee met on a rainy morning and talked about chairs, tables and the colour of the walls. " * 40
ANSWER = "Herons eat fish, frogs and voles."
LONG = FILLER + ANSWER
QUERY = "what do herons eat"


def run(scorer: Scorer, documents: list[str], stores: Stores, progress: Progress | None = None) -> Column:
    work: Iterator[None] = scorer.score(QUERY, documents, stores, progress or Progress())
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


@pytest.fixture(params=["bi_encoder", "cross_encoder"])
def scorer(request: pytest.FixtureRequest) -> Scorer:
    return request.getfixturevalue(request.param)


def test_the_tail_is_cut_where_the_tokens_end(scorer: Scorer) -> None:
    [score] = run(scorer, [LONG], Stores()).scores
    assert score.tokens_lost > 0
    assert score.cut is not None
    assert 0 < score.cut < len(LONG)
    spans = scorer.token_spans([LONG])[0]
    assert sum(end <= score.cut for _, end in spans) == score.tokens_read
    [short] = run(scorer, [ANSWER], Stores()).scores
    assert short.cut is None


def test_the_best_chunk_holds_the_answer_and_nothing_is_lost(scorer: Scorer) -> None:
    stores = Stores()
    [whole, best] = run(scorer, [LONG], stores).scores + run(ChunkedScorer(scorer, Pooling.MAX), [LONG], stores).scores
    assert best.chunk is not None
    assert ANSWER in LONG[slice(*best.chunk)]
    assert best.tokens_lost == 0
    assert best.cut is None
    assert best.value > whole.value


def test_mean_and_first_follow_from_the_chunks(scorer: Scorer) -> None:
    stores = Stores()
    [highest] = run(ChunkedScorer(scorer, Pooling.MAX), [LONG], stores).scores
    [mean] = run(ChunkedScorer(scorer, Pooling.MEAN), [LONG], stores).scores
    [first] = run(ChunkedScorer(scorer, Pooling.FIRST), [LONG], stores).scores
    assert mean.value < highest.value
    assert mean.chunk == highest.chunk
    assert first.chunk is not None
    assert first.chunk[0] == 0
    assert first.tokens_lost > 0
    [alone] = run(scorer, [LONG[: first.chunk[1]]], stores).scores
    assert first.value == pytest.approx(alone.value, abs=1e-4)


def test_a_short_document_has_the_score_it_has_whole(scorer: Scorer) -> None:
    stores = Stores()
    whole = run(scorer, [ANSWER], stores)
    chunked = run(ChunkedScorer(scorer, Pooling.MAX), [ANSWER], stores)
    assert chunked.scores == whole.scores
    assert chunked.computed == 0


def test_only_changed_chunks_are_scored_again(scorer: Scorer) -> None:
    stores, progress = Stores(), Progress(total=1)
    chunked = ChunkedScorer(scorer, Pooling.MAX)
    first = run(chunked, [LONG], stores, progress)
    assert progress.done == progress.total == first.scores[0].chunks > 3
    second = run(chunked, [LONG.replace("voles", "toads")], stores)
    assert second.computed == 1
    assert run(chunked, [LONG], stores).computed == 0


def test_the_rule_is_part_of_what_the_column_is(scorer: Scorer) -> None:
    assert with_chunks(scorer, Pooling.WHOLE) is scorer
    assert with_chunks(scorer, Pooling.MEAN).info.pooling.startswith("mean of chunks of 128 tokens")
    bm25 = BM25Scorer()
    assert with_chunks(bm25, Pooling.MAX) is bm25
