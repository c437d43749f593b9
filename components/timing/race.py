"""The race: both approaches over the same documents, in turn, again and again. A job's work, a forward pass a piece.

First the race itself; then other numbers and lengths of documents, to see what the time grows with; then searches over
many vectors. Rounds start with another way each time, so that none always runs first. The warm-up is left out.
"""

from __future__ import annotations

import datetime
import platform
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from components.scoring.batching import PIECE_S
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Progress
from components.timing import stages
from components.timing.load import IDLE, LOOK_BACK_S, LoadWatch, processor_name
from components.timing.made_up import made_up_words
from components.timing.records import (
    FEWEST_ROUNDS,
    Asked,
    Environment,
    Lap,
    Leg,
    Load,
    Part,
    RaceResult,
    Scan,
    Source,
    Way,
)
from components.timing.stages import Plan, Runner, Stopwatch

if TYPE_CHECKING:
    import numpy as np

Steps = Iterator[None]

SIZES_UP_TO = 32  # fewer documents than this are repeated, so that the line is not drawn through a handful
SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)  # of the largest number of documents
LENGTHS = (16, 64, 192)  # tokens
LENGTH_DOCUMENTS = 2
PROBE_LENGTH = (
    64  # the leg whose pass is the same in every race: its wall time over processor time tells a busy machine
)
SCANS = (1_000, 5_000, 20_000, 50_000)  # vectors searched
BATCHES = (64, 125, 250, 500, 1_000)  # padded tokens a batch may have: the largest that takes less than PIECE_S
BATCHES_GPU = (*BATCHES, 2_000, 4_000)


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


