"""The sentences: from a comparison to what it says, computed from its numbers, whatever they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.ranking.agreement import kendall_tau_b, top_overlap
from components.ranking.ranks import competition_ranks
from components.records import Column, Comparison, Kind


@dataclass(frozen=True)
class Agreement:
    """How far two columns agree: tau-b (None where undefined) and how many of the first ``k`` they share."""

    first: str
    second: str
    tau_b: float | None
    shared: int
    k: int

    def sentence(self) -> str:
        tau = "not defined" if self.tau_b is None else _signed(self.tau_b)
        return f"tau-b {tau}, {self.shared} of the first {self.k} shared"


def format_score(value: float, unit: str = "") -> str:
    """A score as shown: two decimals, a real minus sign, and never "-0.00"."""
    text = _signed(value)
    return f"{unit} {text}" if unit else text


def _signed(value: float) -> str:
    text = f"{value:.2f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def column_names(columns: Sequence[Column]) -> tuple[str, ...]:
    """What to call each column: its kind, with the model's name where two are of one kind."""
    kinds = [column.scorer.kind for column in columns]
    return tuple(
        f"{column.scorer.kind} {column.scorer.name}" if kinds.count(column.scorer.kind) > 1 else str(column.scorer.kind)
        for column in columns
    )


def agreements(comparison: Comparison) -> tuple[Agreement, ...]:
    """Every pair of columns, for two documents or more."""
    count = len(comparison.documents)
    if count < 2:
        return ()
    k = min(10 if count > 20 else 3, count - 1)
    names = column_names(comparison.columns)
    pairs = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    values = [column.values for column in comparison.columns]
    return tuple(
        Agreement(names[i], names[j], kendall_tau_b(values[i], values[j]), top_overlap(values[i], values[j], k), k)
        for i, j in pairs
    )


def finding(comparison: Comparison) -> str:
    """The sentence on top of the result: who puts what first, with the numbers, and whether that is the same."""
    columns = comparison.columns
    if len(comparison.documents) == 1:
        scores = listed([f"{the(n)} gives {format_score(c.values[0], c.scorer.unit)}" for n, c in _named(columns)])
        return f"With one document there is no order to compare: {scores}."
    if len(columns) == 1:
        name, column = _named(columns)[0]
        return f"{capital(the(name))} puts {_first_place(column)}."
    winners = [_winners(column) for column in columns]
    if all(len(of_column) == 1 for of_column in winners) and len(set(winners)) == 1:
        number = comparison.documents[winners[0][0]].number
        who = "Both models put" if len(columns) == 2 else f"All {len(columns)} columns put"
        scores = listed([f"{n} {format_score(max(c.values), c.scorer.unit)}" for n, c in _named(columns)])
        return f"{who} document {number} first ({scores}){_rest(comparison)}"
    parts = listed([f"{the(n)} puts {_first_place(c)}" for n, c in _named(columns)])
    if len(set(winners)) == 1:
        opening = "The models agree on a tie for the first place: "
    elif any(len(of_column) > 1 for of_column in winners):
        opening = "The models do not pick the same first place: "
    else:
        opening = "The models disagree on the first place: "
    return f"{opening}{parts}."


def _rest(comparison: Comparison) -> str:
    """What follows when the first place is agreed: whether the order below it is the same, too."""
    ranks = {competition_ranks(column.values) for column in comparison.columns}
    return ", and agree on the whole order." if len(ranks) == 1 else "; below it, they differ."


def _winners(column: Column) -> tuple[int, ...]:
    ranks = competition_ranks(column.values)
    return tuple(index for index, rank in enumerate(ranks) if rank == 1)


def _first_place(column: Column) -> str:
    """ "document 3 first (cosine 0.71)" or, for a tie, "documents 1 and 4 level first (BM25 0.00)"."""
    numbers = [str(index + 1) for index in _winners(column)]
    score = format_score(max(column.values), column.scorer.unit)
    if len(numbers) == 1:
        return f"document {numbers[0]} first ({score})"
    if len(numbers) == len(column.values):
        return f"all {len(numbers)} documents level ({score})"
    shown = numbers if len(numbers) <= 4 else [*numbers[:3], f"{len(numbers) - 3} more"]
    return f"documents {listed(shown)} level first ({score})"


def _named(columns: Sequence[Column]) -> list[tuple[str, Column]]:
    return list(zip(column_names(columns), columns, strict=True))


def the(name: str) -> str:
    """A column's name inside a sentence: "the bi-encoder", but "BM25"."""
    return name if name == Kind.BM25 else f"the {name}"


def capital(text: str) -> str:
    """The text as a sentence begins with it."""
    return text[0].upper() + text[1:]


def listed(parts: Sequence[str]) -> str:
    """Parts of a sentence: "a", "a and b", "a, b and c"."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def work_sentence(comparison: Comparison) -> str:
    """What had to be computed: "1 scored, 49 kept, 0.08 s"."""
    return f"{comparison.scored} scored, {comparison.kept} kept, {comparison.seconds:.2f} s"


def work_details(comparison: Comparison) -> str:
    """What each model did for this result, in forward passes; counts only what this visitor caused."""
    parts = []
    for name, column in _named(comparison.columns):
        if column.scorer.kind is Kind.BI_ENCODER:
            kept = f" and used {_count(column.vectors_kept, 'kept vector')}" if column.vectors_kept else ""
            parts.append(f"the {name} embedded {_count(column.texts_embedded, 'text')}{kept}")
        elif column.scorer.kind is Kind.CROSS_ENCODER:
            parts.append(f"the {name} read {_count(column.computed, 'pair')}")
    if not parts:
        return ""
    return capital(listed(parts)) + "."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
