"""What the measured times allow: documents within a budget, and what a large collection would take."""

from __future__ import annotations

import math
from dataclasses import dataclass

from components.timing.fit import Estimate, Line, fit, mean
from components.timing.records import FEWEST_ROUNDS, Part, RaceResult, Way, p95

BUDGETS = (
    5,
    10,
    15,
    20,
    30,
    40,
    50,
    75,
    100,
    150,
    200,
    250,
    300,
    400,
    500,
    750,
    1_000,
    1_500,
    2_000,
    3_000,
    5_000,
    10_000,
)
COLLECTIONS = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
KEPT = (10, 20, 50, 100, 200, 500)  # documents the first stage hands on


def sizes(result: RaceResult, way: Way) -> list[tuple[int, tuple[float, ...]]]:
    """Number of documents and the times of its laps, smallest first: the race and the legs of other sizes."""
    legs = [leg for leg in result.legs if leg.part in (Part.RACE, Part.SIZE)]
    found = [(leg.documents, result.totals(way, leg.index)) for leg in legs]
    return sorted((documents, times) for documents, times in found if times)


def line_of_documents(result: RaceResult, way: Way) -> Line | None:
    """T = a + b n over every lap: how the time grows with the number of documents."""
    points = [(float(n), time) for n, times in sizes(result, way) for time in times]
    return fit([x for x, _ in points], [time for _, time in points])


def line_of_tokens(result: RaceResult, way: Way) -> Line | None:
    """T = a + b t over every lap of every leg, t the tokens that go through the model, padding included."""
    laps = [lap for lap in result.laps if lap.way is way and lap.round > 0]
    legs = {leg.index: leg for leg in result.legs}
    return fit([float(legs[lap.leg].work_of(way).padded) for lap in laps], [lap.total for lap in laps])


def p95_line(result: RaceResult, way: Way) -> Line | None:
    """A line through the 95th percentiles of each number of documents."""
    points = [(float(n), p95(times)) for n, times in sizes(result, way) if len(times) >= FEWEST_ROUNDS]
    return fit([x for x, _ in points], [time for _, time in points])


@dataclass(frozen=True)
class Within:
    """How many documents fit into ``budget`` milliseconds at p95, and whether so many were ever timed."""

    budget: float
    documents: int
    extrapolated: bool


def documents_within(line: Line, budget: float) -> Within | None:
    """Documents that fit; None where the time does not grow with their number, so that no limit can be computed."""
    if line.b <= 0:
        return None
    count = max(0, math.floor((budget - line.a) / line.b + 1e-9))
    return Within(budget, count, count > line.largest)


@dataclass(frozen=True)
class Costs:
    """What a large collection is computed from: three lines, and the time of embedding one query."""

    cross: Line
    embed: Line
    scan: Line
    query: Estimate

    def cross_over_all(self, n: int) -> Estimate:
        """The cross-encoder over n documents."""
        return self.cross.at(n)

    def index(self, n: int) -> Estimate:
        """The query embedded and compared with n vectors that are there already."""
        return self.query + self.scan.at(n)

    def two_stage(self, n: int, k: int) -> Estimate:
        """The index over n documents, then the cross-encoder over its best k."""
        return self.index(n) + self.cross.at(min(k, n))

    def embedding(self, n: int) -> Estimate:
        """All n documents embedded once."""
        return self.embed.at(n)

    def break_even(self, n: int) -> float | None:
        """After how many queries embedding n documents once has cost less than the cross-encoder over all, every time.

        None where it never does: a query over the index takes as long as the cross-encoder over all.
        """
        saved = self.cross_over_all(n).value - self.index(n).value
        return self.embedding(n).value / saved if saved > 0 else None


def costs(result: RaceResult) -> Costs | None:
    """The lines of a complete race; None where one is missing."""
    scan = fit([float(one.vectors) for one in result.scans], [one.total for one in result.scans])
    cross, embed = line_of_documents(result, Way.CROSS), line_of_documents(result, Way.NOTHING)
    query = result.totals(Way.QUERY)
    if scan is None or cross is None or embed is None or len(query) < FEWEST_ROUNDS:
        return None
    return Costs(cross, embed, scan, mean(query))
