"""One worker scores for everybody, a short piece for one visitor, then a short piece for the next.

A job is a generator: each ``next`` does one piece of work of at most about 0.3 s. Between two pieces the worker looks
whether the job was stopped or its visitor has gone, and turns to the next visitor. So nobody waits for more than the
pieces ahead of theirs, and nothing of this runs in a page's own thread.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from components.errors import Cancelled, LabError

logger = logging.getLogger("relevance_lab")

GONE_AFTER_S = 10.0  # a lost connection may come back: this long a visitor counts as still there


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass
class Progress:
    """How far a job is, written by the worker and read by the page. ``unit`` names what is counted."""

    done: int = 0
    total: int = 0
    unit: str = "pairs"
    step: str = ""  # what is being done, as a sentence; "" where the kind of the job says it
    kept: int = 0  # of those done, what an earlier run had left: it says nothing about the rate
    longest_piece_s: float = 0.0


@dataclass(eq=False)
class Job:
    """A piece of work somebody waits for."""

    visitor: str
    kind: str
    work: Callable[[Progress], Iterator[None]]
    alive: Callable[[], bool] = lambda: True
    is_patient: bool = False  # lets every visitor go first: the server's own measurements
    progress: Progress = field(default_factory=Progress)
    state: JobState = JobState.QUEUED
    message: str = ""  # why it failed, for the visitor
    number: int = field(default_factory=itertools.count(1).__next__)
    submitted_at: float = field(default_factory=time.monotonic)
    busy_s: float = 0.0  # time the worker spent on it
    _ended: threading.Event = field(default_factory=threading.Event)
    _cancel: threading.Event = field(default_factory=threading.Event)
    _last_alive: float = field(default_factory=time.monotonic)

    def stop(self) -> None:
        """Ask the worker to end the job before its next piece."""
        self._cancel.set()

    @property
    def stopping(self) -> bool:
        return self._cancel.is_set()

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until the job has ended, at most so long; True when it has."""
        return self._ended.wait(seconds)

    def wanted(self) -> bool:
        """Whether anybody still waits for it."""
        if self._cancel.is_set():
            return False
        now = time.monotonic()
        if self.alive():
            self._last_alive = now
        return now - self._last_alive < GONE_AFTER_S

    def end(self, state: JobState, message: str = "") -> None:
        self.state, self.message = state, message
        self._ended.set()


class Scheduler:
    """The worker and the queues of the visitors, served in turn."""

    def __init__(self) -> None:
        self._queues: OrderedDict[str, deque[tuple[Job, Iterator[None]]]] = OrderedDict()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def submit(self, job: Job) -> Job:
        """Queue a job; the worker starts with the first one."""
        with self._changed:
            self._queues.setdefault(job.visitor, deque()).append((job, job.work(job.progress)))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="scoring-worker", daemon=True)
                self._thread.start()
            self._changed.notify()
        return job

    def waiting_visitors(self) -> int:
        """How many visitors have work that has not ended."""
        with self._changed:
            return len(self._queues)

    def _take(self) -> tuple[Job, Iterator[None]]:
        """The job of the visitor at the front of the line, patient ones after all others. Blocks until there is one."""
        with self._changed:
            while not self._queues:
                self._changed.wait()
            return min((queue[0] for queue in self._queues.values()), key=lambda first: first[0].is_patient)

    def _to_the_back(self, visitor: str) -> None:
        """A visitor whose piece is done queues up again, behind those who came while it ran."""
        with self._changed:
            if visitor in self._queues:
                self._queues.move_to_end(visitor)

    def _drop(self, job: Job) -> None:
        with self._changed:
            queue = self._queues[job.visitor]
            queue.popleft()
            if not queue:
                del self._queues[job.visitor]

    def _run(self) -> None:
        while True:
            job, pieces = self._take()
            if not self._one_piece(job, pieces):
                pieces = iter(())  # close the generator's frame with its texts before waiting for the next job
                self._drop(job)
                _log(job)
            self._to_the_back(job.visitor)
            del job, pieces

    def _one_piece(self, job: Job, pieces: Iterator[None]) -> bool:
        """Run one piece; False when the job has ended. Whatever a job raises ends that job and not the worker."""
        if not job.wanted():
            job.end(JobState.STOPPED)
            return False
        job.state = JobState.RUNNING
        started = time.monotonic()
        try:
            next(pieces)
        except StopIteration:
            job.busy_s += time.monotonic() - started
            job.end(JobState.DONE)
            return False
        except Cancelled:
            job.end(JobState.STOPPED)
            return False
        except LabError as error:
            job.end(JobState.FAILED, str(error))
            return False
        except MemoryError:
            job.end(JobState.FAILED, "The machine has run out of memory: try fewer or shorter documents.")
            return False
        except Exception as error:
            # No message of an unexpected error is shown or logged: it may hold a visitor's text.
            logger.error("job %d failed: %s in %s", job.number, type(error).__name__, _where(error))
            job.end(JobState.FAILED, "Something went wrong while scoring; the text is still there. Try again.")
            return False
        spent = time.monotonic() - started
        job.busy_s += spent
        job.progress.longest_piece_s = max(job.progress.longest_piece_s, spent)
        return True


def _where(error: BaseException) -> str:
    """File and line of an error, without any value."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return "?" if traceback is None else f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}"


def _log(job: Job) -> None:
    """One line a job, never any text."""
    logger.info(
        "job %d %s %s: %d of %d %s, %.0f ms busy, %.0f ms in all",
        job.number,
        job.kind,
        job.state,
        job.progress.done,
        job.progress.total,
        job.progress.unit,
        job.busy_s * 1000,
        (time.monotonic() - job.submitted_at) * 1000,
    )
