"""Lesson "Where it stands": the same sentence at the start, in the middle and at the end, in a short and a long text.

The long text is the short one with the padding of the lesson's other texts: longer than both windows.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from components.lessons.bench import NEURAL, Bench
from components.lessons.records import Count, Item, Lesson, Opening, Outcome, Table, Tally, joined
from components.lessons.sentences import beside_the_coin
from components.ranking.findings import format_score
from components.records import Kind, PairScore
from components.scoring.scheduler import Progress

PLACES = ("start", "middle", "end")
SAME = 0.1  # of what the answer brings over the padding alone: less than this between places is called no difference
CHANCE = 1 / 3


@dataclass(frozen=True)
class Placed:
    """One scorer: the answer at the three places of the short and of the long text, and the short padding alone."""

    short: tuple[PairScore, ...]
    long: tuple[PairScore, ...]
    without: float

    @property
    def best(self) -> str:
        """The place with the highest score in the short text; "same" where the places differ too little."""
        values = [score.value for score in self.short]
        if max(values) - min(values) <= SAME * abs(max(values) - self.without):
            return "same"
        return PLACES[values.index(max(values))]


def placed(answer: str, padding: Sequence[str]) -> tuple[str, str, str]:
    """The answer before, amid and after the padding."""
    half = len(padding) // 2
    return (
        " ".join([answer, *padding]),
        " ".join([*padding[:half], answer, *padding[half:]]),
        " ".join([*padding, answer]),
    )


def texts(lesson: Lesson, item: Item) -> tuple[str, ...]:
    """Short and long texts at the three places, and the short padding alone."""
    answer, *own = item.documents
    others = [text for other in lesson.items if other.number != item.number for text in other.documents[1:]]
    return (*placed(answer, own), *placed(answer, [*own, *others]), " ".join(own))


def read(lesson: Lesson, item: Item, bench: Bench, progress: Progress) -> Generator[None, None, dict[Kind, Placed]]:
    """Both models on the short and the long text with the answer at each place, and on the short padding alone."""
    columns = yield from bench.score(item.queries[0], texts(lesson, item), progress)
    return {
        kind: Placed(column.scores[:3], column.scores[3:6], column.scores[6].value) for kind, column in columns.items()
    }


def run(lesson: Lesson, item: Item, setting: float, bench: Bench, progress: Progress) -> Generator[None, None, Outcome]:
    """One text at three places, short and long."""
    progress.total = 14
    found = yield from read(lesson, item, bench, progress)
    rows = []
    for name in ("short", "long"):
        for place, label in enumerate(PLACES):
            cells = []
            for kind in NEURAL:
                score: PairScore = getattr(found[kind], name)[place]
                cells += [format_score(score.value), f"{score.tokens_read} of {score.tokens_total}"]
            rows.append((f"{name} text, answer at the {label}", *cells))
    rows.append(("short text without the answer", *(c for k in NEURAL for c in (format_score(found[k].without), ""))))
    heads = ("", *(h for k in NEURAL for h in (f"{k} ({bench.scorer(k).info.unit})", "tokens read")))
    made = texts(lesson, item)
    return Outcome(
        found[Kind.CROSS_ENCODER].best,
        finding(found),
        published(found),
        bench.caption(),
        (Table("One sentence, moved. What lies beyond a model's window was never read.", heads, tuple(rows)),),
        tuple(Opening(place, item.queries[0], made[:6], 3) for place in ("compare", "tokens")),
    )


def finding(found: dict[Kind, Placed]) -> str:
    """Which place each model likes best in the short text, with the scores from start to end."""
    parts = []
    for kind, unit in ((Kind.CROSS_ENCODER, "logit"), (Kind.BI_ENCODER, "cosine")):
        one = found[kind]
        values = ", ".join(format_score(score.value) for score in one.short)
        likes = "hardly minds the place" if one.best == "same" else f"scores highest with the answer at the {one.best}"
        parts.append(f"the {kind} {likes} ({unit} {values} from start to end)")
    return f"{parts[0][0].upper()}{parts[0][1:]}, {parts[1]}."


def published(found: dict[Kind, Placed]) -> str:
    """Start first or not, and what the cut does in the long text."""
    starts = [str(kind) for kind in NEURAL if found[kind].best == "start"]
    if len(starts) == 2:
        words = "Both models like the start best, as published."
    elif starts:
        words = f"Only the {starts[0]} likes the start best, as published; the other does not."
    else:
        words = "Neither model likes the start best: against what is published."
    cut = [kind for kind in NEURAL if found[kind].long[2].tokens_lost]
    if not cut:
        return f"{words} The long text fits into both windows."
    parts = [f"{kind} after {found[kind].long[2].tokens_read} tokens" for kind in cut]
    return f"{words} The long text is cut ({joined(parts)}): an answer at its end was never read."


def tally(lesson: Lesson, bench: Bench, progress: Progress) -> Generator[None, None, Tally]:
    """All texts: the start scores highest; and how far an answer at the end of a long text still counts."""
    progress.total = 14 * len(lesson.items)
    every: list[dict[Kind, Placed]] = []
    for item in lesson.items:
        every.append((yield from read(lesson, item, bench, progress)))
    total = len(every)
    counts = tuple(Count(kind, sum(one[kind].best == "start" for one in every), total) for kind in NEURAL)
    rows = []
    for kind in NEURAL:
        best = [str(sum(one[kind].best == place for one in every)) for place in (*PLACES, "same")]
        cut = sum(one[kind].long[2].tokens_lost > 0 for one in every)
        drop = sum(one[kind].long[2].value < one[kind].long[0].value for one in every)
        rows.append((str(kind), *best, f"{cut} of {total}", f"{drop} of {total}"))
    heads = ("", "start", "middle", "end", "no difference", "long text cut", "long: end below start")
    table = Table("Where the short text scores highest, and what happens in the long one.", heads, tuple(rows))
    return Tally("Start scores highest of the three places", counts, CHANCE, published_for_all(counts), (table,))


def published_for_all(counts: tuple[Count, ...]) -> str:
    """The start's share beside the published bias."""
    likes = [str(count.kind) for count in counts if count.interval[0] > CHANCE]
    start = (
        f"As published, a bias to the start: {joined(likes)}"
        if likes
        else "No bias to the start that is clear of chance"
    )
    return f"{start}; {beside_the_coin(counts, CHANCE)}."
