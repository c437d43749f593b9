"""Lesson "Who did what": the right document beside one with the roles swapped, and with its own order destroyed.

Words are shuffled within the document, sentences as wholes (as the probes of ABNIRML do, MacAvaney et al. 2022), each
with a fixed seed, so that a run can be repeated.
"""

from __future__ import annotations

import random
import re
from collections.abc import Generator
from dataclasses import dataclass

from components.lessons.bench import ALL, NEURAL, Bench
from components.lessons.records import Count, Item, Lesson, Opening, Outcome, Table, Tally
from components.lessons.sentences import ahead, beside_the_coin, change, who
from components.ranking.findings import format_score
from components.ranking.ranks import competition_ranks
from components.records import Kind
from components.scoring.scheduler import Progress

MOVED = 0.1  # of the distance between the highest and lowest of the text's documents: less is called unmoved
ORDERS = ("words shuffled", "sentences shuffled")


@dataclass(frozen=True)
class Read:
    """One scorer's view of one text: the documents' scores, and score and rank of the right one as it was reordered."""

    values: tuple[float, ...]  # right, swapped, related
    reordered: tuple[float, float]  # ORDERS
    ranks: tuple[int, int, int]  # of the right document: as written, words shuffled, sentences shuffled

    @property
    def is_right(self) -> bool:
        return self.values[0] > self.values[1]

    def moved(self, order: int) -> bool:
        """Whether the score changed by more than a tenth of the distance between this text's documents."""
        spread = max(self.values) - min(self.values)
        return abs(self.reordered[order] - self.values[0]) > MOVED * spread


def shuffled_words(text: str, seed: int) -> str:
    """The words of a text in another order, punctuation left out."""
    words = re.findall(r"[\w'’-]+", text)
    made = list(words)
    chance = random.Random(seed)
    while made == words and len(set(words)) > 1:
        chance.shuffle(made)
    return " ".join(made)


