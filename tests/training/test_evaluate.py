"""Measures of the held-out table, by hand and against ir-measures."""

from __future__ import annotations

import math
from pathlib import Path

import ir_measures
import numpy as np
import pytest

from components.training.baselines import auc, bm25_scores, bootstrap
from components.training.entailment import Pair
from components.training.entailment_evaluate import correct, hypothesis_only, macro_f1
from components.training.evaluate import first_is_best, remember
from components.training.heldout import Question, per_query

TOY = Question("q1", "cats", ("a b", "cats eat", "cats"), (0, 3, 1), ("d1", "d2", "d3"), (), (("d9", 2),))


def test_ndcg_counts_judged_documents_outside_the_candidates() -> None:
    # order d2 (3), d1 (0), d3 (1); ideal is 3, 2, 1 because d9 was judged 2 though it is no candidate
    found = per_query([TOY], [np.array([0.5, 0.9, 0.1])], "nDCG@10")
    gain = 3 / math.log2(2) + 0 + 1 / math.log2(4)
    ideal = 3 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)
    assert found[0] == pytest.approx(gain / ideal, abs=1e-6)


def test_per_query_agrees_with_ir_measures() -> None:
    rng = np.random.default_rng(0)
    names = tuple(f"d{i}" for i in range(20))
    questions = [Question(f"q{n}", "x", names, tuple(int(g) for g in rng.integers(0, 4, 20)), names) for n in range(5)]
    scores = [rng.normal(size=20) for _ in questions]
    qrels = [ir_measures.Qrel(q.qid, d, g) for q in questions for d, g in zip(names, q.grades, strict=True)]
    run = [
        ir_measures.ScoredDoc(q.qid, d, float(s))
        for q, values in zip(questions, scores, strict=True)
        for d, s in zip(names, values, strict=True)
    ]
    wanted = ir_measures.calc_aggregate([ir_measures.nDCG @ 10], qrels, run)[ir_measures.nDCG @ 10]
    assert per_query(questions, scores, "nDCG@10").mean() == pytest.approx(wanted)


def test_reciprocal_rank_of_the_second_place_is_a_half() -> None:
    question = Question("q", "x", ("a", "b", "c"), (0, 1, 0))
    assert per_query([question], [np.array([3.0, 2.0, 1.0])], "RR")[0] == pytest.approx(0.5)


def test_first_is_best_shares_ties() -> None:
    assert first_is_best([np.array([1.0, 0.0]), np.array([1.0, 1.0]), np.array([0.0, 1.0])]).tolist() == [1.0, 0.5, 0.0]


def test_auc_by_hand() -> None:
    # pairs (2,1) right, (2,3) wrong, (1,1) tie, (1,3) wrong: 1.5 of 4
    assert auc(np.array([2.0, 1.0]), np.array([1.0, 3.0])) == pytest.approx(1.5 / 4)


def test_bootstrap_of_a_constant_difference_is_that_constant() -> None:
    assert bootstrap(np.full(30, 0.25), 1000) == pytest.approx((0.25, 0.25))


def test_bm25_prefers_the_text_with_the_word() -> None:
    scores = bm25_scores([TOY, Question("q2", "dogs", ("dogs bark", "a b"), (1, 0))])
    assert scores[0][2] > scores[0][0] == 0
    assert scores[1][0] > scores[1][1]


def test_two_way_rows_only_ask_for_entailment_or_not() -> None:
    pairs = [Pair("p", "h", label, "x") for label in ("not_entailment", "not_entailment", "entailment")]
    assert correct(np.array([2, 0, 0]), pairs).tolist() == [True, False, True]


def test_macro_f1_by_hand() -> None:
    pairs = [Pair("p", "h", label, "x") for label in ("entailment", "neutral", "contradiction")]
    # all guessed entailment: precision 1/3, recall 1, F1 = 0.5; the other two classes have 0
    assert macro_f1(np.array([0, 0, 0]), pairs) == pytest.approx(0.5 / 3)


def test_hypothesis_only_learns_a_word_that_gives_the_label_away() -> None:
    train = [Pair("p", f"nobody sings {i}", "contradiction", "x") for i in range(200)]
    train += [Pair("p", f"somebody sings {i}", "entailment", "x") for i in range(200)]
    classify = hypothesis_only(train, epochs=20)
    assert classify([Pair("p", "nobody dances", "", "x"), Pair("p", "somebody dances", "", "x")]).tolist() == [2, 0]


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    calls = []

    def make() -> np.ndarray:
        calls.append(1)
        return np.array([1.0, 2.0])

    for key in (["a", "b"], ["a", "b"], ["ab"]):
        assert remember(tmp_path, key, make).tolist() == [1.0, 2.0]
    assert len(calls) == 2
    remember(None, ["a", "b"], make)
    assert len(calls) == 3
