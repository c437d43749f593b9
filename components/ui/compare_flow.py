"""Where one visitor's comparison stands: what is wanted, what is running, what is on the screen.

No Streamlit in here: the page calls ``step`` on every run and draws what it returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from components.errors import InputProblem
from components.models.room import ModelRoom
from components.ranking.fast_cost import COUNTING, NOT_COUNTED, fast_sentence
from components.records import Column, Comparison, Document
from components.scoring.chunked import with_chunks
from components.scoring.compare import compare, score_all
from components.scoring.precision import Precision
from components.scoring.scheduler import Job, JobState, Scheduler
from components.scoring.scorer import Scorer, Stores
from components.scoring.store import SeenBefore
from components.service.served import maker_of
from components.texts import limits
from components.texts.chunks import Pooling
from components.workspace import Workspace

WAIT_S = 0.3  # so long a page waits for a result before it starts to poll
STOPPED = "Scoring was stopped; what you see is the result before it."


@dataclass(frozen=True)
class Tools:
    """What scoring needs from the server and the session."""

    room: ModelRoom
    scheduler: Scheduler
    stores: Stores
    seen: SeenBefore
    visitor: str
    alive: Callable[[], bool]


@dataclass(frozen=True)
class Wanted:
    """What a comparison is of: when any of it changes, another one is wanted."""

    query: str
    documents: tuple[Document, ...]
    columns: tuple[str, ...]
    pooling: Pooling
    precision: Precision = Precision.EXACT


@dataclass(frozen=True)
class CompareView:
    """What the page draws now.

    ``shown`` is the comparison on the screen, ``stale`` when it is not of the present text; ``problem`` is a sentence
    about the input, ``waiting`` one about the work (running, stopped, failed), ``polling`` whether the page has to look
    again, ``retry`` whether scoring can be asked for once more.
    """

    shown: Comparison | None
    stale: bool = False
    problem: str = ""
    waiting: str = ""
    notes: tuple[str, ...] = ()
    done: int = 0
    total: int = 0
    stoppable: bool = False
    retry: bool = False
    polling: bool = False


def _notes(shown: Comparison | None, room: ModelRoom) -> tuple[str, ...]:
    """What has to be said beside the result: models that are missing, texts that are not English."""
    return (*(room.problems() if room.settled else ()), *(shown.notes if shown else ()))


def usable_columns(workspace: Workspace, room: ModelRoom) -> tuple[str, ...]:
    """The chosen columns that can be had: without the cross-encoder's weights the bi-encoder runs alone."""
    possible = room.columns()
    return tuple(key for key in workspace.columns if key in possible) or possible[:1]


