"""Runs, measures and sentences on made-up numbers, each of which can be worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import ir_measures
import pytest

from components.retrieval import export, findings
from components.retrieval.collection import Collection, Query
from components.retrieval.evaluation import Evaluation, Judged, as_run, first_run, grid, interval, judge
from components.retrieval.index import Hits
from components.retrieval.pipeline import QueryRun, Stage
from tests.retrieval.conftest import QUERY, made_run

IDS = ("a", "b", "c", "d", "e")


def test_only_the_first_k_change_their_order():
    run = made_run([0.9, 0.8, 0.7, 0.6, 0.5], [1.0, 2.0, 5.0, 9.0, 7.0])
    assert run.order(1, IDS) == (0, 1, 2, 3, 4)
    assert run.order(3, IDS) == (2, 1, 0, 3, 4)
    assert run.order(5, IDS) == (3, 4, 2, 1, 0)
    assert run.order(99, IDS) == run.order(5, IDS)


def test_ties_go_by_id_descending_as_trec_eval_has_them():
    run = made_run([0.9, 0.8, 0.7], [2.0, 2.0, 3.0])
    assert run.order(3, IDS) == (2, 1, 0)


def test_the_time_of_k_is_the_sum_of_its_pairs():
    run = replace(made_run([0.0] * 3, [0.0] * 3), pair_s=(0.1, 0.2, 0.4))
    assert [run.rerank_s(k) for k in (0, 1, 2, 3, 9)] == pytest.approx([0, 0.1, 0.3, 0.7, 0.7])
    assert run.seconds(2) == pytest.approx(0.01 + 0.002 + 0.3)


def test_ndcg_and_recall_by_hand():
    run = made_run([0.9, 0.8, 0.7, 0.6, 0.5], [1.0, 2.0, 5.0, 4.0, 3.0])
    judged = judge(QUERY, run, {"c": 2, "e": 1, "z": 1}, IDS, (1, 3, 5))
    ideal = 2 + 1 / math.log2(3) + 1 / math.log2(4)
    assert judged.ndcg == pytest.approx(
        ((2 / math.log2(4) + 1 / math.log2(6)) / ideal, (2 + 1 / math.log2(6)) / ideal, (2 + 1 / math.log2(4)) / ideal)
    )
    assert judged.recall == pytest.approx((0, 1 / 3, 2 / 3))


def test_measures_equal_ir_measures_on_the_exported_files():
    """What the page says is what ir-measures says about the files one takes along."""
    queries = [Query("q1", "one"), Query("q2", "=two")]
    collection = Collection("c", IDS, tuple(f"text {id_}" for id_ in IDS), tuple(queries),
                            {"q1": {"a": 3, "d": 1}, "q2": {"b": 0, "e": 2}})  # fmt: skip
    runs = [
        made_run([0.9, 0.8, 0.7, 0.6, 0.5], [1.0, 2.0, 2.0, 2.5, -3.0]),
        made_run([0.9, 0.8, 0.7, 0.6, 0.5], [1.0, 1.0, 1.0, 1.0, 1.0]),
    ]
    made = tuple(
        judge(query, run, collection.qrels[query.id], IDS, (1, 2, 4)) for query, run in zip(queries, runs, strict=True)
    )
    evaluation = Evaluation(Stage.BI_ENCODER, (1, 2, 4), made, 2)
    for k in (1, 2, 4):
        taken = export.Taken(collection, Stage.BI_ENCODER, k, tuple(zip(queries, runs, strict=True)), made,
                             collection.qrels, _info("bi-encoder"), _info("cross-encoder"))  # fmt: skip
        qrels = list(ir_measures.read_trec_qrels(export.qrels_file(taken)))
        ndcg, recall = ir_measures.nDCG @ 10, ir_measures.R @ k
        after = ir_measures.calc_aggregate([ndcg], qrels, list(ir_measures.read_trec_run(export.reranked_file(taken))))
        first = list(ir_measures.read_trec_run(export.first_stage_file(taken)))
        before = ir_measures.calc_aggregate([ndcg, recall], qrels, first)
        assert evaluation.ndcg(k) == pytest.approx(after[ndcg], abs=1e-9)
        assert evaluation.ndcg(1) == pytest.approx(before[ndcg], abs=1e-9)
        assert evaluation.recall(k) == pytest.approx(before[recall], abs=1e-9)
        rows = export.per_query_file(taken).splitlines()
        assert len(rows) == 3
        assert "'=two" in rows[2], "what begins like a formula is made harmless"


def _info(kind):
    from components.records import Kind, ScorerInfo

    return ScorerInfo(f"{kind}:x", Kind(kind), "x", "cosine" if kind == "bi-encoder" else "logit", 256, "f" * 64)


def test_scores_in_a_run_file_stand_in_the_order_of_the_ranks():
    run = made_run([0.9, 0.8, 0.7, 0.6, 0.5], [1.0, -2.0, 5.0, 9.0, 7.0])
    scores = as_run(run.order(3, IDS), IDS, run, 3)
    assert sorted(scores, key=lambda id_: -scores[id_]) == ["c", "a", "b", "d", "e"]
    assert scores["c"] == 5.0
    assert scores["d"] == -3.0
    assert first_run(run.hits, IDS)["a"] == 0.9


def test_the_grid_ends_with_what_was_asked_for():
    assert grid(50) == (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50)
    assert grid(8) == (1, 2, 3, 5, 7, 8)
    assert grid(1) == (1,)


def test_the_interval_holds_the_mean_and_is_the_same_each_time():
    found = interval([0.1, 0.2, 0.3, 0.0])
    assert found == interval([0.1, 0.2, 0.3, 0.0])
    assert found.mean == pytest.approx(0.15)
    assert found.low < found.mean < found.high
    assert interval([0.5] * 4) == (type(found))(0.5, 0.5, 0.5)


def evaluation_of(*gains_at_ends: tuple[float, float, float], asked: int = 0) -> Evaluation:
    """Queries with nDCG@10 at k = 1, 5, 10."""
    ks = (1, 5, 10)
    run = made_run([0.5] * 10, [0.5] * 10)
    made = tuple(
        Judged(Query(f"q{n}", f"query {n}"), run, ks, values, (0.2, 0.6, 1.0), (values[0], 0.3, 0.4))
        for n, values in enumerate(gains_at_ends)
    )
    return Evaluation(Stage.BI_ENCODER, ks, made, asked or len(made))


@pytest.mark.parametrize(
    ("values", "words", "depth"),
    [
        ((0.5, 0.7, 0.8), "pays", "highest at the largest k"),
        ((0.5, 0.4, 0.3), "hurts", "The best k here is 1"),
        ((0.5, 0.5, 0.5), "makes no measurable difference", "No k up to 10 changes"),
        ((0.5, 0.9, 0.6), "pays", "Best at k = 5 (0.900); more re-ranking hurts here: 0.600 at k = 10"),
        ((0.5, 0.8, 0.8), "pays", "From k = 5 on (0.800) more re-ranking buys nothing but time"),
    ],
)
def test_the_finding_says_what_the_numbers_say(values, words, depth):
    evaluation = evaluation_of(*[values] * 5)
    sentence = findings.evaluation_sentence(evaluation, 10)
    assert f"of the bi-encoder {words}: nDCG@10 {values[0]:.3f} → {values[2]:.3f}" in sentence
    assert "over 5 queries, 1.01 s a query instead of 12 ms" in sentence
    assert depth in findings.depth_sentence(evaluation)


def test_an_interval_around_zero_is_no_advantage():
    evaluation = evaluation_of((0.5, 0.5, 0.9), (0.5, 0.5, 0.2), (0.5, 0.5, 0.6))
    assert "makes no measurable difference" in findings.evaluation_sentence(evaluation, 10)


def test_a_stopped_evaluation_says_over_how_many():
    assert "over 1 of 60 queries" in findings.evaluation_sentence(evaluation_of((0.1, 0.2, 0.3), asked=60), 10)
    assert "nothing is re-ranked" in findings.evaluation_sentence(evaluation_of((0.1, 0.2, 0.3)), 1)


def test_ceiling_stages_and_choice():
    evaluation = evaluation_of((0.5, 0.4, 0.3))
    assert "hold 60 %" in findings.ceiling_sentence(evaluation, 5)
    assert "reach every one" in findings.ceiling_sentence(evaluation, 10)
    assert findings.stages_sentence(evaluation).endswith(
        "bi-encoder 0.500, BM25 and bi-encoder fused 0.400, BM25 0.300."
    )
    assert "the bi-encoder alone is best (nDCG@10 0.500)" in findings.choice_sentence([evaluation], 10)
    helped = evaluation_of((0.5, 0.7, 0.8))
    assert "Of the 4 set-ups" in findings.choice_sentence([helped], 10)
    assert "the first 10 re-ranked is best" in findings.choice_sentence([helped], 10)
    assert findings.choice_sentence([], 10) == ""


def test_sentences_of_one_query():
    run = made_run([0.9, 0.8, 0.7], [1.0, 2.0, 3.0], 0.5 / 3)
    judged = judge(QUERY, run, {"c": 1}, IDS, (1, 3))
    assert findings.query_sentence(run, 3, judged, IDS) == (
        "Re-ranking 3 raises nDCG@10 from 0.50 to 1.00; it takes 512 ms, 12 ms without."
    )
    assert "nothing is re-ranked" in findings.query_sentence(run, 1, judged, IDS)
    lowered = judge(QUERY, run, {"a": 1}, IDS, (1, 3))
    assert "lowers nDCG@10 from 1.00 to 0.50" in findings.query_sentence(run, 3, lowered, IDS)
    assert "brings rank 3 to the first place and changes none" in findings.query_sentence(run, 3, None, IDS)
    assert "finds nothing" in findings.query_sentence(replace(run, hits=Hits((), ()), logits=()), 3, None, IDS)
    alone = replace(run, logits=(), pair_s=())
    assert findings.query_sentence(alone, 3, None, IDS) == "First stage only: the bi-encoder took 12 ms."


def test_what_stage_one_cut_off():
    run: QueryRun = made_run([0.9, 0.8, 0.7], [1.0, 2.0, 3.0])
    assert findings.cut_sentence(run, 2, 5, None, IDS) == (
        "The first stage cut off 3 of 5 passages: the cross-encoder never sees them."
    )
    assert "none of the 1 judged relevant" in findings.cut_sentence(run, 2, 5, {"a": 1}, IDS)
    assert "1 of the 2 judged relevant (highest grade 3)" in findings.cut_sentence(run, 2, 5, {"a": 1, "c": 3}, IDS)
    assert "cut nothing off" in findings.cut_sentence(run, 3, 3, None, IDS)


@pytest.mark.parametrize(
    ("value", "words"), [(0.0008, "0.8 ms"), (0.014, "14 ms"), (2.05, "2.05 s"), (0.9996, "1000 ms")]
)
def test_times_in_words(value, words):
    assert findings.seconds(value) == words
