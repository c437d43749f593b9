"""Where one visitor's entailment question stands: what is wanted, what is running, what is on the screen.

No Streamlit in here: the page calls ``step`` on every run and draws what it returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from components.entailment.desk import Desk
from components.entailment.judge import judge
from components.entailment.records import Judged, Question
from components.errors import InputProblem
from components.models.classifier_room import ClassifierRoom, Standing
from components.models.room import LoadState
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.classifier import Classifier
from components.scoring.scheduler import Job, JobState
from components.ui.compare_flow import WAIT_S, Tools

STOPPED = "Scoring was stopped; what you see is the result before it."
FIRST_WORDS = "The first answer appears by itself. "
Wanted = tuple[Question, str, bool, str]  # question, model, both ways, bi-encoder


@dataclass(frozen=True)
class EntailmentView:
    """What the page draws now.

    ``shown`` is the answer on the screen, ``stale`` when it is not of the present text; ``problem`` is a sentence about
    the input, ``model_problem`` one about a model that was asked for, ``waiting`` one about the work.
    """

    shown: Judged | None = None
    stale: bool = False
    problem: str = ""
    model_problem: str = ""
    waiting: str = ""
    done: int = 0
    total: int = 0
    stoppable: bool = False
    retry: bool = False
    polling: bool = False


class EntailmentFlow:
    """From the desk to an answer, step by step."""

    def __init__(self) -> None:
        self._asked = ""  # a model that was asked for and is not in use yet
        self._model_problem = ""
        self._shown: Judged | None = None
        self._shown_for: Wanted | None = None
        self._job: Job | None = None
        self._job_for: Wanted | None = None
        self._stopped_for: Wanted | None = None

    @property
    def shown(self) -> Judged | None:
        return self._shown

    def ask_for_model(self, name: str, classifiers: ClassifierRoom) -> None:
        """Use another model once it is loaded; until then, and where it cannot be had, the present one stays."""
        classifiers.forget_failure(name)
        self._asked, self._model_problem = name, ""

    def stop(self) -> None:
        """Give up the running job; what is on the screen stays."""
        if self._job is not None and not self._job.ended:
            self._job.stop()
            self._stopped_for = self._job_for

    def retry(self, desk: Desk, classifiers: ClassifierRoom) -> None:
        """Forget that the present text was stopped or failed."""
        self._stopped_for = None
        classifiers.forget_failure(desk.model)
        if self._job is not None and self._job.ended:
            self._job = None

    def step(self, desk: Desk, bi_key: str | None, tools: Tools, classifiers: ClassifierRoom) -> EntailmentView:
        """Take one look: start, replace or finish a job as the desk asks, and say what to draw."""
        loading = self._change_model(desk, classifiers)
        try:
            question = desk.question()
        except InputProblem as error:
            self.stop()
            self._stopped_for = None
            polling = bool(loading)
            return EntailmentView(self._shown, True, str(error), self._model_problem, loading, polling=polling)
        wanted: Wanted = (question, desk.model, desk.both_ways, bi_key or "")
        if self._shown_for == wanted:
            problem = self._model_problem
            return EntailmentView(self._shown, model_problem=problem, waiting=loading, polling=bool(loading))
        standing = classifiers.want(desk.model)
        if standing.classifier is None:
            return self._without_model(standing)
        bi_encoder = tools.room.scorer(bi_key) if bi_key else None
        return self._with_models(wanted, standing.classifier, bi_encoder, tools, loading)

    def _change_model(self, desk: Desk, classifiers: ClassifierRoom) -> str:
        """Look after a model that was asked for; returns what is being loaded, in words."""
        if not self._asked:
            return ""
        standing = classifiers.want(self._asked)
        if standing.state in (LoadState.WAITING, LoadState.LOADING):
            return standing.message
        if standing.classifier is not None:
            desk.model = self._asked
        else:
            self._model_problem = standing.message
        self._asked = ""
        return ""

    def _without_model(self, standing: Standing) -> EntailmentView:
        is_failed = standing.state is LoadState.FAILED
        words = standing.message if is_failed else FIRST_WORDS * (self._shown is None) + standing.message
        shown = self._shown
        return EntailmentView(
            shown, shown is not None, "", self._model_problem, words, retry=is_failed, polling=not is_failed
        )

    def _with_models(
        self, wanted: Wanted, classifier: Classifier, bi_encoder: object, tools: Tools, loading: str
    ) -> EntailmentView:
        if self._stopped_for == wanted:
            return EntailmentView(self._shown, True, "", self._model_problem, STOPPED, retry=True)
        if self._job is None or self._job_for != wanted:
            self.stop()
            self._stopped_for = None
            bi = bi_encoder if isinstance(bi_encoder, BiEncoderScorer) else None
            work = judge(wanted[0], classifier, bi, wanted[2], tools.stores, tools.seen, self._deliver(wanted))
            self._job = tools.scheduler.submit(Job(tools.visitor, "entailment", work, tools.alive))
            self._job_for = wanted
            self._job.wait(WAIT_S)
        job = self._job
        if not job.ended:
            done, total = job.progress.done, job.progress.total
            words = f"Reading: {done} of {total} pairs."
            return EntailmentView(
                self._shown, True, "", self._model_problem, words, done, total, stoppable=True, polling=True
            )
        if job.state is JobState.DONE:
            problem = self._model_problem
            return EntailmentView(self._shown, model_problem=problem, waiting=loading, polling=bool(loading))
        return EntailmentView(self._shown, True, "", self._model_problem, job.message or STOPPED, retry=True)

    def _deliver(self, wanted: Wanted) -> Callable[[Judged], None]:
        def deliver(judged: Judged) -> None:
            if self._job_for in (wanted, None):
                self._shown, self._shown_for = judged, wanted

        return deliver
