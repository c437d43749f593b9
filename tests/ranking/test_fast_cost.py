"""The sentence about fast mode on made-up columns."""

import pytest

from components.ranking.fast_cost import fast_costs, fast_sentence
from components.records import Column, Kind, PairScore, ScorerInfo


def column(values, dtype, kind=Kind.CROSS_ENCODER, unit="logit"):
    info = ScorerInfo(str(kind), kind, "m", unit, dtype=dtype)
    return Column(info, tuple(PairScore(value, 1, 1) for value in values))


def test_order_and_largest_difference_are_of_the_columns():
    (cost,) = fast_costs([column([3.0, 1.0, 2.5], "bfloat16")], [column([3.1, 1.0, 3.2], "float32")])
    assert cost.tau_b == pytest.approx(1 / 3)  # one of three pairs changed sides
    assert cost.largest == pytest.approx(0.7)


def test_columns_without_a_fast_form_are_left_out():
    words = [column([1.0, 2.0], "float32", Kind.BM25, "BM25")]
    fast = [column([1.0, 2.0], "bfloat16"), *words]
    said = fast_sentence(fast, [column([1.0, 2.25], "float32"), *words])
    assert said == (
        "Fast mode (bfloat16) against float32 on these 2 documents. "
        "Cross-encoder: tau-b 1.000, largest logit difference 0.25."
    )
    assert "so the scores are exact" in fast_sentence(words, words)


def test_an_agreement_that_is_not_whole_is_never_rounded_to_one():
    values = [float(n) for n in range(200)]
    near = [*values[:2], values[3], values[2], *values[4:]]
    assert "tau-b 0.999" in fast_sentence([column(near, "bfloat16")], [column(values, "float32")])


@pytest.mark.parametrize(
    ("fast", "exact", "words"),
    [
        (
            [1.0],
            [1.5],
            "on this document. Cross-encoder: tau-b not defined for one document, largest logit difference 0.5",
        ),
        ([1.0, 1.0], [2.0, 1.0], "tau-b not defined (all level)"),
        ([1.0, 2.0], [2.0, 1.0], "tau-b −1.000"),
        ([1.0, 2.0], [1.0, 2.0], "tau-b 1.000, largest logit difference 0."),
    ],
)
def test_what_is_said(fast, exact, words):
    assert words in fast_sentence([column(fast, "bfloat16")], [column(exact, "float32")])
