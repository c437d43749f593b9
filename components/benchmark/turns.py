"""What visitors wait for: one edit of fifty documents, and eight people at once."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from components.benchmark.mixes import QUERY
from components.benchmark.report import Line
from components.records import Comparison, Document
from components.scoring.compare import compare
from components.scoring.scheduler import Job, Progress, Scheduler
from components.scoring.scorer import Scorer, Stores
from components.scoring.store import SeenBefore

VISITORS = 8
DOCUMENTS = 50
FAIR = 2.0
PATIENCE_S = 600.0


def edit_lines(scorers: Sequence[Scorer], texts: Sequence[str], runs: int) -> list[Line]:
    """Fifty documents from nothing, then with one of them changed, through the worker as the page does it."""
    fresh, edits, scored = [], [], 0
    for run in range(runs):
        scheduler, stores, seen = Scheduler(), Stores(), SeenBefore()
        documents = [f"{text} ({run})" for text in texts[:DOCUMENTS]]
        fresh.append(_compare(scheduler, scorers, documents, stores, seen)[0])
        seconds, found = _compare(scheduler, scorers, [*documents[:-1], f"another end {run}"], stores, seen)
        edits.append(seconds)
        scored = found.scored
    first, edit = statistics.median(fresh), statistics.median(edits)
    part = "one edit of fifty"
    return [
        Line(part, "fifty documents, none known", first, "s"),
        Line(part, "one of them changed", edit, "s", f"{scored} scored, {DOCUMENTS - scored} kept; {first / edit:.1f} "
             "times as fast"),
    ]  # fmt: skip


def fair_lines(scorers: Sequence[Scorer], texts: Sequence[str]) -> list[Line]:
    """Eight visitors with texts of their own at once, beside one alone in the same run."""
    alone_first, alone_whole = _together(scorers, texts, 1)
    firsts, wholes = _together(scorers, texts, VISITORS)
    part = "eight people at once"
    first, whole = max(firsts) / (VISITORS * alone_first[0]), max(wholes) / (VISITORS * alone_whole[0])
    bar = f"at most {FAIR:g} times"
    return [
        Line(part, "last first scores, over 8 x one's first alone", first, "times", f"{max(firsts):.2f} s", bar,
             first <= FAIR),
        Line(part, "last whole result, over 8 x one's whole alone", whole, "times", f"{max(wholes):.2f} s", bar,
             whole <= FAIR),
        Line(part, "first of the eight to have scores", min(firsts), "s"),
    ]  # fmt: skip


def _together(scorers: Sequence[Scorer], texts: Sequence[str], visitors: int) -> tuple[list[float], list[float]]:
    """Seconds until each visitor's first piece was scored, and until each one's comparison was there."""
    scheduler, stores = Scheduler(), Stores()
    firsts: dict[int, float] = {}
    started = time.perf_counter()

    def watched(visitor: int, work: Callable[[Progress], Iterator[None]]) -> Callable[[Progress], Iterator[None]]:
        def pieces(progress: Progress) -> Iterator[None]:
            for _ in work(progress):
                if progress.done:
                    firsts.setdefault(visitor, time.perf_counter() - started)
                yield

        return pieces

    ends: dict[int, float] = {}
    jobs = []
    for visitor in range(visitors):
        documents = tuple(Document(n, f"{text} {visitor} of {visitors}") for n, text in enumerate(texts, 1))

        def deliver(comparison: Comparison, visitor: int = visitor) -> None:
            ends[visitor] = time.perf_counter() - started

        work = compare(QUERY, documents, scorers, stores, SeenBefore(), deliver)
        jobs.append(scheduler.submit(Job(str(visitor), "benchmark", watched(visitor, work))))
    for job in jobs:
        job.wait(PATIENCE_S)
    return list(firsts.values()), list(ends.values())


def _compare(
    scheduler: Scheduler, scorers: Sequence[Scorer], texts: Sequence[str], stores: Stores, seen: SeenBefore
) -> tuple[float, Comparison]:
    documents = tuple(Document(number, text) for number, text in enumerate(texts, 1))
    found: list[Comparison] = []
    started = time.perf_counter()
    job = scheduler.submit(Job("one", "benchmark", compare(QUERY, documents, scorers, stores, seen, found.append)))
    job.wait(PATIENCE_S)
    return time.perf_counter() - started, found[0]
