"""The race: both approaches over the same documents, in turn, again and again. A job's work, a forward pass a piece.

First the race itself; then other numbers and lengths of documents, to see what the time grows with; then searches over
many vectors. Rounds start with another way each time, so that none always runs first. The warm-up is left out.
"""

from __future__ import annotations

import datetime
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Progress
from components.timing import stages, tracks
from components.timing.load import IDLE, LOOK_BACK_S, LoadWatch, cores, processor_name
from components.timing.records import (
    FEWEST_ROUNDS,
    Asked,
    Environment,
    Lap,
    Load,
    Part,
    RaceResult,
    Scan,
    Way,
)
from components.timing.stages import Stopwatch
from components.timing.tracks import Track

Steps = Iterator[None]

SCANS = (1_000, 5_000, 20_000, 50_000)  # vectors searched


@dataclass
class Live:
    """What the page may look at while the race runs; written by the worker only.

    ``ticks`` are those of the running or last lap of a lane, ``totals`` the race's laps so far. ``result`` is there as
    soon as there are a few replicates, ``race_done`` when the race itself is over and only its reasons are measured.
    """

    phase: str = "Getting ready."
    round: int = 0
    ticks: dict[Way, tuple[tuple[float, int], ...]] = field(default_factory=dict)
    totals: dict[Way, tuple[float, ...]] = field(default_factory=dict)
    documents: int = 0
    result: RaceResult | None = None
    race_done: bool = False


def race(
    asked: Asked, query: str, texts: Sequence[str], bi: BiEncoderScorer, cross: CrossEncoderScorer, live: Live
) -> Callable[[Progress], Steps]:
    """The work of a job. ``texts`` are the workspace's documents; they are not looked at where made-up ones race."""
    return lambda progress: _Race(asked, query, list(texts), bi, cross, live, progress).run()


