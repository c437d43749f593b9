"""The sentences, on made-up records: agreement, disagreement, ties, one document, one column, more than two."""

import pytest

from components.ranking.findings import agreements, finding, format_score, work_details, work_sentence
from components.records import Column, Comparison, Document, Kind, PairScore, ScorerInfo

UNITS = {Kind.BI_ENCODER: "cosine", Kind.CROSS_ENCODER: "logit", Kind.BM25: "BM25"}


def column(kind, values, name="m", **counts):
    info = ScorerInfo(f"{kind}:{name}", kind, name, UNITS[kind])
    return Column(info, tuple(PairScore(value, 5, 5) for value in values), **counts)


def comparison(*columns, **counts):
    documents = tuple(Document(number, f"text {number}") for number in range(1, len(columns[0].scores) + 1))
    return Comparison("query", documents, columns, **counts)


def test_disagreement_names_both_first_places_with_their_scores():
    said = finding(comparison(column(Kind.BI_ENCODER, [0.1, 0.71, 0.2]), column(Kind.CROSS_ENCODER, [6.2, 1, 0])))
    assert said == (
        "The models disagree on the first place: the bi-encoder puts document 2 first (cosine 0.71) and the "
        "cross-encoder puts document 1 first (logit 6.20)."
    )


def test_agreement_on_the_first_place_only():
    said = finding(comparison(column(Kind.BI_ENCODER, [0.9, 0.5, 0.2]), column(Kind.CROSS_ENCODER, [3, -2, -1])))
    assert said == (
        "Both models put document 1 first (bi-encoder cosine 0.90 and cross-encoder logit 3.00); below it, they differ."
    )


def test_agreement_on_everything():
    said = finding(comparison(column(Kind.BI_ENCODER, [0.9, 0.5]), column(Kind.CROSS_ENCODER, [3, -2])))
    assert said.endswith(", and agree on the whole order.")


def test_a_tie_for_the_first_place():
    said = finding(comparison(column(Kind.BI_ENCODER, [0.9, 0.9, 0.1]), column(Kind.CROSS_ENCODER, [1, 0, 0])))
    assert "documents 1 and 2 level first (cosine 0.90)" in said
    assert said.startswith("The models do not pick the same first place")


def test_everything_ties():
    said = finding(comparison(column(Kind.BM25, [0.0, 0.0]), column(Kind.BI_ENCODER, [0.0, 0.0])))
    assert said.startswith("The models agree on a tie for the first place")
    assert "all 2 documents level" in said


def test_one_document_has_no_order():
    said = finding(comparison(column(Kind.BI_ENCODER, [0.61]), column(Kind.CROSS_ENCODER, [-0.001])))
    assert said == (
        "With one document there is no order to compare: the bi-encoder gives cosine 0.61 and the cross-encoder gives "
        "logit 0.00."
    )
    assert agreements(comparison(column(Kind.BI_ENCODER, [0.6]), column(Kind.CROSS_ENCODER, [1]))) == ()


def test_one_column():
    assert finding(comparison(column(Kind.BI_ENCODER, [0.2, 0.6]))) == (
        "The bi-encoder puts document 2 first (cosine 0.60)."
    )


def test_two_models_of_one_kind_are_told_apart_by_name():
    said = finding(comparison(column(Kind.CROSS_ENCODER, [1, 2], "small"), column(Kind.CROSS_ENCODER, [2, 1], "large")))
    assert "cross-encoder small puts document 2" in said
    assert "cross-encoder large puts document 1" in said


def test_three_columns_agree():
    said = finding(
        comparison(
            column(Kind.BM25, [2.0, 1.0]), column(Kind.BI_ENCODER, [0.9, 0.1]), column(Kind.CROSS_ENCODER, [5, 4])
        )
    )
    assert said.startswith("All 3 columns put document 1 first")


def test_agreement_of_every_pair_of_columns():
    three = comparison(
        column(Kind.BM25, [3, 2, 1, 0]), column(Kind.BI_ENCODER, [0, 1, 2, 3]), column(Kind.CROSS_ENCODER, [3, 2, 1, 0])
    )
    found = {(pair.first, pair.second): (pair.tau_b, pair.shared, pair.k) for pair in agreements(three)}
    assert found[("BM25", "bi-encoder")] == (-1, 2, 3)
    assert found[("BM25", "cross-encoder")] == (1, 3, 3)
    assert len(found) == 3


def test_work_is_said_in_forward_passes():
    done = comparison(
        column(Kind.BI_ENCODER, [0.1, 0.2], computed=0, texts_embedded=1, vectors_kept=2),
        column(Kind.CROSS_ENCODER, [1, 2], computed=2),
        scored=2,
        kept=0,
        seconds=0.084,
    )
    assert work_sentence(done) == "2 scored, 0 kept, 0.08 s"
    assert work_details(done) == (
        "The bi-encoder embedded 1 text and used 2 kept vectors and the cross-encoder read 2 pairs."
    )


@pytest.mark.parametrize(("value", "shown"), [(0.714, "0.71"), (-0.001, "0.00"), (-4.5, "−4.50"), (1234.5, "1234.50")])
def test_scores_are_shown_with_a_real_minus_and_no_minus_zero(value, shown):
    assert format_score(value) == shown
