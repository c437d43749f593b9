"""The figures of a load run, on numbers one can check by hand."""

from __future__ import annotations

import math

from tests.load.report import HEAD, Figures, cost_s, memory_words, percentile, row, verdict


def figures(sessions=1, first=(1.0,), warm=1000.0, end=1000.0):
    return Figures(sessions, 1.0, tuple(first), (2.0,), (), 0, warm, end, 0.5, 1.0)


def test_percentiles_are_values_that_were_measured():
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([7], 0.95) == 7
    assert math.isnan(percentile([], 0.5))


def test_the_verdict_is_the_sum_of_the_bar():
    alone = figures(first=[0.5] * 20)
    assert verdict(alone, figures(50, [10.9]), 0.1, 0.1).startswith("held: p95(50) 10.90 s, bar 11.00 s")
    assert verdict(alone, figures(50, [11.1]), 0.1, 0.1).startswith("MISSED")


def test_memory_is_flat_within_five_percent():
    assert memory_words(figures(warm=1000, end=1049)).startswith("flat")
    assert memory_words(figures(warm=1000, end=1051)).startswith("GREW: 1000 -> 1051 MB (+5.1%)")


def test_a_row_has_a_cell_for_each_heading():
    assert len(row(figures()).split(" | ")) == len(HEAD.splitlines()[0].split(" | "))


def test_the_cost_of_a_result_is_the_servers_processor_time():
    assert cost_s(figures()) == 0.5 * 60 / 1
    assert math.isnan(cost_s(Figures(200, 1.0, (1.0,), (), (), 0, 1, 1, 0.5, 1.0)))
