"""A straight line through measured times, T = a + b x, with what is known about how sure it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_Z = 1.959963984540054  # 97.5 % quantile of the normal distribution
_FEW = {1: 12.706205, 2: 4.302653, 3: 3.182446}  # of Student's t with so many degrees of freedom


def t_quantile(df: int) -> float:
    """The 97.5 % quantile of Student's t: a 95 % interval is so many standard errors to both sides.

    Expansion in 1/df (Abramowitz and Stegun 1964, 26.7.5); a table for the few where it is not good to 0.001.
    """
    if df < 1:
        return math.inf
    if df in _FEW:
        return _FEW[df]
    z = _Z
    return (
        z
        + (z**3 + z) / (4 * df)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * df**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92_160 * df**4)
    )


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error and ``df`` degrees of freedom; ``extrapolated``: beyond what was measured."""

    value: float
    error: float
    df: int
    extrapolated: bool = False

    @property
    def low(self) -> float:
        """The lower end of the 95 % interval; a time is never below zero."""
        return max(0.0, self.value - t_quantile(self.df) * self.error) if self.error else self.value

    @property
    def high(self) -> float:
        return self.value + t_quantile(self.df) * self.error if self.error else self.value

    def __add__(self, other: Estimate) -> Estimate:
        """The sum of two independent estimates, with the fewer degrees of freedom of the two."""
        return Estimate(
            self.value + other.value,
            math.hypot(self.error, other.error),
            min(self.df, other.df),
            self.extrapolated or other.extrapolated,
        )


@dataclass(frozen=True)
class Line:
    """T = ``a`` + ``b`` x by least squares over ``points`` points up to x = ``largest``.

    ``r2`` is the share of the variance the line explains (None where all times are equal), ``scatter`` the standard
    deviation around it.
    """

    a: float
    b: float
    r2: float | None
    points: int
    largest: float
    mean_x: float
    spread_x: float  # sum of squared deviations of x
    scatter: float

    @property
    def df(self) -> int:
        return self.points - 2

    @property
    def slope(self) -> Estimate:
        return Estimate(self.b, self.scatter / math.sqrt(self.spread_x), self.df)

    def at(self, x: float) -> Estimate:
        """Where the line is at x (not where a single measurement would fall), marked when x was never measured."""
        error = self.scatter * math.sqrt(1 / self.points + (x - self.mean_x) ** 2 / self.spread_x)
        return Estimate(self.a + self.b * x, error, self.df, x > self.largest)


def fit(xs: Sequence[float], times: Sequence[float]) -> Line | None:
    """The least-squares line; None for fewer than three points or only one x: no line, or none with a known error."""
    count = len(xs)
    if count != len(times):
        raise ValueError("as many times as x")
    if count < 3 or len(set(xs)) < 2:
        return None
    mean_x, mean_t = math.fsum(xs) / count, math.fsum(times) / count
    spread_x = math.fsum((x - mean_x) ** 2 for x in xs)
    b = math.fsum((x - mean_x) * (t - mean_t) for x, t in zip(xs, times, strict=True)) / spread_x
    a = mean_t - b * mean_x
    left = math.fsum((t - a - b * x) ** 2 for x, t in zip(xs, times, strict=True))
    whole = math.fsum((t - mean_t) ** 2 for t in times)
    r2 = None if whole == 0 else 1 - left / whole
    return Line(a, b, r2, count, max(xs), mean_x, spread_x, math.sqrt(left / (count - 2)))


def mean(values: Sequence[float]) -> Estimate:
    """The mean of independent values with its standard error."""
    count = len(values)
    centre = math.fsum(values) / count
    if count < 2:
        return Estimate(centre, 0.0, 1)
    variance = math.fsum((value - centre) ** 2 for value in values) / (count - 1)
    return Estimate(centre, math.sqrt(variance / count), count - 1)
