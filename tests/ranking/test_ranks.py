import math
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from components.ranking.agreement import kendall_tau_b, top_overlap
from components.ranking.ranks import competition_ranks, moves, order

SCORES = st.lists(st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6)), min_size=1, max_size=30)


def test_ties_share_a_rank_and_the_next_is_skipped():
    assert competition_ranks([0.5, 0.9, 0.5, 0.1]) == (2, 1, 2, 4)


def test_order_keeps_ties_in_input_order():
    assert order([1.0, 2.0, 1.0]) == (1, 0, 2)


def test_moves_are_places_risen():
    assert moves([1, 2, 3], [3, 1, 2]) == (-2, 1, 1)


def test_nan_is_refused():
    with pytest.raises(ValueError, match="not a number"):
        competition_ranks([1.0, math.nan])


@given(SCORES)
def test_ranks_equal_scipys(scores):
    expected = stats.rankdata([-score for score in scores], method="min")
    assert list(competition_ranks(scores)) == [int(rank) for rank in expected]


@given(st.data())
def test_tau_b_equals_scipys(data):
    first = data.draw(SCORES)
    second = data.draw(st.lists(st.integers(-3, 3).map(float), min_size=len(first), max_size=len(first)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy warns where it answers NaN
        expected = stats.kendalltau(first, second, variant="b").statistic
    mine = kendall_tau_b(first, second)
    if mine is None:
        assert math.isnan(expected)
    else:
        assert mine == pytest.approx(expected, abs=1e-9)


def test_tau_b_by_hand():
    # pairs: (1,2) same order, (1,3) same, (2,3) reversed: (2 - 1) / 3
    assert kendall_tau_b([3, 2, 1], [3, 1, 2]) == pytest.approx(1 / 3)
    assert kendall_tau_b([1], [1]) is None
    assert kendall_tau_b([1, 2], [5, 5]) is None


def test_overlap_of_the_top():
    assert top_overlap([3, 2, 1, 0], [0, 3, 2, 1], 2) == 1
    assert top_overlap([3, 2, 1, 0], [3, 2, 1, 0], 3) == 3
