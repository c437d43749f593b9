"""Lesson "Two ways to read": what each model is really given, how often it runs, and what it can keep.

The counts are those of real scoring with an empty memory: first one query, then another for the same documents.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from components.lessons.bench import NEURAL, Bench
from components.lessons.records import Count, Item, Lesson, Opening, Outcome, Table, Tally
from components.records import Kind
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores
from components.texts.limits import count

MIB = 1024 * 1024
ALL_OF = 10_000  # texts compared with each other in the published figure


@dataclass(frozen=True)
class Work:
    """What one query cost one model: sequences it read (each as its tokens) and how many of them that were."""

    sequences: tuple[tuple[str, ...], ...]

    @property
    def passes(self) -> int:
        return len(self.sequences)

    @property
    def tokens(self) -> int:
        return sum(len(one) for one in self.sequences)


def tokens_of(model: Any, inputs: Any) -> tuple[str, ...]:
    """The tokens a sentence-transformers model is given for a text, or for a pair of texts; special ones included."""
    made = model.preprocess([inputs])
    kept = made["attention_mask"][0].tolist()
    ids = [id_ for id_, keep in zip(made["input_ids"][0].tolist(), kept, strict=True) if keep]
    return tuple(str(token) for token in model.tokenizer.convert_ids_to_tokens(ids))


def work_of(item: Item, bench: Bench, progress: Progress) -> Generator[None, None, dict[Kind, list[Work]]]:
    """Both queries of a text, one after the other, with an empty memory: what each model had to read for each."""
    memory = Stores(MIB, MIB)
    made: dict[Kind, list[Work]] = {kind: [] for kind in NEURAL}
    bi, cross = bench.bi_encoder, bench.cross_encoder
    for query in item.queries:
        column = yield from bi.score(query, item.documents, memory, progress)
        texts = [bi.prompt("query") + query] if column.texts_embedded else []
        if column.computed:
            texts += [bi.prompt("document") + text for text in item.documents[: column.computed]]
        made[Kind.BI_ENCODER].append(Work(tuple(tokens_of(bi.model, text) for text in texts)))
        column = yield from cross.score(query, item.documents, memory, progress)
        pairs = [(query, text) for text in item.documents[: column.computed]]
        made[Kind.CROSS_ENCODER].append(Work(tuple(tokens_of(cross.model, pair) for pair in pairs)))
    return made


def run(lesson: Lesson, item: Item, setting: float, bench: Bench, progress: Progress) -> Generator[None, None, Outcome]:
    """One text: the sequences, and the counts for the first and the second query."""
    progress.total = 4 * len(item.documents)
    made = yield from work_of(item, bench, progress)
    rows = []
    for kind in (Kind.BI_ENCODER, Kind.CROSS_ENCODER):
        for place, work in enumerate(made[kind], 1):
            rows += [(f"{kind}, query {place}", " ".join(sequence)) for sequence in work.sequences]
    sequences = Table("Every sequence that went through a model, as its tokens.", ("", "tokens"), tuple(rows))
    openings = tuple(Opening(place, item.queries[0], item.documents) for place in ("compare", "tokens", "timing"))
    return Outcome(
        answer(made, len(item.documents)),
        finding(made),
        published(made, len(item.documents)),
        f"{bench.caption()} The memory was empty at the start; special tokens count.",
        (_counts(made), sequences),
        openings,
    )


def _counts(made: dict[Kind, list[Work]]) -> Table:
    rows = []
    for kind in (Kind.BI_ENCODER, Kind.CROSS_ENCODER):
        cells = [f"{work.passes} ({count(work.tokens, 'token')})" for work in made[kind]]
        kept = "the document vectors" if made[kind][1].passes < made[kind][0].passes else "nothing"
        rows.append((str(kind), *cells, kept))
    heads = ("", "sequences read for query 1", "for query 2", "kept between them")
    return Table("Forward passes, counted.", heads, tuple(rows))


def answer(made: dict[Kind, list[Work]], documents: int) -> str:
    """Which prediction about the second query came true."""
    second = made[Kind.BI_ENCODER][1].passes, made[Kind.CROSS_ENCODER][1].passes
    return {(1, documents): "keeps", (documents + 1, documents): "again", (1, 1): "one"}.get(second, "else")


def finding(made: dict[Kind, list[Work]]) -> str:
    """What the second query cost both."""
    bi, cross = made[Kind.BI_ENCODER][1], made[Kind.CROSS_ENCODER][1]
    return (
        f"For the second query the bi-encoder reads {count(bi.passes, 'text')} ({count(bi.tokens, 'token')}), "
        f"the cross-encoder {count(cross.passes, 'pair')} ({count(cross.tokens, 'token')})."
    )


def published(made: dict[Kind, list[Work]], documents: int) -> str:
    """The counts at the size of the published comparison: passes, not times, and that size by arithmetic."""
    if answer(made, documents) != "keeps":
        return "The counts are not those behind the published comparison: something else was kept or read here."
    pairs = ALL_OF * (ALL_OF - 1) // 2
    return (
        f"These counts are the reason for the published difference: one pass a text or one a pair. To compare "
        f"{ALL_OF:,} sentences with each other that is {ALL_OF:,} passes or {pairs:,} (calculated, not run)."
    )


def tally(lesson: Lesson, bench: Bench, progress: Progress) -> Generator[None, None, Tally]:
    """All texts: how often the second query was answered by reading that query alone, and what was read in all."""
    progress.total = sum(4 * len(item.documents) for item in lesson.items)
    alone = dict.fromkeys(NEURAL, 0)
    totals = {kind: [0, 0, 0, 0] for kind in NEURAL}
    for item in lesson.items:
        made = yield from work_of(item, bench, progress)
        for kind in NEURAL:
            first, second = made[kind]
            alone[kind] += second.passes == 1
            for place, value in enumerate((first.passes, first.tokens, second.passes, second.tokens)):
                totals[kind][place] += value
    rows = tuple((str(kind), *(f"{value:,}" for value in totals[kind])) for kind in NEURAL)
    heads = ("", "passes, first queries", "tokens", "passes, second queries", "tokens")
    counts = tuple(Count(kind, alone[kind], len(lesson.items)) for kind in NEURAL)
    ratio = totals[Kind.CROSS_ENCODER][3] / max(1, totals[Kind.BI_ENCODER][3])
    words = f"For the second queries the cross-encoder reads {ratio:.1f} times the tokens of the bi-encoder."
    table = Table("Summed over all texts of the lesson.", heads, rows)
    return Tally("Second query answered by reading that query alone", counts, None, words, (table,), sampled=False)
