"""How well each column ranks, by the visitor's judgments: nDCG@k, AP, RR and P@k, computed by ir-measures.

All as trec_eval has them: gain is the grade itself, the discount log2(rank + 1) (Järvelin & Kekäläinen 2002); for AP,
RR and P a grade of 1 or more is relevant; a document without a judgment counts as not relevant; ties are ordered by
document id, descending.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from components.judging.trec import QUERY_ID, as_float32, trec_ids
from components.records import Column, Document

CUTOFFS = (1, 3, 5, 10, 20)


@dataclass(frozen=True)
class Value:
    """A measure of one column, 0 to 1: by trec_eval's order of ties, and in the worst and best order of them."""

    value: float
    worst: float
    best: float

    @property
    def hangs_on_ties(self) -> bool:
        return self.best - self.worst > 1e-9


@dataclass(frozen=True)
class Measured:
    """The measures of one column, parallel to ``Quality.measures``."""

    values: tuple[Value, ...]


@dataclass(frozen=True)
class Quality:
    """All columns against the judgments. ``ideal`` holds the places of the judged documents, best grade first."""

    measures: tuple[str, ...]  # as the field writes them: "nDCG@3", "AP", "RR", "P@3"
    columns: tuple[Measured, ...]
    judged: int
    relevant: int  # judged 1 or more
    unjudged: int
    ideal: tuple[int, ...]
    k: int


def default_cutoff(count: int) -> int:
    """The k to begin with: about the upper third of a short list, 10 for a long one."""
    return 10 if count > 20 else 5 if count > 12 else 3 if count > 3 else 1


def measure(
    columns: Sequence[Column], documents: Sequence[Document], grades: Sequence[int | None], k: int
) -> Quality | None:
    """Every column against the judgments; None while there are none."""
    judged = [place for place, grade in enumerate(grades) if grade is not None]
    if not judged:
        return None
    names = (f"nDCG@{k}", "AP", "RR", f"P@{k}")
    ids = trec_ids(documents)
    qrels = {ids[place]: int(grades[place] or 0) for place in judged}
    measured = []
    for column in columns:
        given = _by_ir_measures(names, qrels, dict(zip(ids, column.values, strict=True)))
        worst, best = given, given
        if has_ties(column.values):
            orders = _extreme_orders(column.values, [grade or 0 for grade in grades])
            worst, best = (_by_ir_measures(names, qrels, _run(ids, order)) for order in orders)
        measured.append(Measured(tuple(Value(*three) for three in zip(given, worst, best, strict=True))))
    ideal = sorted(judged, key=lambda place: -int(grades[place] or 0))
    relevant = sum(grade > 0 for grade in qrels.values())
    return Quality(names, tuple(measured), len(judged), relevant, len(grades) - len(judged), tuple(ideal), k)


def has_ties(scores: Sequence[float]) -> bool:
    """Whether trec_eval sees equal scores."""
    return len({as_float32(score) for score in scores}) < len(scores)


def _extreme_orders(scores: Sequence[float], gains: Sequence[int]) -> tuple[list[int], list[int]]:
    """The worst and the best order, as places from first to last, that the ties allow."""
    seen = [as_float32(score) for score in scores]
    places = range(len(scores))
    worst = sorted(places, key=lambda place: (-seen[place], gains[place]))
    best = sorted(places, key=lambda place: (-seen[place], -gains[place]))
    return worst, best


def _run(ids: Sequence[str], order: Sequence[int]) -> dict[str, float]:
    return {ids[place]: float(len(order) - rank) for rank, place in enumerate(order)}


def _by_ir_measures(names: Sequence[str], qrels: dict[str, int], run: dict[str, float]) -> tuple[float, ...]:
    import ir_measures

    measures = [ir_measures.parse_measure(name) for name in names]
    made = ir_measures.calc_aggregate(measures, {QUERY_ID: qrels}, {QUERY_ID: run})
    return tuple(float(made[one]) for one in measures)


def swap_gain(grade_above: int, grade_below: int, rank_above: int, rank_below: int) -> float:
    """By how much DCG would rise if two documents changed places (the |ΔDCG| of LambdaRank, Burges 2010, section 4)."""
    return (grade_below - grade_above) * (1 / math.log2(rank_above + 1) - 1 / math.log2(rank_below + 1))
