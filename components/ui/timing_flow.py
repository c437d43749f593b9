"""Where one visitor's race stands: what is to race, what is running, which result is shown. No Streamlit in here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from components.errors import InputProblem
from components.models.room import ModelRoom
from components.records import Kind
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Job, JobState
from components.texts import limits
from components.texts.examples import FIRST, examples
from components.timing.made_up import COUNTS, LENGTHS
from components.timing.race import Live, race
from components.timing.records import Asked, RaceResult, Source
from components.ui.compare_flow import Tools
from components.workspace import Workspace

REPLICATES = (5, 10, 20, 30)
FRESH_S = 60.0  # a result older than this counts as kept
NO_MODELS = "A race needs a bi-encoder and a cross-encoder, and one of them could not be loaded."
STOPPED_EARLY = "The race was stopped before three replicates were complete: there is nothing to show of it."

Texts = tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What a result is of: when any of it changes, the result is of something else."""

    asked: Asked
    query: str
    texts: Texts
    models: tuple[str, ...]


@dataclass(frozen=True)
class Download:
    """A file that was asked for with the number ``count``."""

    count: int
    name: str
    mime: str
    text: str


@dataclass(frozen=True)
class TimingView:
    """What the page draws now.

    ``shown`` is the result on the screen; ``other`` when it is not of what would race now, ``stale`` while a new one
    runs, ``kept_s`` how long ago it ended (None for one that is stored). ``before`` is an earlier run of the same race,
    ``live`` is there while one runs.
    """

    asked: Asked
    query: str
    documents: int
    shown: RaceResult | None = None
    before: RaceResult | None = None
    other: bool = False
    stale: bool = False
    kept_s: float | None = None
    live: Live | None = None
    problem: str = ""
    waiting: str = ""
    done: int = 0
    total: int = 0
    left_s: float | None = None
    can_race: bool = False
    stoppable: bool = False
    polling: bool = False
    download: Download | None = None


