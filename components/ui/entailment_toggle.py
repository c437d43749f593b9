"""Where one visitor's word toggle on an entailment pair stands: the change, both models' answer, the flips so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.attribution.toggle import Change
from components.entailment.flips import (
    Flip,
    FlippingWord,
    Outcome,
    describe,
    find_flipping_words,
    reclassify,
    struck_words,
)
from components.errors import InputProblem
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.classifier import Classifier
from components.scoring.scheduler import Job, JobState
from components.texts.clean import clean, one_line
from components.ui.compare_flow import WAIT_S, Tools

MOST_FLIPS = 50
MOST_CHARACTERS = 4_000  # of an edited text: twice what a box takes
STOPPED = "The work was stopped."
Pair = tuple[str, str]


@dataclass(frozen=True)
class ToggleView:
    """What the page draws now: ``before`` and ``after`` are of the change ``count`` where ``is_new``."""

    number: int
    pair: Pair
    change: Change
    count: int = 0
    before: Outcome | None = None
    after: Outcome | None = None
    is_new: bool = True
    flips: tuple[Flip, ...] = ()
    words: tuple[FlippingWord, ...] | None = None  # None: not looked for with this change
    tried: int = 0
    problem: str = ""
    waiting: str = ""
    stoppable: bool = False
    polling: bool = False


class ToggleFlow:
    """From a change to classes. ``history`` is the browser's own, kept for when the view is mounted anew."""

    def __init__(self) -> None:
        self.number = 0  # of the row that is open; 0: none
        self._start(("", ""), "")

    def _start(self, pair: Pair, model: str) -> None:
        self._pair, self._model = pair, model
        self.history: list[dict[str, Any]] = []
        self.flips: tuple[Flip, ...] = ()
        self._change = Change(*pair)
        self._count = self._steps = 0
        self._outcomes: tuple[Change, Outcome, Outcome] | None = None  # of the last change that was answered
        self._job: Job | None = None
        self._job_for: Change | None = None
        self._search: Job | None = None
        self._found: tuple[Change, tuple[FlippingWord, ...], int] | None = None

    def open(self, number: int) -> None:
        """Open the toggle on a row, or close it (0)."""
        self.number = number

    def take(self, sent: Mapping[str, Any]) -> None:
        """A change from the browser: texts, struck words, its count and the history it belongs to."""
        count = int(sent.get("count") or 0)
        if count <= self._count or sent.get("pair") != list(self._pair):
            return  # an old message, or one about a pair that is not open any more
        premise = one_line(clean(str(sent.get("premise", self._pair[0]))[:MOST_CHARACTERS]))
        hypothesis = one_line(clean(str(sent.get("hypothesis", self._pair[1]))[:MOST_CHARACTERS]))
        self._change = Change(
            premise,
            hypothesis,
            struck_words(sent.get("premise_struck"), premise),
            struck_words(sent.get("hypothesis_struck"), hypothesis),
        )
        self._count, self._steps = count, self._steps + 1
        history = sent.get("history")
        self.history = list(history)[-100:] if isinstance(history, list) else []

    def stop(self) -> None:
        """Give up what is running."""
        for job in (self._job, self._search):
            if job is not None and not job.ended:
                job.stop()

    def search(self, classifier: Classifier, tools: Tools) -> None:
        """Look for single words whose striking flips the class of the pair as it is now."""
        change = self._change

        def deliver(words: tuple[FlippingWord, ...], tried: int) -> None:
            self._found = (change, words, tried)

        if self._search is not None:
            self._search.stop()
        work = find_flipping_words(change, classifier, tools.stores, deliver)
        self._search = tools.scheduler.submit(Job(tools.visitor, "flips", work, tools.alive))
        self._search.wait(WAIT_S)

    def step(self, pair: Pair, classifier: Classifier, bi_encoder: BiEncoderScorer | None, tools: Tools) -> ToggleView:
        """Take one look at the open row's pair."""
        if (pair, classifier.info.key) != (self._pair, self._model):
            self.stop()
            self._start(pair, classifier.info.key)
        change = self._change
        try:
            _check(change)
        except InputProblem as error:
            self.stop()
            return self._view(is_new=False, problem=str(error))
        if self._job is None or self._job_for != change:
            self.stop()
            work = reclassify(
                pair, change, classifier, bi_encoder, tools.stores, lambda *both: self._take(change, *both)
            )
            self._job_for = change
            self._job = tools.scheduler.submit(Job(tools.visitor, "entailment-toggle", work, tools.alive))
            self._job.wait(WAIT_S)
        is_new = self._outcomes is not None and self._outcomes[0] == change
        if not self._job.ended:
            return self._view(is_new, waiting="Reading the changed pair.", polling=True)
        problem = "" if self._job.state is JobState.DONE else self._job.message or STOPPED
        if self._search is not None and not self._search.ended:
            progress = self._search.progress
            words = f"Striking each word alone: {progress.done} of {progress.total}."
            return self._view(is_new, problem, words, polling=True, stoppable=True)
        return self._view(is_new, problem)

    def _take(self, change: Change, before: Outcome, after: Outcome) -> None:
        """An answer has come; where the class is another than after the last step, the flip is recorded."""
        if change != self._job_for:
            return
        last = self._outcomes
        if last is not None and last[2].classes.top != after.classes.top:
            flip = Flip(self._steps, describe(last[0], change), last[2], after)
            self.flips = (*self.flips, flip)[-MOST_FLIPS:]
        self._outcomes = (change, before, after)

    def _view(self, is_new: bool, problem: str = "", waiting: str = "", **more: bool) -> ToggleView:
        before, after = self._outcomes[1:] if self._outcomes else (None, None)
        found = self._found if self._found is not None and self._found[0] == self._change else None
        return ToggleView(
            self.number,
            self._pair,
            self._change,
            self._count,
            before,
            after,
            is_new,
            self.flips,
            found[1] if found else None,
            found[2] if found else 0,
            problem,
            waiting,
            **more,
        )


def _check(change: Change) -> None:
    for text, side in zip(change.texts, ("premise", "hypothesis"), strict=True):
        if not text.strip():
            raise InputProblem(f"Nothing of the {side} is left: undo, or bring a word back.")