class _Race:
    def __init__(
        self,
        asked: Asked,
        query: str,
        texts: list[str],
        bi: BiEncoderScorer,
        cross: CrossEncoderScorer,
        live: Live,
        progress: Progress,
    ) -> None:
        self.asked, self.query, self.texts, self.live, self.progress = asked, query, texts, live, progress
        self.bi, self.cross = stages.runners(bi, cross)
        self.scorer = bi  # it cuts texts into tokens; ``self.bi`` runs the same model stage by stage
        self.laps: list[Lap] = []
        self.scans: list[Scan] = []
        self.others: list[float] = []
        self.ratios: list[float] = []
        self.tracks: list[Track] = []
        self.idle = 0.0
        progress.unit = "forward passes"

    def run(self) -> Steps:
        self.watch = LoadWatch(cores())
        self.live.phase = "Measuring how large a batch may be."
        self.environment = self._environment((yield from tracks.choose_batch(self.scorer, self.cross)))
        self.live.phase = "Counting tokens."
        laid = yield from tracks.lay(
            self.asked, self.query, self.texts, self.scorer, (self.bi, self.cross), self.environment.batch_tokens
        )
        self.query_plan, self.tracks = laid
        self.live.documents = self.tracks[0].leg.documents
        self._count_passes()
        yield from self._warm_up()
        yield from self._race_rounds()
        self.live.race_done = True
        yield from self._reason_rounds()
        yield from self._scan_rounds()
        self.live.result = self._result(complete=True)

    def _count_passes(self) -> None:
        """The number of pieces to come, for the progress."""

        def pieces(track: Track) -> int:
            return sum(track.leg.work_of(way).batches for way in track.ways)

        warm = sum(pieces(track) for track in self.tracks if track.is_warmed)
        probe = tracks.probe(self.tracks).leg.work_of(Way.CROSS).batches
        each = sum(pieces(track) for track in self.tracks) + probe
        self.progress.total = warm + self.asked.replicates * each

    def _lap(self, track: Track, way: Way, number: int) -> Iterator[None]:
        """One timed run; the race's own are shown live."""
        watch = Stopwatch()
        shown = track.leg.part is Part.RACE
        for _ in self._driver(track, way)(watch):
            self.progress.done += 1
            if shown:
                self.live.ticks = {**self.live.ticks, way: tuple(watch.ticks)}
            yield
        lap = watch.lap(track.leg.index, way, number)
        self.laps.append(lap)
        if shown and number:
            self.live.totals = {**self.live.totals, way: (*self.live.totals.get(way, ()), lap.total)}

    def _driver(self, track: Track, way: Way) -> stages.Driver:
        if way is Way.CROSS:
            return lambda watch: stages.cross_lap(self.cross, track.pairs, watch)
        if way is Way.NOTHING:
            return lambda watch: stages.embedding_lap(self.bi, self.query_plan, track.documents, watch)
        if way is Way.DOCUMENTS and (vectors := track.vectors) is not None:
            return lambda watch: stages.index_lap(self.bi, self.query_plan, vectors, watch)
        return lambda watch: stages.query_lap(self.bi, self.query_plan, watch)

    def _warm_up(self) -> Steps:
        """Every leg but the long ones of other sizes once, then the query alone until a second was watched."""
        self.live.phase = "Warm-up, which is left out."
        for track in self.tracks:
            if track.is_warmed:
                for way in track.ways:
                    yield from self._lap(track, way, 0)
        while self.watch.seconds < LOOK_BACK_S:
            yield from stages.query_lap(self.bi, self.query_plan, Stopwatch())

    def _round(self, number: int, some: Sequence[Track]) -> Steps:
        """Every way over every leg once, starting with another one each time."""
        self.others.append(self.watch.look())
        for track in some:
            ways = track.ways
            first = number % len(ways)
            for way in (*ways[first:], *ways[:first]):
                yield from self._lap(track, way, number)

    def _race_rounds(self) -> Steps:
        for number in range(1, self.asked.replicates + 1):
            self.live.phase = f"Replicate {number} of {self.asked.replicates}."
            self.live.round, self.live.ticks = number, {}
            yield from self._round(number, self.tracks[:1])
            yield from self._look_at_processor()
            if number >= FEWEST_ROUNDS:
                self.live.result = self._result(complete=False)

    def _look_at_processor(self) -> Steps:
        """A pass over documents that are the same in every race: how long it waits for its processor."""
        watch = Stopwatch()
        for _ in stages.cross_lap(self.cross, tracks.probe(self.tracks).pairs, watch):
            self.progress.done += 1
            yield
        if watch.cpu > 0:
            self.ratios.append(watch.total / watch.cpu)
            key = f"{self.environment.device} {self.environment.threads} {self.cross.info.fingerprint}"
            self.idle = IDLE.lowest(key, self.ratios[-1])

    def _reason_rounds(self) -> Steps:
        for number in range(1, self.asked.replicates + 1):
            self.live.phase = (
                f"The race is over; now what the time grows with: round {number} of {self.asked.replicates}."
            )
            yield from self._round(number, self.tracks[1:])
            self.live.result = self._result(complete=False)

    def _scan_rounds(self) -> Steps:
        """Searches over many vectors; random ones, since the time does not depend on what they say."""
        import numpy as np
        from threadpoolctl import threadpool_limits

        self.live.phase = "Searching many vectors."
        of_race = self.tracks[0].vectors
        assert of_race is not None
        width = of_race.shape[1]
        vectors = np.empty((SCANS[-1], width), dtype=np.float32)
        chance = np.random.default_rng(0)
        for start in range(0, len(vectors), 5_000):
            vectors[start : start + 5_000] = chance.random((5_000, width), dtype=np.float32) - 0.5
            yield
        for number in range(self.asked.replicates + 1):
            for count in SCANS:
                with threadpool_limits(1, "blas"):
                    took = stages.scan(self.bi.info.unit, vectors[0], vectors[:count])
                if number:
                    self.scans.append(Scan(count, number, took))
                yield

    def _result(self, complete: bool) -> RaceResult:
        ratio = median(self.ratios) if self.ratios else 0.0
        return RaceResult(
            self.asked,
            self.query_plan.lengths[0],
            tuple(track.leg for track in self.tracks),
            tuple(self.laps),
            tuple(self.scans),
            self.environment,
            Load(tuple(self.others), ratio, self.idle),
            complete=complete,
        )

    def _environment(self, batch_tokens: int) -> Environment:
        import torch

        on_gpu = self.bi.device.startswith("cuda")
        return Environment(
            processor=torch.cuda.get_device_name() if on_gpu else processor_name(),
            cores=cores(),
            device=self.bi.device,
            threads=torch.get_num_threads(),
            batch_tokens=batch_tokens,
            models=(self.bi.about(), self.cross.about()),
            system=f"{platform.system()} {platform.machine()}",
            python=platform.python_version(),
            torch=torch.__version__,
            measured_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        )
