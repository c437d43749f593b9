"""The models of one server: loaded once, behind, in a thread of their own, while pages are already on the screen."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from components.errors import ModelProblem
from components.models.registry import ModelSpec
from components.scoring.scorer import Scorer

logger = logging.getLogger("relevance_lab")


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


class ModelRoom:
    """Loads the models of ``specs`` one after the other and hands out their scorers."""

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
        self.started_at: float | None = None
        self.step = "The models will be loaded in a moment."

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

    def columns(self) -> tuple[str, ...]:
        """All columns one can choose: models that have not failed, then what needs no loading."""
        neural = [key for key, status in self.statuses.items() if status.state is not LoadState.FAILED]
        return (*neural, *(key for key in self._scorers if key not in self.statuses))

    def problems(self) -> tuple[str, ...]:
        """The sentences of the models that could not be loaded."""
        return tuple(status.message for status in self.statuses.values() if status.state is LoadState.FAILED)

    def _run(self) -> None:
        started = time.monotonic()
        try:
            self.step = "Starting the engine that runs the models (PyTorch)."
            device = self._prepare()
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
            self._settled.set()
            ready = sum(status.state is LoadState.READY for status in self.statuses.values())
            logger.info("models: %d of %d ready in %.1f s", ready, len(self.statuses), time.monotonic() - started)

    def _load_one(self, status: ModelStatus, device: str) -> None:
        status.state = LoadState.LOADING
        try:
            scorer = self._load(status.spec, device)
            scorer.warm_up()
            self._scorers[status.spec.key] = scorer
            status.state = LoadState.READY
        except ModelProblem as error:
            status.message, status.state = str(error), LoadState.FAILED
            logger.error("model %s: %s", status.spec.key, error)
