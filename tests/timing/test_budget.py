"""What fits into a budget and what a large collection costs, on races whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from components.timing import budget
from components.timing.records import Way, p95, quantile
from tests.timing.made import lap, race_of


def test_quantiles_are_numpy_s():
    values = list(np.random.default_rng(0).normal(50, 9, 37))
    for share in (0.0, 0.05, 0.5, 0.95, 1.0):
        assert quantile(values, share) == pytest.approx(np.quantile(values, share))
    with pytest.raises(ValueError, match="no values"):
        p95([])


def test_the_lines_find_what_a_document_costs_and_leave_the_warm_up_out():
    result = race_of(cross=10, embed=8, query=6)
    cross, nothing = (budget.line_of_documents(result, way) for way in (Way.CROSS, Way.NOTHING))
    assert (cross.a, cross.b) == pytest.approx((5, 10), abs=0.1)
    assert (nothing.a, nothing.b) == pytest.approx((6, 8), abs=0.1)
    assert cross.points == 15
    assert cross.r2 > 0.999


def test_tokens_count_with_padding():
    line = budget.line_of_tokens(race_of(cross=10), Way.CROSS)
    assert line.b == pytest.approx(10 / 30, rel=0.01)


def test_documents_within_a_budget_are_those_below_the_p95_line():
    result = race_of(cross=10, noise=(0, 0, 0, 20))
    line = budget.p95_line(result, Way.CROSS)
    assert line.a == pytest.approx(5 + 17)  # p95 of 0, 0, 0, 20
    within = budget.documents_within(line, 102)
    assert (within.documents, within.extrapolated) == (8, False)
    assert budget.documents_within(line, 101.9).documents == 7
    assert budget.documents_within(line, 10).documents == 0
    assert budget.documents_within(line, 1000).extrapolated


def test_no_budget_where_time_does_not_grow():
    line = budget.p95_line(race_of(cross=-0.1), Way.CROSS)
    assert budget.documents_within(line, 100) is None


def test_no_p95_of_fewer_than_three_replicates():
    assert budget.p95_line(race_of(noise=(0.0, 0.1)), Way.CROSS) is None


def test_a_million_documents():
    costs = budget.costs(race_of(cross=10, embed=8, query=6, scan=0.001))
    n = 1_000_000
    assert costs.cross_over_all(n).value == pytest.approx(10 * n, rel=0.01)
    assert costs.cross_over_all(n).extrapolated
    assert costs.cross_over_all(n).low < 10 * n < costs.cross_over_all(n).high
    assert costs.index(n).value == pytest.approx(6.5 + 1000, rel=0.01)
    assert costs.two_stage(n, 100).value == pytest.approx(6.5 + 1000 + 1005, rel=0.01)
    assert costs.two_stage(10, 100).value == pytest.approx(costs.index(10).value + costs.cross.at(10).value)
    assert costs.break_even(n) == pytest.approx(8 / 10, rel=0.01)


def test_nothing_breaks_even_where_the_index_is_no_faster():
    assert budget.costs(race_of(cross=0.001, scan=0.01)).break_even(1_000_000) is None


def test_no_costs_without_searches():
    result = race_of()
    assert budget.costs(result) is not None
    assert budget.costs(type(result)(**{**vars(result), "scans": ()})) is None


def test_a_race_alone_has_no_line_but_a_result():
    result = race_of()
    alone = type(result)(**{**vars(result), "laps": result.laps_of(Way.CROSS), "legs": result.legs[:1]})
    assert budget.line_of_documents(alone, Way.CROSS) is None
    assert alone.rounds == 3
    assert alone.typical(Way.CROSS) == lap(0, Way.CROSS, 2, 85.0)
