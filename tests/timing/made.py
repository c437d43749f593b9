"""Made-up races: records with numbers a test can check by hand."""

from __future__ import annotations

from components.timing.records import (
    Asked,
    Environment,
    Lap,
    Leg,
    Load,
    Model,
    Part,
    RaceResult,
    Scan,
    Source,
    Way,
    Work,
)

ENVIRONMENT = Environment(
    processor="Made-up processor",
    cores=4,
    device="cpu",
    threads=2,
    batch_tokens=500,
    models=(
        Model("bi-encoder", "small", "float32", 256, "a", 6, 384),
        Model("cross-encoder", "large", "float32", 512, "b", 6, 384),
    ),
    system="Linux x86_64",
    python="3.11.0",
    torch="2.13.0",
    measured_at="2026-01-02T03:04:05+00:00",
)
QUIET = Load((0.05, 0.1, 0.02), 0.6, 0.5)
SIZES = (2, 4, 8, 16, 32)


def lap(leg: int, way: Way, number: int, total: float, gap: float = 0.0) -> Lap:
    """A lap whose stages miss ``gap`` of the total."""
    stages = (0.1 * total, 0.8 * total, (0.1 - gap) * total)
    return Lap(leg, way, number, total, *stages, cpu=total * 2, ticks=((total, 1),))


def race_of(
    cross: float = 10.0,
    embed: float = 8.0,
    query: float = 6.0,
    documents: int = 8,
    noise: tuple[float, ...] = (-0.1, 0.0, 0.1),
    load: Load = QUIET,
    scan: float = 0.001,
    **more: object,
) -> RaceResult:
    """A race in which every document costs ``cross`` and ``embed`` ms, a query ``query`` ms, a vector ``scan`` ms.

    Round r takes ``noise[r - 1]`` ms more; round 0 (the warm-up) takes a second and must be counted nowhere.
    """
    sizes = (documents, *(size for size in SIZES if size != documents))
    legs = tuple(
        Leg(index, Part.RACE if index == 0 else Part.SIZE, size, _work(size)) for index, size in enumerate(sizes)
    )
    laps = []
    for leg in legs:
        n = leg.documents
        times = {Way.CROSS: 5 + cross * n, Way.NOTHING: query + embed * n, Way.DOCUMENTS: query + scan * n}
        if leg.index == 0:
            times[Way.QUERY] = query
        for way, time in times.items():
            laps.append(lap(leg.index, way, 0, 1000.0))
            laps += [lap(leg.index, way, number, time + extra) for number, extra in enumerate(noise, 1)]
    scans = tuple(Scan(size, 1, 0.5 + scan * size) for size in (1_000, 5_000, 20_000, 50_000))
    asked = Asked(Source.WORKSPACE, documents, 0, len(noise))
    return RaceResult(asked, 6, legs, tuple(laps), scans, ENVIRONMENT, load, **more)  # type: ignore[arg-type]


def _work(documents: int) -> tuple[tuple[Way, Work], ...]:
    query = Work(1, 1, 6, 6, 1_000_000)
    return (
        (Way.CROSS, Work(documents, 1, 26 * documents, 30 * documents, 30_000_000 * documents)),
        (Way.NOTHING, Work(documents + 1, 2, 20 * documents + 6, 22 * documents + 6, 20_000_000 * documents)),
        (Way.DOCUMENTS, query),
        (Way.QUERY, query),
    )
