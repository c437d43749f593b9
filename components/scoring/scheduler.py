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
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from components.errors import Cancelled, LabError, where

logger = logging.getLogger("relevance_lab")

Answer = TypeVar("Answer")

LOOK_S = 0.25  # while everybody waits for answers from outside: how often it is looked whether one was stopped
GONE_AFTER_S = 10.0  # a lost connection may come back: this long a visitor counts as still there
MOST_JOBS = 12  # of one visitor that wait or run; what a page gives up does not count
TOO_MUCH = "Too much of yours is waiting already: let some of it end, or stop it, and try again."
FAILED = "Something went wrong while scoring; the text is still there. Try again."


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
    waits_for: Future[Any] | None = field(default=None, repr=False)  # what the job cannot go on without


def awaited(answer: Future[Answer], progress: Progress) -> Generator[None, None, Answer]:
    """Wait for an answer that another thread fetches, and give the worker to the others meanwhile.

    ``progress`` must be the job's own: the worker reads there what is waited for.
    """
    progress.waits_for = answer
    try:
        while not answer.done():
            yield
            wait([answer], LOOK_S / 10)  # the worker comes back when it is there; whoever else drives must not spin
    finally:
        progress.waits_for = None
    return answer.result()


@dataclass(eq=False)
class Job:
    """A piece of work somebody waits for. ``visitor`` is a session, or a session and a word for a line of its own."""

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

    @property
    def session(self) -> str:
        """The visitor, without the word for a line of its own."""
        return self.visitor.partition(" ")[0]

    @property
    def seconds_left(self) -> float | None:
        """An estimate of the work that is left, from what is done; None before the first piece has counted."""
        done, total = self.progress.done, self.progress.total
        return self.busy_s * max(0, total - done) / done if done else None

    def wanted(self) -> bool:
        """Whether anybody still waits for it."""
        if self._cancel.is_set():
            return False
        now = time.monotonic()
        if self.alive():
            self._last_alive = now
        return now - self._last_alive < GONE_AFTER_S

    def can_go_on(self) -> bool:
        """Whether there is something to do for the worker: a job that waits for an answer has nothing."""
        answer = self.progress.waits_for
        return answer is None or answer.done() or self.stopping

    def end(self, state: JobState, message: str = "") -> None:
        self.state, self.message = state, message
        self._ended.set()


class Scheduler:
    """The worker and the queues of the visitors, served in turn."""

    def __init__(self) -> None:
        self._queues: OrderedDict[str, deque[tuple[Job, Iterator[None]]]] = OrderedDict()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._usual_s = 0.0  # what a job takes, a running mean

    def submit(self, job: Job) -> Job:
        """Queue a job; the worker starts with the first one. A visitor with too many of them gets a failed one back."""
        with self._changed:
            if len(self._of_session(job.session)) >= MOST_JOBS:
                job.end(JobState.FAILED, TOO_MUCH)
                return job
            self._queues.setdefault(job.visitor, deque()).append((job, job.work(job.progress)))
            if self._thread is None or not self._thread.is_alive():
                self._start()
            self._changed.notify()
        return job

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="scoring-worker", daemon=True)
        self._thread.start()

    def _of_session(self, session: str) -> list[Job]:
        jobs = (job for queue in self._queues.values() for job, _ in queue)
        return [job for job in jobs if job.session == session and not job.stopping]

    def has_work(self, session: str) -> bool:
        """Whether a visitor waits for something."""
        with self._changed:
            return bool(self._of_session(session))

    def seconds_waiting(self) -> float:
        """An estimate of the work in all queues, in seconds of the worker."""
        with self._changed:
            jobs = [job for queue in self._queues.values() for job, _ in queue if not job.stopping]
            return sum(self._usual_s if (left := job.seconds_left) is None else left for job in jobs)

    def waiting_visitors(self) -> int:
        """How many have work that has not ended; a visitor's lines of their own (see ``Job``) count each."""
        with self._changed:
            return len(self._queues)

    def _take(self) -> tuple[Job, Iterator[None]]:
        """The job of the visitor at the front of the line, patient ones after all others. Blocks until there is one.

        Those that wait for an answer from outside are passed over.
        """
        with self._changed:
            while not (ready := [queue[0] for queue in self._queues.values() if queue[0][0].can_go_on()]):
                self._changed.wait(LOOK_S if self._queues else None)
            return min(ready, key=lambda first: first[0].is_patient)

    def _wake(self, answer: Future[Any]) -> None:
        """An answer is there: a worker that has nothing else to do goes on."""
        with self._changed:
            self._changed.notify()

    def _to_the_back(self, visitor: str) -> None:
        """A visitor whose piece is done queues up again, behind those who came while it ran."""
        with self._changed:
            if visitor in self._queues:
                self._queues.move_to_end(visitor)

    def _drop(self, job: Job) -> None:
        with self._changed:
            if job.state is JobState.DONE:
                self._usual_s = 0.9 * self._usual_s + 0.1 * job.busy_s if self._usual_s else job.busy_s
            queue = self._queues[job.visitor]
            queue.popleft()
            if not queue:
                del self._queues[job.visitor]

    def _run(self) -> None:
        """Serve for ever. Should the thread be ended from outside in the middle of a piece, its job fails and another
        thread goes on with the others."""
        job: Job | None = None
        try:
            while True:
                job, pieces = self._take()
                if not self._one_piece(job, pieces):
                    pieces = iter(())  # close the generator's frame with its texts before waiting for the next job
                    self._drop(job)
                    _log(job)
                    if not job.busy_s:
                        continue  # it was given up before it began: that cost nobody a turn
                self._to_the_back(job.visitor)
                del pieces
                job = None
        except BaseException as error:
            self._replace(job, error)

    def _replace(self, job: Job | None, error: BaseException) -> None:
        """The worker's thread ends: its job gets a sentence, and a new thread takes over."""
        logger.error("the worker ended: %s in %s", type(error).__name__, where(error))
        with self._changed:
            if job is not None:
                if not job.ended:
                    job.end(JobState.FAILED, FAILED)
                queue = self._queues.get(job.visitor)
                if queue and queue[0][0] is job:
                    queue.popleft()
                if queue is not None and not queue:
                    del self._queues[job.visitor]
            self._start()

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
            _count(job, time.monotonic() - started)
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
            logger.error("job %d failed: %s in %s", job.number, type(error).__name__, where(error))
            job.end(JobState.FAILED, FAILED)
            return False
        _count(job, time.monotonic() - started)
        if job.progress.waits_for is not None:
            job.progress.waits_for.add_done_callback(self._wake)
        return True


def _count(job: Job, seconds: float) -> None:
    job.busy_s += seconds
    job.progress.longest_piece_s = max(job.progress.longest_piece_s, seconds)


def _log(job: Job) -> None:
    """One line a job, never any text."""
    logger.info(
        "job %d %s %s: %d of %d %s, %.0f ms busy, %.0f ms in all, longest piece %.0f ms",
        job.number,
        job.kind,
        job.state,
        job.progress.done,
        job.progress.total,
        job.progress.unit,
        job.busy_s * 1000,
        (time.monotonic() - job.submitted_at) * 1000,
        job.progress.longest_piece_s * 1000,
    )
