"""Many questions for one piece of work: how texts are put into questions, and how their answers come in."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from components.errors import ServiceProblem
from components.scoring.batching import cut_batches
from components.scoring.scheduler import Progress, awaited
from components.service.wire import WrongAnswer

MOST_ROWS = 32  # texts in one question: what TEI takes unless it is told otherwise
FEWEST_ROWS = 8
REQUEST_TOKENS = 4_096  # in one question: a progress bar should move, and a stopped job should not leave much behind
UNDER_WAY = 2  # questions of one visitor at once, so that two replicas have something to do


def question_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of texts of like length, as many as go into one question; few texts are shared among ``UNDER_WAY``."""
    rows = min(MOST_ROWS, max(FEWEST_ROWS, math.ceil(len(lengths) / UNDER_WAY)))
    for batch in cut_batches(lengths, lambda: REQUEST_TOKENS):
        for start in range(0, len(batch), rows):
            yield batch[start : start + rows]


def under_way(
    batches: Iterator[list[int]],
    ask: Callable[[list[int]], Future[Any]],
    take: Callable[[list[int], Any], None],
    progress: Progress,
) -> Generator[None, None, None]:
    """Ask batch after batch, some at once, and hand each answer to ``take``; what is left is called off at the end."""
    waiting: deque[tuple[list[int], Future[Any]]] = deque()
    try:
        for batch in batches:
            waiting.append((batch, ask(batch)))
            if len(waiting) == UNDER_WAY:
                yield from _next_answer(waiting, take, progress)
        while waiting:
            yield from _next_answer(waiting, take, progress)
    finally:
        for _, answer in waiting:
            answer.cancel()


@contextmanager
def usable() -> Iterator[None]:
    """What is wrong with an answer, as a problem with the service."""
    try:
        yield
    except WrongAnswer as wrong:
        raise ServiceProblem(f"gave an answer that cannot be used ({wrong})") from None


def _next_answer(
    waiting: deque[tuple[list[int], Future[Any]]], take: Callable[[list[int], Any], None], progress: Progress
) -> Generator[None, None, None]:
    batch, asked = waiting[0]
    answer = yield from awaited(asked, progress)
    waiting.popleft()
    with usable():
        take(batch, answer)
    progress.done += len(batch)
    yield
