"""Many questions for one piece of work: how texts are put into questions, and how their answers come in."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

from components.errors import ServiceProblem
from components.scoring.batching import TokenBudget, cut_batches
from components.scoring.scheduler import Progress, awaited
from components.service.client import Answered
from components.service.wire import WrongAnswer

MOST_ROWS = 32  # texts in one question: what TEI takes unless it is told otherwise
FEWEST_ROWS = 8
MOST_TOKENS = 4_096  # in one question: a progress bar should move, and a stopped job should not leave much behind
ANSWER_S = 0.3  # what an answer should take: the next visitor's question waits for it
UNDER_WAY = 2  # questions of one visitor at once, so that two replicas have something to do


def question_budget() -> TokenBudget:
    """Padded tokens in one question, learnt from how long answers take."""
    return TokenBudget(ANSWER_S, MOST_TOKENS)


def rows_of(count: int) -> Iterator[list[int]]:
    """So many texts in their order, as many as one question may hold at once."""
    for start in range(0, count, MOST_ROWS):
        yield list(range(start, min(start + MOST_ROWS, count)))


def question_batches(lengths: Sequence[int], budget: TokenBudget) -> Iterator[list[int]]:
    """Indices of texts of like length, as many as go into one question; few texts are shared among ``UNDER_WAY``."""
    rows = min(MOST_ROWS, max(FEWEST_ROWS, math.ceil(len(lengths) / UNDER_WAY)))
    for batch in cut_batches(lengths, budget):
        for start in range(0, len(batch), rows):
            yield batch[start : start + rows]


def under_way(
    batches: Iterable[list[int]],
    ask: Callable[[list[int]], Future[Answered]],
    take: Callable[[list[int], Answered], None],
    progress: Progress,
) -> Generator[None, None, float]:
    """Ask batch after batch, some questions at once, and hand each answer to ``take``; the seconds all of it took.

    What is still asked for when the work ends early is called off.
    """
    waiting: deque[tuple[list[int], Future[Answered]]] = deque()
    seconds: list[float] = []

    def next_answer() -> Generator[None, None, None]:
        batch, asked = waiting[0]
        answer = yield from awaited(asked, progress)
        waiting.popleft()
        seconds.append(answer.seconds)
        with usable():
            take(batch, answer)
        yield

    try:
        for batch in batches:
            waiting.append((batch, ask(batch)))
            if len(waiting) == UNDER_WAY:
                yield from next_answer()
        while waiting:
            yield from next_answer()
    finally:
        for _, asked in waiting:
            asked.cancel()
    return sum(seconds) / max(1, min(UNDER_WAY, len(seconds)))


@contextmanager
def usable() -> Iterator[None]:
    """What is wrong with an answer, as a problem with the service."""
    try:
        yield
    except WrongAnswer as wrong:
        raise ServiceProblem(f"gave an answer that cannot be used ({wrong})") from None
