"""Lesson "Not": two documents that differ by a negation, a query for each; right only if both queries are.

The rule is NevIR's (Weller, Lawrie & Van Durme, 2024, "pairwise accuracy"); the texts are ours.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping

from components.lessons.bench import ALL, Bench
from components.lessons.records import Count, Item, Lesson, Opening, Outcome, Table, Tally
from components.lessons.sentences import ahead, beside_the_coin, who
from components.ranking.findings import format_score
from components.records import Kind
from components.scoring.scheduler import Progress

Right = dict[Kind, tuple[bool, bool]]  # for each scorer, whether its order is right for each of the two queries
CHANCE = 0.25  # two coins


def run(lesson: Lesson, item: Item, setting: float, bench: Bench, progress: Progress) -> Generator[None, None, Outcome]:
    """Both queries against both documents."""
    progress.total = 4 * len(ALL)
    rows, right = [], {kind: [False, False] for kind in ALL}
    for place, query in enumerate(item.queries):
        columns = yield from bench.score(query, item.documents, progress, ALL)
        for kind in ALL:
            values = columns[kind].values
            right[kind][place] = prefers(values[0], values[1], place)
            shown = [format_score(value) for value in values]
            verdict = "right" if right[kind][place] else "tie" if values[0] == values[1] else "wrong"
            rows.append((f"query {place + 1}, {kind} ({columns[kind].scorer.unit})", *shown, verdict))
    both: Right = {kind: (first, second) for kind, (first, second) in right.items()}
    table = Table(
        "Scores of both documents; each model has its own scale.", ("", "document 1", "document 2", ""), tuple(rows)
    )
    openings = tuple(Opening(place, item.queries[1], item.documents, 2) for place in ("compare", "tokens"))
    return Outcome(answer(both), finding(both), published(both), bench.caption(ALL), (table,), openings)


def tally(lesson: Lesson, bench: Bench, progress: Progress) -> Generator[None, None, Tally]:
    """All pairs, by NevIR's rule."""
    progress.total = len(lesson.items) * 4 * len(ALL)
    counts = dict.fromkeys(ALL, 0)
    for item in lesson.items:
        both = dict.fromkeys(ALL, True)
        for place, query in enumerate(item.queries):
            columns = yield from bench.score(query, item.documents, progress, ALL)
            for kind in ALL:
                first, second = columns[kind].values
                both[kind] = both[kind] and prefers(first, second, place)
        for kind in ALL:
            counts[kind] += both[kind]
    made = tuple(Count(kind, counts[kind], len(lesson.items)) for kind in ALL)
    return Tally("Pairs with both queries right", made, CHANCE, published_for_all(made))


def prefers(first: float, second: float, place: int) -> bool:
    """Whether the document at ``place`` (0 or 1) has the strictly higher score."""
    return (first, second)[place] > (first, second)[1 - place]


def answer(right: Mapping[Kind, tuple[bool, bool]]) -> str:
    """Which prediction came true."""
    return who(all(right[Kind.CROSS_ENCODER]), all(right[Kind.BI_ENCODER]))


def finding(right: Mapping[Kind, tuple[bool, bool]]) -> str:
    """What each of the two models got right, in one sentence."""
    words = {0: "neither query", 1: "one query of two", 2: "both queries"}
    cross, bi = (sum(right[kind]) for kind in (Kind.CROSS_ENCODER, Kind.BI_ENCODER))
    if cross == bi:
        return f"Both models get {words[cross]} right."
    return f"The cross-encoder gets {words[cross]} right, the bi-encoder {words[bi]}."


def published(right: Mapping[Kind, tuple[bool, bool]]) -> str:
    """One pair beside what NevIR reports of many."""
    came = answer(right)
    if came == "cross":
        return "One pair, and in the published direction: the cross-encoder sees the negation, the bi-encoder does not."
    if came == "neither":
        return "One pair, and like most pairs in NevIR for most models: the negation changes too little."
    if came == "bi":
        return "One pair, and against the published order: here the bi-encoder is right and the cross-encoder is not."
    return "One pair, and easier than most in NevIR: both models see the negation."


def published_for_all(counts: tuple[Count, ...]) -> str:
    """All pairs beside NevIR: the order of the kinds, and who is clear of the coin."""
    return f"{ahead(counts)}; {beside_the_coin(counts, CHANCE)}."
