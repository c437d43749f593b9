"""How often a model is right on the built-in pairs, and where it is not: always a run of this model, here and now."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from components.entailment.classes import fitting
from components.entailment.pairs import BuiltInPair, built_in_pairs
from components.records import PairClasses, ScorerInfo
from components.scoring.classifier import Classifier
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores


@dataclass(frozen=True)
class CheckedPair:
    """A built-in pair as the model sees it; ``wanted`` is the class that the expected label asks for."""

    pair: BuiltInPair
    classes: PairClasses
    wanted: int

    @property
    def is_right(self) -> bool:
        return self.classes.top == self.wanted


@dataclass(frozen=True)
class Tally:
    """All built-in pairs checked with one model. ``seconds`` is the time of a run that took nothing from the store."""

    model: ScorerInfo
    checked: tuple[CheckedPair, ...]
    seconds: float

    @property
    def right(self) -> int:
        return sum(one.is_right for one in self.checked)

    @property
    def commonest(self) -> int:
        """How often always giving the class that is expected most often would be right."""
        return max(Counter(one.wanted for one in self.checked).values(), default=0)

    def by_phenomenon(self) -> dict[str, tuple[CheckedPair, ...]]:
        """The pairs of each phenomenon, in the order of the files."""
        found: dict[str, tuple[CheckedPair, ...]] = {}
        for one in self.checked:
            found[one.pair.phenomenon] = (*found.get(one.pair.phenomenon, ()), one)
        return found


def can_be_checked(labels: tuple[str, ...]) -> bool:
    """Whether a model's labels say what the expected ones say."""
    return all(fitting(labels, pair.expected) is not None for pair in built_in_pairs())


def check(classifier: Classifier, deliver: Callable[[Tally], None]) -> Callable[[Progress], Iterator[None]]:
    """The work of a job: every pair is really run, with a store of its own, so that the time is one of this run."""

    def work(progress: Progress) -> Iterator[None]:
        pairs = built_in_pairs()
        progress.total = len(pairs)
        started = time.perf_counter()
        classes = yield from classifier.classify([(one.premise, one.hypothesis) for one in pairs], Stores(), progress)
        seconds = time.perf_counter() - started
        wanted = [fitting(classifier.labels, one.expected) for one in pairs]
        checked = tuple(
            CheckedPair(pair, found, place)
            for pair, found, place in zip(pairs, classes, wanted, strict=True)
            if place is not None
        )
        deliver(Tally(classifier.info, checked, seconds))

    return work
