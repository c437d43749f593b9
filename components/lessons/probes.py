"""Which probe runs which lesson: one line a lesson. A lesson without a line here is not listed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from components.lessons import negation
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
    "not": Probe(negation.run, negation.tally),
}


def listed() -> dict[int, Lesson]:
    """The lessons that are complete: a file and a probe."""
    return {number: lesson for number, lesson in lessons().items() if lesson.id in PROBES}
