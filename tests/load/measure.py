"""Runs of many visitors on one server, with what the server's process used meanwhile."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from tests.load.report import Figures, gather
from tests.load.roles import PATIENCE_S, Seen, Writer, hold_class, is_live, read
from tests.load.wire import Visitor
from tests.running import Server

ALONE_PASTES = 12
ALONE_RUNS = 20
WARM_SHARE = 0.2  # of a run, at most ten minutes': then memory counts as warm
_PIECE = re.compile(r"job \d+ compare done: .*longest piece (\d+) ms")


@dataclass(frozen=True)
class Alone:
    """A single visitor on the idle server: the measure for all others."""

    figures: Figures
    script_s: float  # processor time of one run of the page's script, nothing to score
    piece_s: float  # longest piece of the worker, median over the visitor's pastes


class Watch:
    """The server's processor time and memory over a while."""

    def __init__(self, server: Server) -> None:
        self._process = psutil.Process(server.process.pid)
        self._started = time.monotonic()
        self._cpu = self.cpu_s
        self.warm_mb = self.mb

    @property
    def cpu_s(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    @property
    def mb(self) -> float:
        return float(self._process.memory_info().rss) / 1e6

    async def note_warm(self, after_s: float) -> None:
        """Take down the memory after a while."""
        await asyncio.sleep(after_s)
        self.warm_mb = self.mb

    def figures(self, sessions: int, met: Sequence[Seen]) -> Figures:
        """What came out, as of now."""
        seconds = time.monotonic() - self._started
        return Figures(
            sessions=sessions,
            minutes=round(seconds / 60, 2),
            turned_away=sum(len(seen.turned_away) for seen in met),
            warm_mb=self.warm_mb,
            end_mb=self.mb,
            cpu_share=(self.cpu_s - self._cpu) / seconds,
            load=os.getloadavg()[0],
            **gather(met),  # type: ignore[arg-type]
        )


async def ready(server: Server) -> None:
    """Wait until the models are there and the machine has been measured: what comes before is a cold start."""
    async with Visitor(server.url) as visitor:
        await visitor.until(is_live, PATIENCE_S)
    deadline = time.monotonic() + PATIENCE_S
    while "tuning done" not in server.output.read_text(errors="replace") and time.monotonic() < deadline:
        await asyncio.sleep(0.5)


async def single(server: Server) -> Alone:
    """One visitor at a time: opens the page, pastes, runs the script with nothing to do."""
    await ready(server)
    watch = Watch(server)
    met = [await Writer(-number).stay(server.url) for number in range(1, ALONE_PASTES + 1)]
    writer = Writer(0)
    async with Visitor(server.url) as visitor:
        await visitor.until(is_live, PATIENCE_S)
        before = len(server.output.read_text(errors="replace"))
        for _ in range(ALONE_PASTES):
            await writer.paste(visitor)
        figures = watch.figures(1, [*met, writer.seen])
        pieces = [int(ms) for ms in _PIECE.findall(server.output.read_text(errors="replace")[before:])]
        script_s = await _script_cpu_s(visitor, watch)
    own = sorted(pieces)
    return Alone(figures, script_s, own[len(own) // 2] / 1000)


async def _script_cpu_s(visitor: Visitor, watch: Watch) -> float:
    """Processor time of the server for one run of the script that finds everything as it was."""
    started = watch.cpu_s
    for _ in range(ALONE_RUNS):
        runs = visitor.runs
        await visitor.run_again()
        await visitor.until(lambda one, runs=runs: one.runs > runs, PATIENCE_S)  # type: ignore[misc]
    return (watch.cpu_s - started) / ALONE_RUNS


async def writers(server: Server, sessions: int, minutes: float, pause_s: float) -> Figures:
    """So many visitors who all come at once, paste again and again, for so long."""
    await ready(server)
    watch = Watch(server)
    warm = asyncio.create_task(watch.note_warm(WARM_SHARE * minutes * 60))
    until = time.monotonic() + minutes * 60
    met = await asyncio.gather(*(Writer(number).stay(server.url, until, pause_s) for number in range(sessions)))
    await warm
    return watch.figures(sessions, met)


async def readers(server: Server, sessions: int, over_s: float) -> Figures:
    """So many visitors who come one after the other within ``over_s`` seconds and only read."""
    await ready(server)
    watch = Watch(server)
    delays = [over_s * number / sessions for number in range(sessions)]
    coming = (read(server.url, number, delay, over_s - delay + 5) for number, delay in enumerate(delays))
    met = await asyncio.gather(*coming)
    return watch.figures(sessions, met)


async def class_of_phones(server: Server, phones: int) -> tuple[Figures, dict[str, int]]:
    """A class that predicts on so many phones at once."""
    await ready(server)
    watch = Watch(server)
    met, counts = await hold_class(server.url, phones)
    return watch.figures(phones, met), counts