def shuffled_sentences(text: str, seed: int) -> str:
    """The sentences of a text in another order; one sentence stays as it is."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    made = list(sentences)
    chance = random.Random(seed)
    while made == sentences and len(set(sentences)) > 1:
        chance.shuffle(made)
    return " ".join(made)


def read(item: Item, bench: Bench, progress: Progress) -> Generator[None, None, dict[Kind, Read]]:
    """All scorers on one text. BM25 counts words among the documents of that text."""
    query, (right, *others) = item.queries[0], item.documents
    versions = (right, shuffled_words(right, item.number), shuffled_sentences(right, item.number))
    found: dict[Kind, Read] = {}
    columns = yield from bench.score(query, (*versions, *others), progress, NEURAL)
    columns |= yield from bench.score(query, item.documents, progress, (Kind.BM25,))
    for kind in ALL:
        values = columns[kind].values
        if kind is Kind.BM25:
            found[kind] = Read(values, (values[0], values[0]), (competition_ranks(values)[0],) * 3)
            continue
        rest = values[3:]
        ranks = [competition_ranks((value, *rest))[0] for value in values[:3]]
        found[kind] = Read((values[0], *rest), (values[1], values[2]), (ranks[0], ranks[1], ranks[2]))
    return found


def run(lesson: Lesson, item: Item, setting: float, bench: Bench, progress: Progress) -> Generator[None, None, Outcome]:
    """One text: roles swapped, words shuffled, sentences shuffled."""
    progress.total = 2 * (len(item.documents) + 2) + len(item.documents)
    reads = yield from read(item, bench, progress)
    rows = []
    for index, label in enumerate(item.labels):
        rows.append((label, *(format_score(reads[kind].values[index]) for kind in ALL)))
    for order, label in enumerate(ORDERS):
        cells = [f"{format_score(reads[k].reordered[order])}, rank {reads[k].ranks[order + 1]} of 3" for k in NEURAL]
        rows.append((f"{item.labels[0]}, {label}", *cells, "sees no order"))
    heads = ("", *(f"{kind} ({bench.scorer(kind).info.unit})" for kind in ALL))
    table = Table("Each model has its own scale; the rank is among the three documents.", heads, tuple(rows))
    right = {kind: reads[kind].is_right for kind in NEURAL}
    openings = tuple(Opening(place, item.queries[0], item.documents, 2) for place in ("compare", "tokens"))
    return Outcome(
        who(right[Kind.CROSS_ENCODER], right[Kind.BI_ENCODER]),
        finding(reads),
        published(reads[Kind.CROSS_ENCODER]),
        bench.caption(ALL),
        (table,),
        openings,
    )


def finding(reads: dict[Kind, Read]) -> str:
    """Who tells right from swapped, with both scores."""
    parts = []
    for kind in NEURAL:
        first, second = reads[kind].values[:2]
        verb = (
            "prefers the right roles"
            if first > second
            else "ties the two"
            if first == second
            else "prefers the swapped roles"
        )
        unit = "logit" if kind is Kind.CROSS_ENCODER else "cosine"
        parts.append(f"the {kind} {verb} ({unit} {format_score(first)} against {format_score(second)})")
    return f"{parts[0][0].upper()}{parts[0][1:]}, {parts[1]}."


def published(cross: Read) -> str:
    """Score and rank under shuffled words, beside the two papers that seem to disagree."""
    before, after = cross.values[0], cross.reordered[0]
    stayed = cross.ranks[0] == cross.ranks[1]
    rank = f"rank stays {cross.ranks[0]}" if stayed else f"rank goes from {cross.ranks[0]} to {cross.ranks[1]}"
    start = f"With its words shuffled the right document's logit goes from {change(before, after)} and its {rank}"
    if cross.moved(0):
        return (
            f"{start}: the score feels the order, the ranking does not; both papers at once."
            if stayed
            else (f"{start}: as ABNIRML says, the order of words counts.")
        )
    return (
        f"{start}: hardly anything moves, as Rau and Kamps say."
        if stayed
        else (f"{start}: a small change, yet enough to change places.")
    )


def tally(lesson: Lesson, bench: Bench, progress: Progress) -> Generator[None, None, Tally]:
    """All texts: right before swapped; and what the two ways of shuffling move."""
    progress.total = len(lesson.items) * 13
    every: list[dict[Kind, Read]] = []
    for item in lesson.items:
        every.append((yield from read(item, bench, progress)))
    counts = tuple(Count(kind, sum(reads[kind].is_right for reads in every), len(every)) for kind in ALL)
    rows, moved, kept = [], 0, 0
    for kind in NEURAL:
        for order, label in enumerate(ORDERS):
            moves = sum(reads[kind].moved(order) for reads in every)
            stays = sum(reads[kind].ranks[0] == reads[kind].ranks[order + 1] for reads in every)
            rows.append((f"{kind}, {label}", f"{moves} of {len(every)}", f"{stays} of {len(every)}"))
            if kind is Kind.CROSS_ENCODER and order == 0:
                moved, kept = moves, stays
    caption = (
        "The right document, reordered. A score counts as moved beyond a tenth of the distance between the text's "
        "documents."
    )
    table = Table(caption, ("", "score moves", "rank stays"), tuple(rows))
    return Tally(
        "Right roles before swapped ones (a tie is not right)",
        counts,
        0.5,
        published_for_all(counts, moved, kept),
        (table,),
    )


def published_for_all(counts: tuple[Count, ...], moved: int, kept: int) -> str:
    """The two papers beside all texts: how often the cross-encoder's score moved and its rank stayed."""
    total = counts[0].total
    start = f"{ahead(counts, expected=False)}; {beside_the_coin(counts, 0.5)}."
    many, most = moved > total / 2, kept > total / 2
    if many and most:
        verdict = "both papers hold here: scores move, ranks mostly stay"
    elif many:
        verdict = "with ABNIRML: order counts, and ranks go with it"
    else:
        verdict = (
            "with Rau and Kamps: order hardly counts"
            if most
            else "neither paper's picture: small moves that change places"
        )
    counted = f"the cross-encoder's score moves in {moved} of {total} texts and the rank stays in {kept}"
    return f"{start} With words shuffled {counted}: {verdict}."
