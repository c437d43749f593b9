"""The built-in pairs held against each model: one run a server and model, shown to all, made anew when asked for."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from components.entailment.tally import Tally, can_be_checked, check
from components.scoring.classifier import Classifier
from components.scoring.scheduler import Job, JobState
from components.ui.compare_flow import Tools

NOT_COMPARABLE = (
    "not entailment, neutral and contradiction: the expected labels of our pairs cannot be held against them."
)


@dataclass(frozen=True)
class TallyView:
    """What the page draws now: the tally, when it was made (local time of the server), and what is running."""

    shown: Tally | None = None
    made_at: str = ""
    problem: str = ""
    done: int = 0
    total: int = 0
    polling: bool = False


class TallyBoard:
    """Tallies by model, shared by all visitors: the run is the same for everybody, so it is made once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, tuple[Tally, str]] = {}
        self._jobs: dict[str, Job] = {}

    def step(self, classifier: Classifier, tools: Tools, again: bool = False) -> TallyView:
        """Take one look; begins a run where there is neither a tally nor a run, or where one is asked for ``again``."""
        if not can_be_checked(classifier.labels):
            labels = ", ".join(f"“{label}”" for label in classifier.labels[:6])
            return TallyView(problem=f"The labels of this model are {labels}, {NOT_COMPARABLE}")
        key = f"{classifier.info.key} {classifier.info.fingerprint}"
        with self._lock:
            job, made = self._jobs.get(key), self._made.get(key)
            idle = job is None or job.ended
            failed = job is not None and job.state is JobState.FAILED
            if idle and (again or (made is None and not failed)):
                job = self._jobs[key] = self._submit(key, classifier, tools)
            shown, made_at = made or (None, "")
            if job is None or job.ended:
                return TallyView(shown, made_at, problem=job.message if job else "")
            return TallyView(shown, made_at, done=job.progress.done, total=job.progress.total, polling=True)

    def _submit(self, key: str, classifier: Classifier, tools: Tools) -> Job:
        def deliver(tally: Tally) -> None:
            self._made[key] = (tally, time.strftime("%H:%M"))

        # A visitor of its own: nobody's question waits behind it, and it goes on for all when one of them leaves.
        return tools.scheduler.submit(Job("tally", "tally", check(classifier, deliver)))
