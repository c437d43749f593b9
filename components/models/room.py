"""The models of one server: loaded once, in a thread of their own, while pages are already on the screen."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from components import settings
from components.errors import ModelProblem
from components.models.registry import ModelSpec
from components.records import ScorerInfo
from components.scoring.scorer import Scorer

logger = logging.getLogger("relevance_lab")

LONGEST_WARM_UP = 512  # tokens: a full window of thousands would take its time and memory for nothing


class LoadState(StrEnum):
    WAITING = "waiting"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass
class ModelStatus:
    """Where one model stands; written by the loading thread, read by the pages."""

    spec: ModelSpec
    state: LoadState = LoadState.WAITING
    message: str = ""
    parameters: int = 0  # of the loaded model


class ModelRoom:
    """Loads the models of ``specs`` one after the other and hands out their scorers.

    Visitors can add further ones; those are let go when nobody has had them as a column for a while.
    """

    def __init__(
        self,
        specs: Sequence[ModelSpec],
        load: Callable[[ModelSpec, str], Scorer],
        prepare: Callable[[], str],
        always_ready: Sequence[Scorer] = (),
    ) -> None:
        self.statuses = {spec.key: ModelStatus(spec) for spec in specs}
        self._scorers: dict[str, Scorer] = {scorer.info.key: scorer for scorer in always_ready}
        self._load = load
        self._prepare = prepare
        self._lock = threading.Lock()
        self._started = False
        self._settled = threading.Event()
        self._adding = threading.Lock()  # one model at a time is loaded
        self._device = ""
        self._watcher: threading.Timer | None = None
        self._added: dict[str, float] = {}  # key of an added model -> when it was last seen in use
        self._most_users = 100  # when there are more, those who have gone are dropped
        self._users: dict[str, tuple[Callable[[], bool], frozenset[str]]] = {}
        self.started_at: float | None = None
        self.step = "The models will be loaded in a moment."  # what is done now, for the page; "" when settled

    def start(self, delay_s: float = 0.0) -> None:
        """Begin loading after ``delay_s`` seconds; further calls do nothing."""
        with self._lock:
            if self._started:
                return
            self._started = True
            self.started_at = time.monotonic()
        timer = threading.Timer(delay_s, self._run)
        timer.name, timer.daemon = "model-loading", True
        timer.start()

    @property
    def settled(self) -> bool:
        """Whether nothing is being loaded any more: every model is ready or has failed."""
        return self._settled.is_set()

    def wait(self, seconds: float) -> bool:
        return self._settled.wait(seconds)

    def scorer(self, key: str) -> Scorer | None:
        """The scorer, or None while it is not ready (or never will be)."""
        return self._scorers.get(key)

    def infos(self) -> list[ScorerInfo]:
        """What the scorers that are ready compute."""
        return [scorer.info for scorer in self._scorers.values()]

    def columns(self) -> tuple[str, ...]:
        """All columns one can choose: models that have not failed, then what needs no loading."""
        neural = [key for key, status in self.statuses.items() if status.state is not LoadState.FAILED]
        return (*neural, *(key for key in self._scorers if key not in self.statuses))

    def problems(self) -> tuple[str, ...]:
        """The sentences of the models that could not be loaded."""
        return tuple(status.message for status in self.statuses.values() if status.state is LoadState.FAILED)

    def add(self, spec: ModelSpec) -> None:
        """Load a further model, in the caller's thread; it is a column for everybody then. Raises ``ModelProblem``."""
        with self._adding:
            self.start()
            self._settled.wait()
            if spec.key in self._scorers:
                return
            status = ModelStatus(spec)
            self._load_one(status, self._device or self._prepare())
            if status.state is not LoadState.READY:
                raise ModelProblem(status.message)
            self._added[spec.key] = time.monotonic()
            self.statuses = {**self.statuses, spec.key: status}  # pages may be reading the old one
        self._watch()

    @property
    def added(self) -> tuple[str, ...]:
        """The keys of the models that visitors have added."""
        return tuple(self._added)

    def use(self, visitor: str, alive: Callable[[], bool], keys: Sequence[str]) -> None:
        """Say that a visitor has these columns, for as long as they are ``alive``."""
        with self._lock:
            self._users[visitor] = (alive, frozenset(keys))
            if len(self._users) > self._most_users:
                self._users = {one: user for one, user in self._users.items() if user[0]()}
                self._most_users = 2 * len(self._users) + 100

    def let_go(self, after_s: float) -> tuple[str, ...]:
        """Drop the added models that nobody has had as a column for ``after_s`` seconds; returns their keys."""
        now = time.monotonic()
        with self._lock:
            self._users = {visitor: user for visitor, user in self._users.items() if user[0]()}
            wanted = frozenset[str]().union(*(keys for _, keys in self._users.values()))
        with self._adding:
            for key in wanted & set(self._added):
                self._added[key] = now
            gone = tuple(key for key, seen in self._added.items() if key not in wanted and now - seen >= after_s)
            for key in gone:
                del self._added[key]
                self.statuses = {other: status for other, status in self.statuses.items() if other != key}
                self._scorers = {other: scorer for other, scorer in self._scorers.items() if other != key}
        if gone:
            gc.collect()
            logger.info("models: %d let go", len(gone))
        return gone

    def _watch(self) -> None:
        """Look once a minute, as long as there are added models, whether one can go."""

        def look() -> None:
            self.let_go(settings.let_go_after_s())
            if self._added:
                self._watch()

        with self._lock:
            if (
                self._watcher is not None
                and self._watcher.is_alive()
                and self._watcher is not threading.current_thread()
            ):
                return
            self._watcher = threading.Timer(min(60.0, max(1.0, settings.let_go_after_s())), look)
            self._watcher.name, self._watcher.daemon = "model-watch", True
            self._watcher.start()

    def _run(self) -> None:
        started = time.monotonic()
        try:
            self.step = "Starting the engine that runs the models (PyTorch)."
            device = self._device = self._prepare()
            for place, status in enumerate(self.statuses.values(), 1):
                self.step = f"Loading the {status.spec.kind} {status.spec.name} ({place} of {len(self.statuses)})."
                self._load_one(status, device)
        except Exception as error:
            for status in self.statuses.values():
                if status.state in (LoadState.WAITING, LoadState.LOADING):
                    status.message = f"{status.spec.name} cannot be loaded ({type(error).__name__})."
                    status.state = LoadState.FAILED
            logger.exception("loading ended early")
        finally:
            self.step = ""
            spare_the_collector()
            self._settled.set()
            ready = sum(status.state is LoadState.READY for status in self.statuses.values())
            logger.info("models: %d of %d ready in %.1f s", ready, len(self.statuses), time.monotonic() - started)

    def _load_one(self, status: ModelStatus, device: str) -> None:
        status.state = LoadState.LOADING
        try:
            scorer = self._load(status.spec, device)
            if (scorer.info.max_tokens or 0) <= LONGEST_WARM_UP:
                scorer.warm_up()
            status.parameters = _parameters(scorer)
            self._scorers = {**self._scorers, status.spec.key: scorer}
            status.state = LoadState.READY
        except ModelProblem as error:
            status.message, status.state = str(error), LoadState.FAILED
            logger.error("model %s: %s", status.spec.key, error)


def _parameters(scorer: Scorer) -> int:
    """How many numbers the model has learnt; 0 for scorers without a model."""
    model: Any = getattr(scorer, "model", None)
    return sum(int(one.numel()) for one in model.parameters()) if hasattr(model, "parameters") else 0


def spare_the_collector() -> None:
    """Leave what is loaded by now (half a million objects of torch and transformers) out of every later collection.

    They stay for as long as the server runs, and going through them holds all threads for 0.25 s and more.
    """
    gc.collect()
    gc.freeze()
