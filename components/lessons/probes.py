"""Which probe runs which lesson: one line a lesson. A lesson without a line here is not listed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from components.lessons import (
    attention,
    cost,
    follows,
    negation,
    nothing_fits,
    one_vector,
    position,
    reading,
    repeating,
    roles,
    score_types,
)
from components.lessons.bench import Bench
from components.lessons.book import lessons
from components.lessons.records import Item, Lesson, Outcome, Tally
from components.scoring.scheduler import Progress

Run = Callable[[Lesson, Item, float, Bench, Progress], Generator[None, None, Outcome]]
Count = Callable[[Lesson, Bench, Progress], Generator[None, None, Tally]]


@dataclass(frozen=True)
class Probe:
    """``run`` asks the models about one text (at a value of the lesson's setting), ``tally`` about all of them."""

    run: Run
    tally: Count


PROBES: dict[str, Probe] = {
    "two-ways": Probe(reading.run, reading.tally),
    "who-did-what": Probe(roles.run, roles.tally),
    "not": Probe(negation.run, negation.tally),
    "say-it-again": Probe(repeating.run, repeating.tally),
    "where-it-stands": Probe(position.run, position.tally),
    "nothing-fits": Probe(nothing_fits.run, nothing_fits.tally),
    "one-vector": Probe(one_vector.run, one_vector.tally),
    "what-is-a-score": Probe(score_types.run, score_types.tally),
    "not-explanation": Probe(attention.run, attention.tally),
    "what-it-costs": Probe(cost.run, cost.tally),
    "does-it-follow": Probe(follows.run, follows.tally),
}


def listed() -> dict[int, Lesson]:
    """The lessons that are complete: a file and a probe."""
    return {number: lesson for number, lesson in lessons().items() if lesson.id in PROBES}
