"""Which document each column gets wrong, in a sentence computed from ranks and judgments, whatever they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.judging.judgments import GRADE_WORDS
from components.judging.metrics import Quality, swap_gain
from components.ranking.findings import capital, column_names, listed, the
from components.ranking.ranks import competition_ranks
from components.records import Column, Comparison


@dataclass(frozen=True)
class Mistake:
    """Two documents in the wrong order, as places: ``above`` ranks higher than ``below``, which is judged better."""

    above: int
    below: int


def worst_mistake(column: Column, grades: Sequence[int | None]) -> Mistake | None:
    """The pair of judged documents whose exchange would gain most; None where the judged ones are in order.

    Documents that tie are not in the wrong order. Unjudged ones are nobody's mistake.
    """
    ranks = competition_ranks(column.values)
    judged = [(place, grade) for place, grade in enumerate(grades) if grade is not None]
    found: tuple[float, Mistake] | None = None
    for above, grade_above in judged:
        for below, grade_below in judged:
            if ranks[above] < ranks[below] and grade_above < grade_below:
                gain = swap_gain(grade_above, grade_below, ranks[above], ranks[below])
                if found is None or gain > found[0]:
                    found = gain, Mistake(above, below)
    return None if found is None else found[1]


def mistake_sentences(comparison: Comparison, grades: Sequence[int | None]) -> tuple[str, ...]:
    """One sentence a column, in their order: its worst mistake by these judgments, or that there is none."""
    judged = [grade for grade in grades if grade is not None]
    if len(judged) < 2 or len(set(judged)) < 2:
        return ()
    sentences = []
    for name, column in zip(column_names(comparison.columns), comparison.columns, strict=True):
        mistake = worst_mistake(column, grades)
        if mistake is None:
            sentences.append(f"{capital(the(name))} puts no document above one that is judged better.")
            continue
        ranks = competition_ranks(column.values)
        above, below = mistake.above, mistake.below
        sentences.append(
            f"{capital(the(name))} is most wrong about document {comparison.documents[above].number}: judged "
            f"{grades[above]}, it stands at rank {ranks[above]}, above document {comparison.documents[below].number}, "
            f"judged {grades[below]}, at rank {ranks[below]}."
        )
    return tuple(sentences)


def first_place_sentence(comparison: Comparison, grades: Sequence[int]) -> str:
    """What an example's run shows by its judgments: what each column puts first, and what the judgments call it."""
    best = max(grades)
    parts: dict[str, list[str]] = {}
    for name, column in zip(column_names(comparison.columns), comparison.columns, strict=True):
        first = [place for place, rank in enumerate(competition_ranks(column.values)) if rank == 1]
        parts.setdefault(_called(comparison, first, grades, best), []).append(the(name))
    said = "; ".join(f"{listed(who)} {'puts' if len(who) == 1 else 'put'} {what}" for what, who in parts.items())
    return f"Here {said}."


def _called(comparison: Comparison, first: list[int], grades: Sequence[int], best: int) -> str:
    if len(first) > 1:
        numbers = listed([str(comparison.documents[place].number) for place in first[:4]])
        more = f" and {len(first) - 4} more" if len(first) > 4 else ""
        right = sum(grades[place] == best for place in first)
        return f"documents {numbers}{more} level first, {right} of them among the best by the judgments"
    grade = grades[first[0]]
    words = GRADE_WORDS[grade] + (", the best there is" if grade == best and best < 3 else "")
    return f"document {comparison.documents[first[0]].number} first, which the judgments call {words}"


def judged_sentence(quality: Quality) -> str:
    """How many documents are judged and what the others count as."""
    count = quality.judged + quality.unjudged
    words = f"{quality.judged} of {count} documents judged"
    if quality.unjudged:
        others = f"{quality.unjudged} count" if quality.unjudged > 1 else "one counts"
        words += f"; the other {others} as not relevant"
    if not quality.relevant:
        words += ". None is judged relevant yet, so every measure is 0"
    return words + "."


def ties_sentence(quality: Quality) -> str:
    """Said where the order of equal scores changes a measure; empty where it does not."""
    if not any(value.hangs_on_ties for column in quality.columns for value in column.values):
        return ""
    return (
        "Equal scores are ordered as trec_eval does, by document id in descending order; in brackets the worst and the "
        "best that another order of them would give."
    )
