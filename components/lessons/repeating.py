"""Lesson "Say it again": a word of the query repeated one to eight times, and a document stuffed with the query.

The carrier has the word once and answers nothing; further copies of the word are put at its end. BM25 counts among all
texts of the lesson, so that a rare word is rare.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from components.lessons.bench import ALL, NEURAL, Bench
from components.lessons.records import Count, Curves, Item, Lesson, Line, Opening, Outcome, Table, Tally
from components.lessons.sentences import beside_the_coin, change
from components.ranking.findings import format_score
from components.records import Kind
from components.scoring.scheduler import Progress

TIMES = range(1, 9)
STUFFED = 3  # how often the whole query is put behind the carrier
UNMOVED = 0.1  # of the distance between answer and carrier: a curve that stays within is called flat


@dataclass(frozen=True)
class Curve:
    """One scorer's scores: of the carrier with the word 1 to 8 times, of the stuffed carrier, of the answer."""

    values: tuple[float, ...]
    stuffed: float
    answer: float

    @property
    def shape(self) -> str:
        """flat, saturates (the last four copies bring under half of what the three before brought), rises, falls."""
        first, middle, last = self.values[0], self.values[3], self.values[-1]
        spread = max(self.values) - min(self.values)
        if spread <= UNMOVED * abs(self.answer - first):
            return "flat"
        if last <= first:
            return "falls"
        return "saturates" if last - middle < 0.5 * (middle - first) else "rises"


SHAPES = {"flat": "hardly moves", "saturates": "rises and flattens", "rises": "keeps rising", "falls": "falls"}


def versions(item: Item) -> tuple[str, ...]:
    """The carrier with the word once (as written) to eight times."""
    carrier, word = item.documents[1], str(item.more["word"])
    return tuple(" ".join([carrier, *[word] * (times - 1)]) for times in TIMES)


def stuffed(item: Item) -> str:
    """The second document with the query written after it ``STUFFED`` times."""
    return " ".join([item.documents[1], *[item.queries[0]] * STUFFED])


def curves(lesson: Lesson, item: Item, bench: Bench, progress: Progress) -> Generator[None, None, dict[Kind, Curve]]:
    """All scorers on all versions of one text."""
    made, query = (*versions(item), stuffed(item), item.documents[0]), item.queries[0]
    columns = yield from bench.score(query, made, progress, NEURAL)
    found = {kind: _curve(columns[kind].values) for kind in NEURAL}
    others = [one.documents[0] for one in lesson.items if one.number != item.number]
    by_words: list[float] = []
    for text in made:  # one version at a time: the others would make the word common
        column = yield from bench.bm25.score(query, (text, *others), bench.stores, Progress())
        by_words.append(column.values[0])
    found[Kind.BM25] = _curve(by_words)
    return found


def _curve(values: Sequence[float]) -> Curve:
    return Curve(tuple(values[:-2]), values[-2], values[-1])


def run(lesson: Lesson, item: Item, setting: float, bench: Bench, progress: Progress) -> Generator[None, None, Outcome]:
    """The curves of one text, and the stuffed document beside the answer."""
    progress.total = 2 * (len(TIMES) + 2)
    found = yield from curves(lesson, item, bench, progress)
    units = {kind: bench.scorer(kind).info.unit for kind in ALL}
    lines = tuple(
        Line(str(kind), kind, units[kind], tuple(zip(map(float, TIMES), found[kind].values, strict=True)))
        for kind in (Kind.BM25, Kind.BI_ENCODER, Kind.CROSS_ENCODER)
    )
    rows = tuple(
        (
            f"{kind} ({units[kind]})",
            format_score(curve.answer),
            format_score(curve.stuffed),
            format_score(curve.values[0]),
        )
        for kind, curve in ((kind, found[kind]) for kind in ALL)
    )
    word = item.more["word"]
    table = Table(
        f"The answer, and the carrier as it is or with the query put behind it {STUFFED} times.",
        ("", "answer", "stuffed", "carrier"),
        rows,
    )
    documents = (item.documents[0], item.documents[1], versions(item)[-1], stuffed(item))
    return Outcome(
        found[Kind.CROSS_ENCODER].shape,
        finding(found),
        published(found),
        bench.caption(ALL),
        (Curves(f"The carrier with “{word}” one to eight times.", "times", lines), table),
        tuple(Opening(place, item.queries[0], documents, 4) for place in ("compare", "tokens")),
    )


def finding(found: dict[Kind, Curve]) -> str:
    """What each curve does from one to eight times."""
    parts = []
    for kind, unit in ((Kind.CROSS_ENCODER, "logit"), (Kind.BI_ENCODER, "cosine"), (Kind.BM25, "BM25")):
        curve = found[kind]
        parts.append(f"the {unit} {SHAPES[curve.shape]} ({change(curve.values[0], curve.values[-1])})")
    return f"From one to eight times {parts[0]}, {parts[1]}, {parts[2]}."


def published(found: dict[Kind, Curve]) -> str:
    """The logit's curve beside the saturation that was found in another model, and who falls for stuffing."""
    shape = found[Kind.CROSS_ENCODER].shape
    verdict = {
        "saturates": "The logit saturates, as was found in another cross-encoder and as BM25 is built to.",
        "rises": "The logit has not flattened by eight: unlike the published saturation.",
        "flat": "The logit hardly counts copies: unlike the published soft term frequency, which rises first.",
        "falls": "The logit falls with copies: against the published rise that flattens.",
    }[shape]
    fooled = [kind for kind in ALL if found[kind].stuffed >= found[kind].answer]
    names = " and ".join(str(kind) for kind in fooled) if len(fooled) < 3 else "all three"
    tail = (
        f"Stuffed with the query, the empty document beats the answer for {names}."
        if fooled
        else ("Nobody puts the stuffed document before the answer.")
    )
    return f"{verdict} {tail}"


def tally(lesson: Lesson, bench: Bench, progress: Progress) -> Generator[None, None, Tally]:
    """All texts: the answer before the stuffed carrier; and the shapes of the curves."""
    progress.total = len(lesson.items) * 2 * (len(TIMES) + 2)
    every: list[dict[Kind, Curve]] = []
    for item in lesson.items:
        every.append((yield from curves(lesson, item, bench, progress)))
    counts = tuple(Count(kind, sum(one[kind].answer > one[kind].stuffed for one in every), len(every)) for kind in ALL)
    rows = tuple(
        (str(kind), *(str(sum(one[kind].shape == shape for one in every)) for shape in SHAPES)) for kind in ALL
    )
    table = Table("Shapes of the curves, one to eight times.", ("", *SHAPES.values()), rows)
    saturated = sum(one[Kind.CROSS_ENCODER].shape == "saturates" for one in every)
    return Tally("The answer before the stuffed document", counts, 0.5, published_for_all(counts, saturated), (table,))


def published_for_all(counts: tuple[Count, ...], saturated: int) -> str:
    """How often the logit saturates, beside Lu et al., and who withstands stuffing."""
    total = counts[0].total
    verdict = "as published for another model" if saturated > total / 2 else "so ours differs from the published model"
    curve = f"The logit's curve saturates in {saturated} of {total} texts, {verdict}."
    return f"{curve} Against stuffing, {beside_the_coin(counts, 0.5)}."