@dataclass(frozen=True)
class Track:
    """A leg with its texts in batches, for each model; ``vectors`` are the documents' embeddings (documents, dim)."""

    leg: Leg
    documents: Plan
    pairs: Plan
    vectors: np.ndarray


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
        self.scorer = bi
        self.laps: list[Lap] = []
        self.scans: list[Scan] = []
        self.others: list[float] = []
        self.ratios: list[float] = []
        self.tracks: list[Track] = []
        self.idle = 0.0
        progress.unit = "forward passes"

    def run(self) -> Steps:
        self.environment = self._environment(batch_tokens=0)
        self.watch = LoadWatch(self.environment.cores)
        yield from self._choose_batch()
        yield from self._lay_tracks()
        self._count_passes()
        yield from self._warm_up()
        yield from self._race_rounds()
        self.live.race_done = True
        yield from self._reason_rounds()
        yield from self._scan_rounds()
        self.live.result = self._result(complete=True)

    def _choose_batch(self) -> Steps:
        """The largest batch whose pass is short enough for a piece; it stays the same for the whole race."""
        self.live.phase = "Measuring how large a batch may be."
        chosen = BATCHES[0]
        for tokens in BATCHES if self.bi.device == "cpu" else BATCHES_GPU:
            rows = max(1, tokens // PROBE_LENGTH)
            pairs: list[tuple[str, str]] = [("", text) for text in self._made_up(rows, min(tokens, PROBE_LENGTH) - 3)]
            took = []
            for _ in range(2):  # the first of a shape may be slow
                watch = Stopwatch()
                with watch.piece():
                    self.cross.run(self.cross.features(pairs))
                took.append(watch.total)
                yield
            if min(took) > PIECE_S:
                break
            chosen = tokens
        self.environment = self._environment(chosen)

    def _made_up(self, count: int, length: int, seed: int = 0) -> list[str]:
        """Made-up documents of exactly ``length`` tokens, special tokens not counted."""
        texts = made_up_words(count, length, seed)
        return [text[: spans[length - 1][1]] for text, spans in zip(texts, self.scorer.token_spans(texts), strict=True)]

    def _lay_tracks(self) -> Steps:
        """Put together which documents are timed, and in which batches."""
        self.live.phase = "Counting tokens."
        if self.asked.source is Source.MADE_UP:
            self.texts = self._made_up(self.asked.count, self.asked.length)
        count = len(self.texts)
        self.live.documents = count
        self.query_plan = stages.plan([self.query], self.bi.lengths([self.query]), self.environment.batch_tokens)
        yield from self._lay_track(Part.RACE, self.texts)
        pool = list(self.texts)
        random.Random(1).shuffle(pool)
        most = max(count, SIZES_UP_TO)
        pool *= -(-most // count)
        for size in sorted({max(1, round(most * share)) for share in SHARES} - {count}):
            yield from self._lay_track(Part.SIZE, pool[:size])
        for length in LENGTHS:
            yield from self._lay_track(Part.LENGTH, self._made_up(LENGTH_DOCUMENTS, length, seed=length))

    def _lay_track(self, part: Part, texts: list[str]) -> Steps:
        batch = self.environment.batch_tokens
        lengths: dict[str, tuple[int, int]] = {}
        distinct = list(dict.fromkeys(texts))
        for start in range(0, len(distinct), 16):
            some = distinct[start : start + 16]
            pairs = self.cross.lengths([(self.query, text) for text in some])
            lengths |= dict(zip(some, zip(self.bi.lengths(some), pairs, strict=True), strict=True))
            yield
        documents = stages.plan(texts, [lengths[text][0] for text in texts], batch)
        pairs_plan = stages.plan([(self.query, text) for text in texts], [lengths[text][1] for text in texts], batch)
        vectors = None
        for vectors in stages.embed_all(self.bi, documents):
            yield
        assert vectors is not None
        of_query, of_documents = self.query_plan.work(self.bi.shape()), documents.work(self.bi.shape())
        works = (
            (Way.CROSS, pairs_plan.work(self.cross.shape())),
            (Way.NOTHING, stages.together(of_query, of_documents)),
            (Way.DOCUMENTS, of_query),
            (Way.QUERY, of_query),
        )
        leg = Leg(len(self.tracks), part, len(texts), works)
        self.tracks.append(Track(leg, documents, pairs_plan, vectors))

    def _ways(self, track: Track) -> tuple[Way, ...]:
        """Which ways are timed over a leg: reasons need neither the query alone nor, for lengths, an index."""
        if track.leg.part is Part.RACE:
            return tuple(Way)
        return (Way.CROSS, Way.NOTHING, Way.DOCUMENTS) if track.leg.part is Part.SIZE else (Way.CROSS, Way.NOTHING)

    def _probe(self) -> Track:
        return self.tracks[-len(LENGTHS) + LENGTHS.index(PROBE_LENGTH)]

    def _is_warmed(self, track: Track) -> bool:
        """Long legs are not run through for warming: their shapes are those of the race."""
        return track.leg.part is not Part.SIZE or track.leg.documents <= SIZES_UP_TO

    def _count_passes(self) -> None:
        """The number of pieces to come, for the progress."""

        def pieces(track: Track) -> int:
            return sum(track.leg.work_of(way).batches for way in self._ways(track))

        warm = sum(pieces(track) for track in self.tracks if self._is_warmed(track))
        probe = self._probe().leg.work_of(Way.CROSS).batches
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
        if way is Way.DOCUMENTS:
            return lambda watch: stages.index_lap(self.bi, self.query_plan, track.vectors, watch)
        return lambda watch: stages.query_lap(self.bi, self.query_plan, watch)

    def _warm_up(self) -> Steps:
        """Every leg once, then the race again until the machine has been watched for a second."""
        self.live.phase = "Warm-up, which is left out."
        for track in self.tracks:
            if self._is_warmed(track):
                for way in self._ways(track):
                    yield from self._lap(track, way, 0)
        while self.watch.seconds < LOOK_BACK_S:
            yield from stages.query_lap(self.bi, self.query_plan, Stopwatch())

    def _round(self, number: int, tracks: Sequence[Track]) -> Steps:
        """Every way over every leg once, starting with another one each time."""
        self.others.append(self.watch.look())
        for track in tracks:
            ways = self._ways(track)
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
        """A pass that is the same in every race: how long it waits for its processor."""
        watch = Stopwatch()
        for _ in stages.cross_lap(self.cross, self._probe().pairs, watch):
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
        width = self.tracks[0].vectors.shape[1]
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
        import psutil
        import torch

        on_gpu = self.bi.device.startswith("cuda")
        return Environment(
            processor=torch.cuda.get_device_name() if on_gpu else processor_name(),
            cores=psutil.cpu_count() or 1,
            device=self.bi.device,
            threads=torch.get_num_threads(),
            batch_tokens=batch_tokens,
            models=(self.bi.about(), self.cross.about()),
            system=f"{platform.system()} {platform.machine()}",
            python=platform.python_version(),
            torch=torch.__version__,
            measured_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        )
