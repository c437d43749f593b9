"""``python -m components.benchmark.services --infinity EXECUTABLE --ray PYTHON``: real services beside this process.

Prints how far their scores are from those made here, how long 32 pairs take in turn (interleaved in one run, ratios to
in-process), and what happens when a replica is killed under load. Either option may be left out.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from components.benchmark.mixes import QUERY, mixes
from components.benchmark.real_services import RealService, free_port, infinity_command, ray_command, started
from components.benchmark.report import load_average, others_before
from components.models.loading import load, prepare_torch
from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, neural_models
from components.records import Column
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.forward import driven
from components.scoring.scheduler import Job, JobState, Progress, Scheduler
from components.scoring.scorer import Scorer, Stores
from components.service.client import ServiceClient
from components.service.scale import SAME
from components.service.served import ServedBiEncoder, ServedCrossEncoder
from components.service.wire import Form

PAIRS = 32
CLIENTS = 4  # visitors at once while a replica is killed
KILL_AFTER_S = 3.0
LOAD_S = 20.0


@dataclass
class Killed:
    """What visitors saw while a replica was killed."""

    done: int = 0
    failed: list[str] = field(default_factory=list)
    wrong: int = 0
    longest_s: float = 0.0
    longest_piece_s: float = 0.0
    killed: int = 0

    def add(self, job: Job, seconds: float, is_right: object) -> None:
        """Take in one job that has ended, or should have."""
        self.longest_s = max(self.longest_s, seconds)
        self.longest_piece_s = max(self.longest_piece_s, job.progress.longest_piece_s)
        if job.state is not JobState.DONE:
            self.failed.append(job.message)
            return
        self.done += 1
        self.wrong += not is_right

    def sentence(self) -> str:
        return (
            f"{self.killed} replica killed under {CLIENTS} visitors: {self.done} columns whole, "
            f"{len(self.failed)} lost, {self.wrong} with other scores, the longest took {self.longest_s:.1f} s; "
            f"no piece held the worker for more than {self.longest_piece_s:.2f} s"
        )


@contextmanager
def served(service: RealService, own: Scorer) -> Iterator[ServedCrossEncoder | ServedBiEncoder]:
    """A scorer of this process as the service serves it, without falling back."""
    is_pairs = isinstance(own, CrossEncoderScorer)
    client = ServiceClient(service.url + ("/rerank" if is_pairs else "/embeddings"))
    try:
        if isinstance(own, CrossEncoderScorer):
            yield ServedCrossEncoder(own, client, Form.INFINITY, own.info.name, False)
        else:
            assert isinstance(own, BiEncoderScorer)
            yield ServedBiEncoder(own, client, Form.INFINITY, own.info.name, False)
    finally:
        client.close()


def column(scorer: Scorer, documents: Sequence[str], query: str = QUERY) -> Column:
    """One column with empty stores."""
    return driven(scorer.score(query, documents, Stores(), Progress()))


def largest_difference(one: Column, other: Column) -> float:
    """Between the scores of two columns of the same documents."""
    return max(abs(a - b) for a, b in zip(one.values, other.values, strict=True))


def interleaved(makers: Sequence[tuple[str, Scorer]], documents: Sequence[str], rounds: int) -> dict[str, list[float]]:
    """Seconds of each maker for the same documents, a round of all after the other, another one first each time."""
    seconds: dict[str, list[float]] = {name: [] for name, _ in makers}
    for _, scorer in makers:
        column(scorer, documents)  # the first pass is slow
    for number in range(rounds):
        first = number % len(makers)
        for name, scorer in (*makers[first:], *makers[:first]):
            started_at = time.perf_counter()
            column(scorer, documents)
            seconds[name].append(time.perf_counter() - started_at)
    return seconds


def kill_under_load(service: RealService, own: CrossEncoderScorer, seconds: float = LOAD_S) -> Killed:
    """Visitors score without a pause through the app's own worker; one replica is killed in the middle of it."""
    documents, found = list(mixes(64)[1].documents), Killed()
    right, lock = column(own, documents), threading.Lock()
    scheduler, ends = Scheduler(), time.monotonic() + seconds

    def visitor(name: str, scorer: Scorer) -> None:
        while time.monotonic() < ends:
            made: list[Column] = []
            started_at = time.monotonic()
            job = scheduler.submit(Job(name, "load", _work(scorer, documents, made.append)))
            job.wait(120)
            with lock:
                found.add(job, time.monotonic() - started_at, made and largest_difference(made[0], right) <= SAME)

    with served(service, own) as scorer:
        visitors = [threading.Thread(target=visitor, args=(f"visitor {number}", scorer)) for number in range(CLIENTS)]
        for one in visitors:
            one.start()
        time.sleep(KILL_AFTER_S)
        for replica in service.replicas()[:1]:
            replica.kill()
            found.killed += 1
        for one in visitors:
            one.join()
    return found


