"""Lines through times: against numpy and scipy, and what they say where there is no line."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from components.timing.fit import Estimate, fit, mean, t_quantile


@pytest.mark.parametrize("df", [1, 2, 3, 4, 5, 8, 13, 30, 58, 1000])
def test_t_quantile_is_students(df):
    assert t_quantile(df) == pytest.approx(stats.t.ppf(0.975, df), abs=2e-3)


def test_no_degree_of_freedom_no_interval():
    assert t_quantile(0) == math.inf


def test_a_line_is_least_squares_with_its_intervals():
    chance = np.random.default_rng(3)
    x = np.repeat([2.0, 4, 8, 16, 32], 6)
    time = 5 + 3 * x + chance.normal(0, 4, len(x))
    line = fit(list(x), list(time))
    reference = stats.linregress(x, time)
    assert (line.a, line.b) == pytest.approx((reference.intercept, reference.slope))
    assert line.r2 == pytest.approx(reference.rvalue**2)
    assert line.slope.error == pytest.approx(reference.stderr)
    assert line.at(0).error == pytest.approx(reference.intercept_stderr)
    far = line.at(1_000_000)
    half = stats.t.ppf(0.975, len(x) - 2) * reference.stderr * 1_000_000
    assert far.high - far.value == pytest.approx(half, rel=1e-3)  # far away the slope's error is all there is


def test_beyond_the_largest_x_is_extrapolated():
    line = fit([1, 2, 4], [1, 2.1, 4])
    assert not line.at(4).extrapolated
    assert line.at(5).extrapolated


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    chance = np.random.default_rng(1)
    x = np.repeat([2.0, 8, 32], 5)
    hits = 0
    for _ in range(400):
        estimate = fit(list(x), list(5 + 3 * x + chance.normal(0, 4, len(x)))).at(1000)
        hits += estimate.low <= 3005 <= estimate.high
    assert 0.92 <= hits / 400 <= 0.98


@pytest.mark.parametrize(("xs", "times"), [([], []), ([1], [1]), ([1, 2], [1, 2]), ([3, 3, 3], [1, 2, 3])])
def test_no_line_through_too_little(xs, times):
    assert fit(xs, times) is None


def test_r2_is_not_defined_where_all_times_are_equal():
    line = fit([1, 2, 3], [7, 7, 7])
    assert (line.a, line.b, line.r2) == (7, 0, None)
    assert (line.at(9).low, line.at(9).high) == (7, 7)


def test_sums_add_variances_and_keep_the_mark():
    total = Estimate(10, 3, 9) + Estimate(5, 4, 20, extrapolated=True)
    assert (total.value, total.error, total.df, total.extrapolated) == (15, 5, 9, True)


def test_a_time_is_never_below_zero():
    assert Estimate(1, 5, 10).low == 0


def test_mean_has_the_standard_error_of_the_mean():
    values = [3.0, 5.0, 4.0, 8.0]
    assert mean(values).value == 5
    assert mean(values).error == pytest.approx(stats.sem(values))
