"""Lesson "Nothing fits": is the best document better than texts that have nothing to do with the query?

The line "no good match" is the second highest score of 50 unrelated passages for this very query. One more
unrelated passage lies above it with a chance of 2 in 51 (3.9 %) if all are of one kind (an order statistic). What the
share really is, is measured on other unrelated passages and printed.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cache

from components.lessons.bench import NEURAL, Bench
from components.lessons.interval import wilson
from components.lessons.records import Count, Item, Lesson, Opening, Outcome, Strip, Table, Tally
from components.lessons.sentences import ahead, beside_the_coin, who
from components.ranking.findings import format_score
from components.records import Kind
from components.scoring.scheduler import Progress
from components.settings import ASSETS

UNRELATED = 50
HELD_OUT = 100
RANK_OF_LINE = 2  # of the unrelated, from the highest
# Answers to other people's questions, from the parts of the contrast groups that trained nothing and chose nothing.
DOMAINS = ("board_games", "first_aid", "gardening", "geography", "job_search", "renting", "weather")


@cache
def passages() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The 50 passages that draw the line and 100 others that measure it, taken evenly from all domains."""
    every: list[str] = []
    for domain in DOMAINS:
        lines = (ASSETS / "contrast" / f"{domain}.jsonl").read_text(encoding="utf-8").splitlines()
        every += [json.loads(line)["answer"] for line in lines if line.strip()]
    step = len(every) / (UNRELATED + HELD_OUT)
    taken = [every[int(place * step)] for place in range(UNRELATED + HELD_OUT)]
    return tuple(taken[::3]), tuple(text for place, text in enumerate(taken) if place % 3)


@dataclass(frozen=True)
class Judged:
    """One scorer on one text: the documents' scores and those of the unrelated passages."""

    documents: tuple[float, ...]
    unrelated: tuple[float, ...]

    @property
    def line(self) -> float:
        return sorted(self.unrelated, reverse=True)[RANK_OF_LINE - 1]

    @property
    def best(self) -> float:
        return max(self.documents)

    @property
    def says_match(self) -> bool:
        return self.best > self.line

    @property
    def above(self) -> int:
        """How many unrelated passages score higher than the best document."""
        return sum(value > self.best for value in self.unrelated)


def judge(item: Item, bench: Bench, progress: Progress) -> Generator[None, None, dict[Kind, Judged]]:
    """Both models on the documents of a text and on the unrelated passages."""
    count = len(item.documents)
    columns = yield from bench.score(item.queries[0], (*item.documents, *passages()[0]), progress)
    return {kind: Judged(column.values[:count], column.values[count:]) for kind, column in columns.items()}


def run(lesson: Lesson, item: Item, setting: float, bench: Bench, progress: Progress) -> Generator[None, None, Outcome]:
    """One text: where the best document lies among the unrelated, and what each model would say."""
    progress.total = 2 * (len(item.documents) + UNRELATED)
    judged = yield from judge(item, bench, progress)
    fits = bool(item.more["fits"])
    right = {kind: judged[kind].says_match == fits for kind in NEURAL}
    strips = tuple(
        Strip(
            f"Each tick is one of {UNRELATED} passages that have nothing to do with the query.",
            str(kind),
            kind,
            bench.scorer(kind).info.unit,
            judged[kind].unrelated,
            (("no good match below", judged[kind].line), ("best document", judged[kind].best)),
        )
        for kind in NEURAL
    )
    rows = tuple(
        (text, *(format_score(judged[kind].documents[place]) for kind in NEURAL))
        for place, text in enumerate(item.documents)
    )
    heads = ("document", *(f"{kind} ({bench.scorer(kind).info.unit})" for kind in NEURAL))
    return Outcome(
        who(right[Kind.CROSS_ENCODER], right[Kind.BI_ENCODER]),
        finding(judged, fits),
        published(judged, fits),
        f"{bench.caption()} The unrelated passages are answers to other questions; no model was trained on them.",
        (*strips, Table("The documents' scores.", heads, rows)),
        tuple(Opening(place, item.queries[0], item.documents) for place in ("compare", "tokens", "retrieve")),
    )