def _work(scorer: Scorer, documents: Sequence[str], deliver: Callable[[Column], None]):  # type: ignore[no-untyped-def]
    def work(progress: Progress):  # type: ignore[no-untyped-def]
        deliver((yield from scorer.score(QUERY, documents, Stores(), progress)))

    return work


def models() -> tuple[CrossEncoderScorer, BiEncoderScorer]:
    """The two default models of this process."""
    device = prepare_torch()
    made = {spec.key: load(spec, device) for spec in neural_models()}
    cross, bi = made[DEFAULT_CROSS_ENCODER], made[DEFAULT_BI_ENCODER]
    assert isinstance(cross, CrossEncoderScorer)
    assert isinstance(bi, BiEncoderScorer)
    return cross, bi


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m components.benchmark.services", description=__doc__)
    parser.add_argument("--infinity", metavar="EXECUTABLE", help="infinity_emb of its own environment")
    parser.add_argument("--ray", metavar="PYTHON", help="python of an environment with requirements-serve.txt")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    cross, bi = models()
    import torch

    averages = ", ".join(f"{value:.1f}" for value in load_average())
    print(f"load {averages}; others use {others_before():.0%} of the cores; {torch.get_num_threads()} threads here")
    with ExitStack() as stack:
        running = []
        for name, given, command in (
            ("infinity", options.infinity, infinity_command),
            ("ray", options.ray, ray_command),
        ):
            if given:
                port, began = free_port(), time.monotonic()
                running.append(stack.enter_context(started(name, command(given, port), port)))
                print(f"{name}: ready after {time.monotonic() - began:.0f} s, {running[-1].memory() / 1e6:.0f} MB")
        for own in (cross, bi):
            with ExitStack() as connections:
                there = [(one.name, connections.enter_context(served(one, own))) for one in running]
                _report(own, there, options.rounds)
        for service in running:
            if service.name == "ray":
                print(kill_under_load(service, cross).sentence())
    return 0


def _report(own: CrossEncoderScorer | BiEncoderScorer, there: Sequence[tuple[str, Scorer]], rounds: int) -> None:
    makers: list[tuple[str, Scorer]] = [("in-process", own), *there]
    for mix in mixes(PAIRS):
        here = column(own, mix.documents)
        for name, scorer in makers[1:]:
            difference = largest_difference(column(scorer, mix.documents), here)
            print(f"{own.info.kind}, {mix.name}: {name} differs by {difference:.1e}")
    documents = mixes(PAIRS)[1].documents
    seconds = interleaved(makers, documents, rounds)
    base = statistics.median(seconds["in-process"])
    for name, of_name in seconds.items():
        middle, low, high = statistics.median(of_name), min(of_name), max(of_name)
        said = f"{middle:.3f} s ({low:.3f} to {high:.3f}), {middle / base:.2f} x in-process"
        print(f"{own.info.kind}, {PAIRS} mixed: {name} {said}")


if __name__ == "__main__":
    sys.exit(main())