class CompareFlow:
    """From the workspace to a comparison, step by step."""

    def __init__(self) -> None:
        self._shown: Comparison | None = None
        self._shown_for: Wanted | None = None
        self._job: Job | None = None
        self._job_for: Wanted | None = None
        self._stopped_for: Wanted | None = None
        self._cost_job: Job | None = None  # exact scores beside fast ones that are shown
        self._cost_for: Wanted | None = None
        self._cost = ""

    def step(self, workspace: Workspace, tools: Tools, stored: Comparison | None = None) -> CompareView:
        """Take one look: start, replace or finish a job as the workspace asks, and say what to draw."""
        documents = workspace.pasted.documents
        query = workspace.clean_query
        room = tools.room
        try:
            limits.check(query, documents)
        except InputProblem as problem:
            self.stop()
            return CompareView(self._shown, stale=True, problem=str(problem))

        columns = usable_columns(workspace, room)
        wanted = Wanted(query, documents, columns, workspace.pooling, workspace.precision)
        if self._shown_for == wanted:
            return self._at_rest(wanted, tools)
        scorers = [scorer for key in columns if (scorer := room.scorer(key)) is not None]
        if len(scorers) < len(columns):
            return self._while_loading(wanted, room, stored)
        return self._with_models(wanted, scorers, tools)

    @property
    def shown(self) -> Comparison | None:
        """The comparison on the screen, if it is a live one."""
        return self._shown

    @property
    def is_busy(self) -> bool:
        """Whether a comparison is being scored now, perhaps while another page is looked at."""
        return self._job is not None and not self._job.ended

    def stop(self) -> None:
        """Give up the running job; what is on the screen stays."""
        if self._cost_job is not None:
            self._cost_job.stop()
        if self._job is not None and not self._job.ended:
            self._job.stop()
            self._stopped_for = self._job_for

    def retry(self) -> None:
        """Forget that the present text was stopped or failed, so that the next step scores it."""
        self._stopped_for = None
        if self._job is not None and self._job.ended:
            self._job = None

    def _while_loading(self, wanted: Wanted, room: ModelRoom, stored: Comparison | None) -> CompareView:
        shown = self._shown
        stale = shown is not None
        is_same = stored is not None and (stored.query, stored.documents) == (wanted.query, wanted.documents)
        if shown is None and is_same:
            shown, stale = stored, False
        return CompareView(shown, stale=stale, waiting=room.step or "The models are loading.", polling=True)

    def _with_models(self, wanted: Wanted, scorers: list[Scorer], tools: Tools) -> CompareView:
        if self._stopped_for == wanted:
            return CompareView(self._shown, stale=True, waiting=STOPPED, retry=True)
        if self._job is None or self._job_for != wanted:
            self.stop()
            self._stopped_for = None
            self._job = tools.scheduler.submit(self._new_job(wanted, scorers, tools))
            self._job_for = wanted
            self._job.wait(WAIT_S)
        job = self._job
        if not job.ended:
            progress = job.progress
            words = f"Scoring: {progress.done} of {progress.total} pairs."
            if progress.longest_piece_s > 1:
                words += f" One piece takes {progress.longest_piece_s:.1f} s on this machine."
            return CompareView(
                self._shown,
                stale=True,
                waiting=words,
                done=progress.done,
                total=progress.total,
                stoppable=True,
                polling=True,
            )
        if job.state is JobState.DONE:
            return self._at_rest(wanted, tools)
        return CompareView(self._shown, stale=True, waiting=job.message or STOPPED, retry=True)

    def _new_job(self, wanted: Wanted, scorers: list[Scorer], tools: Tools) -> Job:
        def deliver(comparison: Comparison) -> None:
            self._shown, self._shown_for = comparison, wanted

        reading = [with_chunks(maker_of(scorer, wanted.precision), wanted.pooling) for scorer in scorers]
        work = compare(wanted.query, wanted.documents, reading, tools.stores, tools.seen, deliver)
        return Job(tools.visitor, "compare", work, tools.alive)

    def _at_rest(self, wanted: Wanted, tools: Tools) -> CompareView:
        """The result of the present text stands. Of a fast one it is said what it costs, as soon as that is known."""
        notes = _notes(self._shown, tools.room)
        if wanted.precision is Precision.EXACT or self._shown is None:
            return CompareView(self._shown, notes=notes)
        if self._cost_for != wanted:
            self._cost_for, self._cost = wanted, ""
            self._cost_job = self._count_cost(self._shown, wanted, tools)
            self._cost_job.wait(WAIT_S)
        job = self._cost_job
        if job is None or job.ended:
            return CompareView(self._shown, notes=(self._cost or NOT_COUNTED, *notes))
        done, total = job.progress.done, job.progress.total
        notes = (COUNTING, *notes)
        return CompareView(self._shown, notes=notes, done=done, total=total, stoppable=True, polling=True)

    def _count_cost(self, shown: Comparison, wanted: Wanted, tools: Tools) -> Job:
        """Score the same documents exactly, behind the fast result that is on the screen."""

        def deliver(columns: tuple[Column, ...]) -> None:
            if self._cost_for == wanted:
                self._cost = fast_sentence(shown.columns, columns)

        exact = [scorer for key in wanted.columns if (scorer := tools.room.scorer(key)) is not None]
        reading = [with_chunks(maker_of(scorer), wanted.pooling) for scorer in exact]
        work = score_all(wanted.query, wanted.documents, reading, tools.stores, deliver)
        return tools.scheduler.submit(Job(tools.visitor, "cost of fast", work, tools.alive))