class TimingFlow:
    """From what is asked to a race and its result."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.asked = Asked()
        self._clock = clock
        self._shown: RaceResult | None = None
        self._shown_for: Wanted | None = None
        self._shown_at = 0.0
        self._before: RaceResult | None = None
        self._job: Job | None = None
        self._job_for: Wanted | None = None
        self._job_at = 0.0
        self._live = Live()
        self._message = ""
        self.download: Download | None = None

    @property
    def running(self) -> bool:
        return self._job is not None

    def ask(self, asked: Asked) -> None:
        """Choose what is to race; nothing starts, and a race that runs goes on."""
        self.asked = asked
        self._message = ""

    def start(self, workspace: Workspace, tools: Tools) -> None:
        """Begin the race that is asked for, unless one is running or the input has a problem."""
        if self._job is not None:
            return
        self._message = ""
        try:
            wanted = self._wanted(workspace, tools.room)
        except InputProblem:
            return
        scorers = [tools.room.scorer(key) for key in wanted.models]
        bi = next((one for one in scorers if isinstance(one, BiEncoderScorer)), None)
        cross = next((one for one in scorers if isinstance(one, CrossEncoderScorer)), None)
        if bi is None or cross is None:
            return
        self._live = Live()
        work = race(wanted.asked, wanted.query, wanted.texts, bi, cross, self._live)
        # A queue of its own: what the same visitor scores on another page meanwhile does not wait for the race's end.
        self._job = tools.scheduler.submit(Job(f"{tools.visitor} race", "race", work, tools.alive))
        self._job_for, self._job_at = wanted, self._clock()

    def stop(self) -> None:
        """Start no further pass; what is complete is kept."""
        if self._job is not None:
            self._job.stop()

    def step(self, workspace: Workspace, tools: Tools, stored: RaceResult | None = None) -> TimingView:
        """Take one look: take in what the race has found, and say what to draw."""
        self._take_in()
        query, documents = query_of(self.asked, workspace), len(workspace.pasted.documents)
        shown = self._shown or stored
        view = TimingView(self.asked, query, documents, shown, self._before, download=self.download)
        if self._shown is not None:
            view = replace(view, kept_s=self._clock() - self._shown_at)
        if self._job is not None:
            return self._running(view, self._job)
        try:
            wanted = self._wanted(workspace, tools.room)
        except InputProblem as problem:
            return replace(view, problem=str(problem), other=self._shown is not None)
        view = replace(view, other=self._shown is not None and self._shown_for != wanted, problem=self._message)
        if any(tools.room.scorer(key) is None for key in wanted.models):
            words = tools.room.step or "The models are loading."
            return replace(view, waiting=f"One can race as soon as they are there: {words}", polling=True)
        return replace(view, can_race=True)

    def _running(self, view: TimingView, job: Job) -> TimingView:
        live, progress = self._live, job.progress
        waiting = "Stopping …" if job.stopping else live.phase
        left = None
        if progress.total and progress.done >= max(5, progress.total // 20):
            left = (self._clock() - self._job_at) / progress.done * (progress.total - progress.done)
        return replace(
            view,
            stale=view.shown is not None and self._shown_for_job() is None,
            live=live,
            waiting=waiting,
            done=progress.done,
            total=progress.total,
            left_s=left,
            stoppable=not job.stopping,
            polling=True,
        )

    def _take_in(self) -> None:
        """Keep the result as soon as the race itself is over, and what is complete when all ends or is stopped."""
        job, live = self._job, self._live
        if job is None:
            return
        if not job.ended:
            if live.race_done and live.result is not None and self._shown_for_job() is None:
                self._show(live.result)
            return
        self._job = None
        result = live.result
        if job.state is JobState.FAILED:
            self._message = job.message
        elif result is None:
            self._message = STOPPED_EARLY
        if result is not None:
            self._show(result if job.state is JobState.DONE else replace(result, stopped=True))

    def _shown_for_job(self) -> RaceResult | None:
        """The running race's own result, if it is on the screen already."""
        return self._shown if self._shown is not None and self._shown_at >= self._job_at else None

    def _show(self, result: RaceResult) -> None:
        if self._shown_for_job() is None:
            self._before = self._shown if self._shown_for == self._job_for else None
        self._shown, self._shown_for, self._shown_at = result, self._job_for, self._clock()

    def _wanted(self, workspace: Workspace, room: ModelRoom) -> Wanted:
        """What would race now. Raises ``InputProblem`` with the sentence where nothing can."""
        models = (model_of(workspace, room, Kind.BI_ENCODER), model_of(workspace, room, Kind.CROSS_ENCODER))
        if None in models:
            raise InputProblem(" ".join([NO_MODELS, *room.problems()]))
        documents = workspace.pasted.documents
        texts: Texts = ()
        if self.asked.source is Source.WORKSPACE:
            limits.check(workspace.clean_query, documents)
            texts = tuple(one.text for one in documents)
        asked = replace(self.asked, count=len(texts), length=0) if texts else self.asked
        return Wanted(asked, query_of(asked, workspace), texts, tuple(key for key in models if key is not None))


def query_of(asked: Asked, workspace: Workspace) -> str:
    """The query that races; made-up documents race for the first example's where there is none."""
    query = workspace.clean_query
    if asked.source is Source.MADE_UP and (not query or len(query) > limits.MAX_QUERY_CHARACTERS):
        return examples()[FIRST].query
    return query


def model_of(workspace: Workspace, room: ModelRoom, kind: Kind) -> str | None:
    """The model of a kind to race: the first one among the columns, else the first there is."""
    possible = room.columns()
    known = [key for key, status in room.statuses.items() if status.spec.kind is kind and key in possible]
    return next((key for key in workspace.columns if key in known), next(iter(known), None))


def read_asked(sent: Mapping[str, Any], now: Asked) -> Asked:
    """What the view sent, with anything unknown or out of its limits replaced by what was asked before."""

    def number(name: str) -> int | None:
        value = sent.get(name)
        return int(value) if isinstance(value, int | float) and value == value and abs(value) < 1e9 else None

    count, length, replicates = number("count"), number("length"), number("replicates")
    return Asked(
        Source(sent["source"]) if sent.get("source") in list(Source) else now.source,
        now.count if count is None else max(COUNTS[0], min(COUNTS[1], count)),
        length if length in LENGTHS else now.length,  # type: ignore[arg-type]
        replicates if replicates in REPLICATES else now.replicates,  # type: ignore[arg-type]
    )
