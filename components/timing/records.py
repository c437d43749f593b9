"""The records of a race: what was asked, what was timed, on which machine. Times are milliseconds throughout."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

STAGES = ("tokenise", "forward", "score and sort")
FEWEST_ROUNDS = 3  # fewer replicates have no spread to speak of


class Way(StrEnum):
    """What is timed: the cross-encoder, and the bi-encoder with more and more done beforehand."""

    CROSS = "cross-encoder"
    NOTHING = "bi-encoder, nothing embedded"
    DOCUMENTS = "bi-encoder, documents embedded"
    QUERY = "bi-encoder, query only"


class Source(StrEnum):
    """Which documents race."""

    WORKSPACE = "workspace"
    MADE_UP = "made up"


class Part(StrEnum):
    """Why some documents were timed: for the race itself, or to see what the time grows with."""

    RACE = "race"
    SIZE = "number of documents"
    LENGTH = "length of documents"


@dataclass(frozen=True)
class Asked:
    """What to race. ``count`` and ``length`` (tokens) matter for made-up documents only."""

    source: Source = Source.WORKSPACE
    count: int = 20
    length: int = 64
    replicates: int = 10


@dataclass(frozen=True)
class Work:
    """What goes through a model for one way over some documents; counted, not timed.

    ``passes`` are texts or pairs that go through the model, ``batches`` the calls they go in; ``tokens`` are those of
    the texts with special tokens, ``padded`` includes the filling that is computed, too; ``flops`` are operations.
    """

    passes: int
    batches: int
    tokens: int
    padded: int
    flops: int


@dataclass(frozen=True)
class Leg:
    """Some documents that are timed again and again. ``index`` 0 is the race; ``work`` has what each way computes."""

    index: int
    part: Part
    documents: int
    work: tuple[tuple[Way, Work], ...]

    def work_of(self, way: Way) -> Work:
        return dict(self.work)[way]


@dataclass(frozen=True)
class Lap:
    """One timed run of one way over one leg. Round 0 is the warm-up and is left out of every figure.

    ``total`` has its own clock; the stages have theirs, so that the gap between them is measured. ``cpu`` is the
    processor time this process used meanwhile. ``ticks`` says when documents were done: (milliseconds, how many).
    """

    leg: int
    way: Way
    round: int
    total: float
    tokenise: float
    forward: float
    score: float
    cpu: float
    ticks: tuple[tuple[float, int], ...] = ()

    @property
    def stages(self) -> tuple[float, float, float]:
        """In the order of ``STAGES``."""
        return (self.tokenise, self.forward, self.score)


@dataclass(frozen=True)
class Scan:
    """One timed search: one query vector compared with ``vectors`` others, the best found."""

    vectors: int
    round: int
    total: float


@dataclass(frozen=True)
class Model:
    """A model that raced."""

    kind: str
    name: str
    dtype: str
    max_tokens: int | None
    fingerprint: str
    layers: int
    width: int


@dataclass(frozen=True)
class Environment:
    """The machine and the settings: no time means anything without them."""

    processor: str
    cores: int
    device: str
    threads: int
    batch_tokens: int
    models: tuple[Model, ...]
    system: str
    python: str
    torch: str
    measured_at: str  # ISO 8601, UTC

    @property
    def dtypes(self) -> str:
        return " and ".join(dict.fromkeys(model.dtype for model in self.models))


@dataclass(frozen=True)
class Load:
    """How busy the machine was. ``others`` is the share of all cores that other processes used before each round.

    ``wall_over_cpu`` is the median of a pass over documents that are the same in every race, ``idle`` the smallest this
    server has seen of it: what an undisturbed pass takes.
    """

    others: tuple[float, ...] = ()
    wall_over_cpu: float = 0.0
    idle: float = 0.0


@dataclass(frozen=True)
class RaceResult:
    """A race. ``complete`` is False while only the race itself is done (or when it was stopped after that).

    ``stored`` is the date of a race that came with the app; None for one that ran here.
    """

    asked: Asked
    query_tokens: int
    legs: tuple[Leg, ...]
    laps: tuple[Lap, ...]
    scans: tuple[Scan, ...]
    environment: Environment
    load: Load
    complete: bool = True
    stopped: bool = False
    stored: str | None = None

    def laps_of(self, way: Way, leg: int = 0) -> tuple[Lap, ...]:
        """The timed laps of one way over one leg, in the order they ran; the warm-up is not among them."""
        return tuple(lap for lap in self.laps if lap.way is way and lap.leg == leg and lap.round > 0)

    def totals(self, way: Way, leg: int = 0) -> tuple[float, ...]:
        return tuple(lap.total for lap in self.laps_of(way, leg))

    def typical(self, way: Way) -> Lap:
        """The race's lap nearest the median: one that really ran, so that its parts belong together."""
        half = median(self.totals(way))
        return min(self.laps_of(way), key=lambda lap: abs(lap.total - half))

    @property
    def ways(self) -> tuple[Way, ...]:
        return tuple(way for way in Way if self.laps_of(way))

    @property
    def rounds(self) -> int:
        """How many replicates of the race are complete."""
        return min((len(self.laps_of(way)) for way in self.ways), default=0)

    @property
    def documents(self) -> int:
        return self.legs[0].documents


def quantile(values: Iterable[float], share: float) -> float:
    """The quantile by linear interpolation between order statistics (numpy's default, Hyndman and Fan's type 7)."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def p95(values: Iterable[float]) -> float:
    """The 95th percentile, see :func:`quantile`."""
    return quantile(values, 0.95)
