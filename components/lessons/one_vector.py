"""Lesson "One vector is not enough": many small likings, two documents for every query, and how many documents.

After LIMIT (Weller, Boratko, Naim & Lee 2025): 46 documents, two relevant ones a query. LIMIT asks for all pairs of
documents and so for more than few dimensions can hold; this collection shows the effect, not that bound.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from components.lessons.bench import ALL, NEURAL, Bench, Columns
from components.lessons.records import Count, Curves, Item, Lesson, Line, Opening, Outcome, Table, Tally
from components.lessons.sentences import who
from components.ranking.findings import format_score
from components.ranking.ranks import order
from components.records import Kind
from components.scoring.scheduler import Progress

TOP = 2


def pool(lesson: Lesson, item: Item, size: int) -> tuple[str, ...]:
    """The two relevant documents and the first others of the collection, ``size`` in all."""
    everyone: Sequence[str] = lesson.more["collection"]
    others = [text for text in everyone if text not in item.documents]
    return (*item.documents, *others[: size - len(item.documents)])


def found(values: Sequence[float]) -> int:
    """How many of the first two documents (the relevant ones) are among the first two places; a tie counts against."""
    return sum(sum(other >= values[place] for other in values) - 1 < TOP for place in range(TOP))


def scores(lesson: Lesson, item: Item, size: int, bench: Bench, progress: Progress) -> Generator[None, None, Columns]:
    """Every scorer's column for a query over the first ``size`` documents."""
    return (yield from bench.score(item.queries[0], pool(lesson, item, size), progress, ALL))


def run(lesson: Lesson, item: Item, setting: float, bench: Bench, progress: Progress) -> Generator[None, None, Outcome]:
    """One query over as many documents as are set."""
    size = int(setting)
    progress.total = 3 * size
    columns = yield from scores(lesson, item, size, bench, progress)
    hits = {kind: found(columns[kind].values) for kind in ALL}
    texts = pool(lesson, item, size)
    rows = []
    for kind in ALL:
        values = columns[kind].values
        for rank, place in enumerate(order(values)[:3], 1):
            mark = "relevant" if place < TOP else ""
            rows.append(
                (f"{kind}, rank {rank}", format_score(values[place], columns[kind].scorer.unit), texts[place], mark)
            )
    table = Table(f"The first three of {size} documents.", ("", "score", "document", ""), tuple(rows))
    openings = tuple(Opening(place, item.queries[0], texts) for place in ("compare", "tokens", "retrieve"))
    return Outcome(answer(hits), finding(hits, size), published(hits), bench.caption(ALL), (table,), openings)


def answer(hits: dict[Kind, int]) -> str:
    """Which of the two models has all relevant documents at the top: both, cross, bi or neither."""
    return who(*(hits[kind] == TOP for kind in NEURAL))


def finding(hits: dict[Kind, int], size: int) -> str:
    """What each scorer finds."""
    return (
        f"Of the two relevant among {size} documents the cross-encoder has {hits[Kind.CROSS_ENCODER]} in its "
        f"first two, the bi-encoder {hits[Kind.BI_ENCODER]}, BM25 {hits[Kind.BM25]}."
    )


def published(hits: dict[Kind, int]) -> str:
    """One query beside LIMIT."""
    bi, cross, words = hits[Kind.BI_ENCODER], hits[Kind.CROSS_ENCODER], hits[Kind.BM25]
    if bi < max(cross, words):
        return "One query, and in the published direction: one vector for three likings loses some."
    if bi == TOP:
        return "One query, and against the published direction: here one vector is enough."
    return "One query, and no difference: what the bi-encoder misses the others miss as well."


def tally(lesson: Lesson, bench: Bench, progress: Progress) -> Generator[None, None, Tally]:
    """All queries: relevant documents among the first two, at every number of documents."""
    setting = lesson.setting
    sizes = [int(value) for value in setting.values] if setting else [len(lesson.more["collection"])]
    largest = max(sizes)
    progress.total = len(lesson.items) * (2 * largest + sum(sizes))
    hits = {kind: dict.fromkeys(sizes, 0) for kind in ALL}
    for item in lesson.items:
        columns = yield from bench.score(item.queries[0], pool(lesson, item, largest), progress)
        for size in sizes:  # the neural scores of a document do not depend on the others; BM25's do
            words = yield from bench.bm25.score(item.queries[0], pool(lesson, item, size), bench.stores, progress)
            for kind in NEURAL:
                hits[kind][size] += found(columns[kind].values[:size])
            hits[Kind.BM25][size] += found(words.values)
    total = TOP * len(lesson.items)
    counts = tuple(Count(kind, hits[kind][largest], total) for kind in ALL)
    lines = tuple(
        Line(str(kind), kind, "recall@2", tuple((float(size), hits[kind][size] / total) for size in sizes))
        for kind in ALL
    )
    figure = Curves(
        "Share of the relevant documents in the first two places, by number of documents.", "documents", lines
    )
    what = f"Relevant documents in the first two places of {largest}"
    return Tally(what, counts, TOP / largest, published_for_all(counts), (figure,))


def published_for_all(counts: tuple[Count, ...]) -> str:
    """The order of the three beside LIMIT."""
    by_kind = {count.kind: count for count in counts}
    bi = by_kind[Kind.BI_ENCODER]
    parts = []
    for kind in (Kind.CROSS_ENCODER, Kind.BM25):
        other = by_kind[kind]
        overlap = other.interval[0] <= bi.interval[1] and bi.interval[0] <= other.interval[1]
        if other.right == bi.right:
            parts.append(f"level with {kind}")
        else:
            side = "behind" if other.right > bi.right else "ahead of"
            parts.append(f"{side} {kind}" + (" (the intervals overlap)" if overlap else ""))
    as_published = all(part.startswith("behind") for part in parts)
    start = (
        "As published of single vectors, the bi-encoder is"
        if as_published
        else "Unlike what is published, the bi-encoder is"
    )
    return f"{start} {parts[0]} and {parts[1]}."
