"""The classifiers of one server: loaded when a page wants one, never before the relevance models are ready."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from components.errors import ModelProblem
from components.models.registry import ModelSpec
from components.models.room import LoadState
from components.scoring.classifier import Classifier

logger = logging.getLogger("relevance_lab")

KEPT = 2  # what was wanted longest ago is let go
MOST_FAILURES = 50  # sentences that are remembered: anybody can type any name


@dataclass(frozen=True)
class Standing:
    """Where a wanted classifier stands: it, or a sentence about why it is not there (yet)."""

    state: LoadState
    classifier: Classifier | None = None
    message: str = ""


class ClassifierRoom:
    """Loads classifiers by name, one at a time, in a thread of their own; keeps the last ``KEPT``.

    ``first`` tells what has to be ready before: "" when it is, else what it does now.
    """

    def __init__(
        self,
        find: Callable[[str], ModelSpec],
        load: Callable[[ModelSpec, str], Classifier],
        prepare: Callable[[], str],
        first: Callable[[], str],
    ) -> None:
        self._find, self._load, self._prepare, self._first = find, load, prepare, first
        self._lock = threading.Lock()
        self._ready: OrderedDict[str, Classifier] = OrderedDict()
        self._failed: dict[str, str] = {}
        self._loading = ""
        self._device = ""

    def want(self, name: str) -> Standing:
        """The classifier of this name, or where it stands; loading begins with the first call that may begin it."""
        with self._lock:
            if name in self._ready:
                self._ready.move_to_end(name)
                return Standing(LoadState.READY, self._ready[name])
            if name in self._failed:
                return Standing(LoadState.FAILED, message=self._failed[name])
            if self._loading:
                return Standing(LoadState.LOADING, message=f"Loading the model {self._loading}.")
            if words := self._first():
                return Standing(LoadState.WAITING, message=words)
            self._loading = name
        threading.Thread(target=self._run, args=(name,), name="classifier-loading", daemon=True).start()
        return Standing(LoadState.LOADING, message=f"Loading the model {name}.")

    def forget_failure(self, name: str) -> None:
        """The next ``want`` tries again."""
        with self._lock:
            self._failed.pop(name, None)

    def _run(self, name: str) -> None:
        made, message = None, ""
        try:
            spec = self._find(name)
            self._device = self._device or self._prepare()
            made = self._load(spec, self._device)
            made.warm_up()
        except ModelProblem as error:
            message = str(error)
        except Exception as error:
            message = f"“{name}” cannot be loaded ({type(error).__name__}): choose another model."
            logger.exception("a classifier could not be loaded")
        with self._lock:
            self._loading = ""
            if made is None or message:
                self._failed[name] = message
                while len(self._failed) > MOST_FAILURES:
                    self._failed.pop(next(iter(self._failed)))
            else:
                self._ready[name] = made
                while len(self._ready) > KEPT:
                    self._ready.popitem(last=False)
        logger.info("classifier %s", "failed" if message else "ready")