def finding(judged: dict[Kind, Judged], fits: bool) -> str:
    """What each model says of the best document, and what is true."""
    truth = "One document holds the answer" if fits else "No document holds the answer"
    parts = []
    for kind in NEURAL:
        one = judged[kind]
        says = "a match" if one.says_match else "no good match"
        parts.append(f"the {kind} says {says} ({one.above} of {len(one.unrelated)} unrelated passages score higher)")
    return f"{truth}: {parts[0]}, {parts[1]}."


def published(judged: dict[Kind, Judged], fits: bool) -> str:
    """Whether this is a phantom hit."""
    cross = judged[Kind.CROSS_ENCODER].says_match
    if not fits:
        return (
            "A phantom hit, as is published of rerankers: a document that does not answer scores high."
            if cross
            else "No phantom hit this time: the cross-encoder's best document stays among the unrelated ones."
        )
    return (
        "Nothing to be warned of here: the answer stands clear of the unrelated."
        if cross
        else "The other mistake: the answer is there, and the cross-encoder does not lift it above unrelated passages."
    )


def tally(lesson: Lesson, bench: Bench, progress: Progress) -> Generator[None, None, Tally]:
    """All texts: match or no match said rightly; and the line's false alarms on passages that did not draw it."""
    held_out = passages()[1]
    per_text = UNRELATED + len(held_out)
    progress.total = 2 * sum(len(item.documents) + per_text for item in lesson.items)
    right, alarms, phantoms = dict.fromkeys(NEURAL, 0), dict.fromkeys(NEURAL, 0), dict.fromkeys(NEURAL, 0)
    for item in lesson.items:
        judged = yield from judge(item, bench, progress)
        columns = yield from bench.score(item.queries[0], held_out, progress)
        for kind in NEURAL:
            fits = bool(item.more["fits"])
            right[kind] += judged[kind].says_match == fits
            phantoms[kind] += judged[kind].says_match and not fits
            alarms[kind] += sum(value > judged[kind].line for value in columns[kind].values)
    total = len(lesson.items) * len(held_out)
    counts = tuple(Count(kind, right[kind], len(lesson.items)) for kind in NEURAL)
    empty = sum(not item.more["fits"] for item in lesson.items)
    rows = tuple((str(kind), alarm_words(alarms[kind], total), f"{phantoms[kind]} of {empty}") for kind in NEURAL)
    heads = ("", "held-out unrelated passages above the line", "texts without an answer called a match")
    caption = (
        "The line's false alarms, measured. The best of several documents passes it more often than any one of them."
    )
    phantom = Count(Kind.CROSS_ENCODER, phantoms[Kind.CROSS_ENCODER], empty)
    return Tally(
        "Match or no good match said rightly",
        counts,
        0.5,
        published_for_all(counts, phantom),
        (Table(caption, heads, rows),),
    )


def alarm_words(alarms: int, total: int) -> str:
    """ "47 of 1,200 (3.9 %, 2.9 to 5.2 %)"."""
    low, high = wilson(alarms, total)
    return f"{alarms} of {total:,} ({100 * alarms / total:.1f} %, {100 * low:.1f} to {100 * high:.1f} %)"


def published_for_all(counts: Sequence[Count], phantom: Count) -> str:
    """Phantom hits of the cross-encoder beside what is published."""
    if phantom.right:
        start = f"Phantom hits exist here as published: {phantom.right} of {phantom.total} texts without an answer"
    else:
        start = f"Unlike what is published, no phantom hit in {phantom.total} texts without an answer"
    return f"{start}. {ahead(counts, expected=False)}; {beside_the_coin(counts, 0.5)}."
