"""What all visitors of one server share: models, stores, the worker."""

from __future__ import annotations

import atexit
import logging
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import streamlit as st

from components import settings
from components.door import Door
from components.models import registry
from components.models.classifier_room import ClassifierRoom
from components.models.classifiers import find_classifier
from components.models.loading import load, load_classifier, prepare_torch
from components.models.room import ModelRoom
from components.scoring.bm25 import BM25Scorer
from components.scoring.scheduler import Job, Scheduler
from components.scoring.scorer import Scorer, Stores
from components.scoring.tuning import Tuned, tune
from components.service.attach import Services
from components.ui.entailment_tally import TallyBoard

TUNE_AGAIN_S = 300.0


@dataclass
class Engine:
    """Models, what they have computed, and the worker that runs them."""

    room: ModelRoom
    classifiers: ClassifierRoom  # loaded when a page or a lesson wants one, after the models of the room
    tallies: TallyBoard = field(default_factory=TallyBoard)
    stores: Stores = field(default_factory=Stores)
    scheduler: Scheduler = field(default_factory=Scheduler)
    door: Door = field(init=False)

    tuned: Tuned | None = None  # what was measured of this machine; None: not yet
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_asked: bool = False
    _measured: set[str] = field(default_factory=set)  # added models that were handed to ``tune``

    def __post_init__(self) -> None:
        self.door = Door(settings.most_visitors(), self.scheduler.has_work, self.scheduler.seconds_waiting)

    def tune_when_ready(self) -> None:
        """Measure the machine once the models are there, behind everybody's work; later on, a model that was added."""
        with self._lock:
            is_first, self._is_asked = not self._is_asked, True
            new = () if is_first else tuple(key for key in self.room.added if key not in self._measured)
            self._measured = {*self._measured, *new} & {*self.room.added}  # one that comes again is a new one
        if is_first:
            threading.Thread(target=self._tune, name="tuning", daemon=True).start()
        elif new:
            self._submit(new, threads_too=False)

    def _tune(self) -> None:
        self.room.wait(threading.TIMEOUT_MAX)
        self._submit(self.room.columns(), self._take_over)

    def _submit(
        self, keys: Sequence[str], done: Callable[[Tuned], None] = lambda tuned: None, threads_too: bool = True
    ) -> None:
        scorers = [scorer for key in keys if (scorer := self.room.scorer(key)) is not None]
        job = tune(self.scheduler, scorers, done, threads_too)
        if job is not None:
            atexit.register(_end, weakref.ref(job))  # what ended must not keep its models in memory

    def _take_over(self, tuned: Tuned) -> None:
        """Keep what was found; on a busy machine it may mislead, so measure again later."""
        self.tuned = tuned
        if tuned.is_busy:
            again = threading.Timer(TUNE_AGAIN_S, self._tune)
            again.daemon = True
            again.start()

    def poll_interval_s(self) -> float:
        """How often a page that waits may look: polling is a budget of the process, shared by those who wait."""
        if not self.room.settled:
            return 1.0  # more often starves the thread that loads
        return max(0.25, self.scheduler.waiting_visitors() / 6)


def light_scorers() -> list[Scorer]:
    """The scorers that have no model to load; each is a column one can choose."""
    return [
        BM25Scorer(),
    ]


def _end(of_job: weakref.ref[Job]) -> None:
    """Let the pass that runs come to its end: a process that exits in the middle of one aborts."""
    if (job := of_job()) is not None:
        job.stop()
        job.wait(3.0)


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The one engine of this server, made at the first visit; its models are not loaded until ``start_loading``."""
    _log_to_stderr()
    services = Services(settings.service())
    room = ModelRoom(
        registry.neural_models(),
        lambda spec, device: services.attach(load(spec, device)),
        prepare_torch,
        always_ready=light_scorers(),
    )

    def first() -> str:
        return "" if room.settled else room.step or "The models are loading."

    return Engine(room, ClassifierRoom(find_classifier, load_classifier, prepare_torch, first))


class _Stderr(logging.Handler):
    """Writes to what is stderr at that moment: one that was closed in the meantime is nobody's."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr, flush=True)


def _log_to_stderr() -> None:
    """One line a job and a model, without any text; Streamlit sets up its own loggers only."""
    logger = logging.getLogger("relevance_lab")
    if not logger.handlers:
        handler = _Stderr()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False


def start_loading() -> None:
    """Begin to load the models behind the page; called at the end of the first script run."""
    engine().room.start(settings.loading_delay_s())
    engine().tune_when_ready()
