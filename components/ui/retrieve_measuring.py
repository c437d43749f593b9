"""Measuring all judged queries of one collection: the job, and what each first stage has been measured to be worth."""

from __future__ import annotations

from components.retrieval.collection import Collection
from components.retrieval.evaluation import Evaluation, evaluate
from components.retrieval.indexing import Opened
from components.retrieval.pipeline import Pipeline, Stage
from components.scoring.scheduler import Job, JobState
from components.ui.retrieve_records import Tools, Work, work_of


class Measuring:
    """The measures of one collection with its judgments. Another collection gets another one: what a job of the old
    one still delivers goes nowhere."""

    def __init__(self) -> None:
        self.evaluations: dict[Stage, Evaluation] = {}
        self.outdated = False  # judgments were given after the last measuring
        self._job: Job | None = None
        self._wanted = False
        self._said = ""

    def ask(self) -> None:
        """Ask for all judged queries to be run."""
        self.stop()
        self._wanted, self._said = True, ""

    def stop(self) -> None:
        """End measuring; what was measured stays, and says over how many queries."""
        self._wanted = False
        if self._job is not None and not self._job.ended:
            self._job.stop()
        self._job = None

    def look(
        self, collection: Collection, stage: Stage, most: int, pipeline: Pipeline, opened: Opened, tools: Tools
    ) -> tuple[Work | None, str]:
        """Start the job that is wanted, or look at it: how far it is, and a sentence when it failed."""
        if not self._wanted:
            return None, self._said
        if self._job is None:

            def keep(evaluation: Evaluation) -> None:
                self.evaluations[stage] = evaluation

            work = evaluate(collection, opened, pipeline, stage, most, keep)
            self.outdated = False
            job = Job(f"{tools.visitor} evaluation", "evaluation", work, tools.alive)
            self._job = tools.scheduler.submit(job)
        job = self._job
        if not job.ended:
            return work_of(job), ""
        self._wanted, self._job = False, None
        self._said = job.message if job.state is JobState.FAILED else ""
        return None, self._said
