"""Measures equal the arithmetic on paper, and what ir-measures finds in the exported files."""

from __future__ import annotations

import math
from pathlib import Path

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.judging.metrics import default_cutoff, measure
from components.judging.trec import qrels_file, run_file, trec_ids, trec_order
from components.records import Column, Document, Kind, PairScore, ScorerInfo


def column(*scores: float) -> Column:
    return Column(ScorerInfo("x", Kind.BM25, "x", "BM25"), tuple(PairScore(score, 3, 3) for score in scores))


def documents(count: int, ids: tuple[str, ...] = ()) -> tuple[Document, ...]:
    return tuple(Document(n, f"text {n}", ids[n - 1] if ids else "") for n in range(1, count + 1))


def test_three_documents_by_hand() -> None:
    # order: document 3 (grade 0), document 1 (grade 2), document 2 (grade 1)
    quality = measure([column(0.5, 0.1, 0.9)], documents(3), (2, 1, 0), k=2)
    assert quality is not None
    assert quality.measures == ("nDCG@2", "AP", "RR", "P@2")
    ndcg, ap, rr, precision = (value.value for value in quality.columns[0].values)
    assert ndcg == pytest.approx((2 / math.log2(3)) / (2 / math.log2(2) + 1 / math.log2(3)))
    assert ap == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert rr == pytest.approx(1 / 2)
    assert precision == pytest.approx(1 / 2)
    assert quality.ideal == (0, 1, 2)
    assert not any(value.hangs_on_ties for value in quality.columns[0].values)


def test_nothing_is_measured_before_the_first_judgment() -> None:
    assert measure([column(1, 2)], documents(2), (None, None), k=1) is None


def test_unjudged_documents_count_as_not_relevant() -> None:
    quality = measure([column(3, 2, 1)], documents(3), (None, 3, None), k=1)
    assert quality is not None
    assert (quality.judged, quality.unjudged, quality.relevant) == (1, 2, 1)
    assert [value.value for value in quality.columns[0].values] == [0.0, 0.5, 0.5, 0.0]


def test_ties_are_ordered_by_id_descending_with_best_and_worst_case() -> None:
    ids = trec_ids(documents(3))
    assert ids == ("d001", "d002", "d003")
    assert trec_order(ids, (1.0, 1.0, 2.0)) == (2, 1, 0)
    quality = measure([column(1.0, 1.0, 0.0)], documents(3), (3, 0, 0), k=1)
    assert quality is not None
    rr = quality.columns[0].values[2]
    assert (rr.worst, rr.value, rr.best) == (0.5, 0.5, 1.0)
    assert rr.hangs_on_ties


def test_scores_that_single_precision_cannot_tell_apart_are_ties() -> None:
    assert trec_order(("a", "b"), (1.0 + 1e-12, 1.0)) == (1, 0)


def test_ids_of_a_file_are_used_where_they_can_be() -> None:
    assert trec_ids(documents(2, ("x 1", "y"))) == ("x_1", "y")
    assert trec_ids(documents(2, ("x 1", "x_1"))) == ("d001", "d002")


def test_default_cutoff_never_exceeds_the_list() -> None:
    assert all(default_cutoff(count) <= count for count in range(1, 250))


scores = st.sampled_from([-3.5, -1.0, 0.0, 0.25, 0.1, 1.0 + 1e-12, 1.0]) | st.floats(-20, 20, width=32)
judged = st.lists(st.tuples(scores, st.none() | st.integers(0, 3)), min_size=1, max_size=15)


@given(judged, st.sampled_from([1, 3, 5, 10]))
@settings(max_examples=60, deadline=None)
def test_measures_equal_those_of_the_exported_files(rows: list[tuple[float, int | None]], k: int) -> None:
    values, grades = [row[0] for row in rows], [row[1] for row in rows]
    quality = measure([column(*values)], documents(len(rows)), grades, k)
    if quality is None:
        return
    run = ir_measures.read_trec_run(run_file(column(*values), documents(len(rows)), "x y"))
    qrels = ir_measures.read_trec_qrels(qrels_file(documents(len(rows)), grades))
    names = [ir_measures.parse_measure(name) for name in quality.measures]
    expected = ir_measures.calc_aggregate(names, list(qrels), list(run))
    for name, value in zip(names, quality.columns[0].values, strict=True):
        assert value.value == pytest.approx(expected[name], abs=1e-12)
        assert value.worst - 1e-12 <= value.value <= value.best + 1e-12


def test_run_file_can_be_read_by_its_columns(tmp_path: Path) -> None:
    text = run_file(column(0.1, 2.5), documents(2), "cross-encoder relevance")
    assert text == "q1 Q0 d002 1 2.5 cross-encoder-relevance\nq1 Q0 d001 2 0.1 cross-encoder-relevance\n"
    assert qrels_file(documents(3), (3, None, 0)) == "q1 0 d001 3\nq1 0 d003 0\n"
