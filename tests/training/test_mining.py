"""The teacher's negatives, and the groups drawn from them."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
import torch

from components.training.calibrate import held_out_pairs
from components.training.corpus import FORMS, Corpus
from components.training.lexical_teacher import K1, B, TokenBM25
from components.training.mining import FAR, MIDDLE, NEAR, WIDTH, Mined, mine, standardise
from components.training.sampling import MARGIN, SIZE, Sampler
from components.training.texts import join_rows

CPU = torch.device("cpu")
POOL, ASKED = 400, 40


def toy_corpus() -> Corpus:
    """Passage n says "n" and three of ten common words; query q is answered by passage q, the last one by nobody."""
    rng = np.random.default_rng(0)
    passages = [np.array([1000 + n, *rng.integers(10, 20, 3)]) for n in range(POOL)]
    near_miss = [np.array([9000, 12])]
    asked = [np.array([1000 + q, 15]) for q in range(ASKED)]
    own = np.zeros(ASKED, int)
    own[7] = 1
    start = np.where(own > 0, POOL, 0)
    held = np.arange(ASKED) < 5
    gold = np.where(np.arange(ASKED) == ASKED - 1, -1, np.arange(ASKED))
    answers = join_rows([np.array([1000 + q]) if q % 2 else np.array([], dtype=int) for q in range(ASKED)])
    rows = [row for query in asked for row in (query, query, query[:1])]
    return Corpus(
        join_rows([*passages, *near_miss]), POOL, join_rows(rows), answers, ("nq",), np.zeros(ASKED, int), gold, start,
        own, held,
    )  # fmt: skip


def toy_vectors() -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(0)
    passages = torch.nn.functional.normalize(torch.randn(POOL, 8, generator=generator), dim=1)
    return dict.fromkeys(("mpnet", "minilm"), (passages[:ASKED], passages))


@pytest.fixture(scope="module")
def mined() -> Mined:
    return mine(toy_corpus(), toy_vectors(), CPU, block=16)


def plain_bm25(passages: list[list[int]], query: set[int]) -> list[float]:
    """BM25 written out, with Lucene's idf and the tokens of more than 15 % of the passages left out."""
    mean = sum(map(len, passages)) / len(passages)
    seen = Counter(t for p in passages for t in set(p))
    out = []
    for p in passages:
        total = 0.0
        for t in query:
            if seen[t] <= 0.15 * len(passages) and t in p:
                idf = math.log(1 + (len(passages) - seen[t] + 0.5) / (seen[t] + 0.5))
                total += idf * p.count(t) * (K1 + 1) / (p.count(t) + K1 * (1 - B + B * len(p) / mean))
        out.append(total)
    return out


def test_bm25_over_tokens_is_the_formula() -> None:
    rng = np.random.default_rng(1)
    passages = [rng.integers(0, 60, rng.integers(3, 30)).tolist() for _ in range(80)]
    queries = [[3, 3, 17], [59], [5, 6, 7, 8]]
    index = TokenBM25(join_rows([np.array(p) for p in passages]), CPU)
    found = index.scores(join_rows([np.array(q) for q in queries])).numpy()
    for row, query in enumerate(queries):
        assert found[row].tolist() == pytest.approx(plain_bm25(passages, set(query)), rel=1e-5)


def test_standardising_looks_at_the_counted_places_only() -> None:
    values = torch.tensor([[1.0, 3.0, 100.0], [2.0, 2.0, 2.0]])
    counted = torch.tensor([[True, True, False], [True, True, True]])
    found = standardise(values, counted)
    assert found[0, :2].tolist() == [-1.0, 1.0]
    assert found[1].tolist() == [0.0, 0.0, 0.0]


def test_mining_keeps_gold_and_held_out_passages_out_of_the_negatives(mined: Mined) -> None:
    assert mined.ids.shape == (ASKED, WIDTH)
    for query in range(ASKED - 1):
        assert query not in mined.ids[query]
        assert not {0, 1, 2, 3, 4} & set(mined.ids[query].tolist())


def test_mining_orders_the_first_band_by_the_teacher(mined: Mined) -> None:
    first = mined.scores[:, :NEAR].astype(float)
    assert (np.diff(first, axis=1) <= 0).all()
    assert (first.min(1) >= mined.scores[:, NEAR:].astype(float).max(1) - 1e-3).all()


def test_the_bands_reach_from_the_best_to_the_rest(mined: Mined) -> None:
    means = [part.mean() for part in np.split(mined.scores.astype(float), [NEAR, NEAR + MIDDLE], axis=1)]
    assert means[0] > means[1] > means[2]
    assert FAR == WIDTH - NEAR - MIDDLE


def test_passages_that_hold_the_answer_are_marked() -> None:
    corpus = toy_corpus()
    corpus.passages = join_rows(
        [*(corpus.passages.row(n) for n in range(POOL - 1)), np.array([1003, 11]), np.array([1])]
    )
    found = mine(corpus, toy_vectors(), CPU)
    assert found.holds.any()
    for query in range(ASKED):
        token = 1000 + query
        for number, holds in zip(found.ids[query], found.holds[query], strict=True):
            assert holds == (query % 2 == 1 and token in corpus.passages.row(int(number)))


def test_groups_hold_the_answer_first_and_never_a_held_out_question(mined: Mined) -> None:
    sampler = Sampler(toy_corpus(), mined, {"nq": 1.0, "absent": 1.0})
    batch = sampler.draw(np.random.default_rng(0), 300)
    asked = batch.queries // FORMS
    assert batch.passages.shape == batch.teacher.shape == batch.trusted.shape == (300, SIZE)
    assert asked.min() >= 5
    labelled = asked < ASKED - 1
    assert (batch.passages[labelled, 0] == asked[labelled]).all()
    assert batch.trusted[labelled, 0].all()
    assert not batch.trusted[~labelled].any()
    assert (~labelled).any()


def test_a_querys_own_near_miss_has_no_teacher_and_is_trusted(mined: Mined) -> None:
    batch = Sampler(toy_corpus(), mined, {"nq": 1.0}).draw(np.random.default_rng(1), 400)
    rows = batch.queries // FORMS == 7
    assert rows.any()
    assert (batch.passages[rows, 1] == POOL).all()
    assert np.isnan(batch.teacher[rows, 1]).all()
    assert batch.trusted[rows, 1].all()
    assert not np.isnan(batch.teacher[~rows]).any()


def test_a_negative_near_the_answers_score_is_not_trusted(mined: Mined) -> None:
    batch = Sampler(toy_corpus(), mined, {"nq": 1.0}).draw(np.random.default_rng(2), 200)
    asked = batch.queries // FORMS
    limit = mined.gold[asked].astype(np.float32) - MARGIN
    for row in np.flatnonzero((asked != 7) & (asked < ASKED - 1)):
        assert (batch.trusted[row, 1:] <= (batch.teacher[row, 1:] < limit[row])).all()


def test_without_labels_only_the_teacher_speaks(mined: Mined) -> None:
    batch = Sampler(toy_corpus(), mined, {"nq": 1.0}, labels=False).draw(np.random.default_rng(3), 50)
    assert not batch.trusted.any()


def test_held_out_pairs_are_the_held_out_questions(mined: Mined) -> None:
    queries, passages, labels, questions = held_out_pairs(toy_corpus(), mined)
    assert set(questions.tolist()) == {0, 1, 2, 3, 4}
    assert (queries == questions * FORMS).all()
    assert (passages[labels == 1] == questions[labels == 1]).all()
    assert (passages[labels == 0] >= 5).all()
