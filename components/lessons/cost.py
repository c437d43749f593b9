"""Lesson "What it costs, when which": quality and time of re-ranking more and more documents, measured on this machine.

The collection is the documents of the built-in examples with their judgments; what has no judgment counts as grade 0,
since each example's documents are about its own query. Times are of passes made for the purpose: nothing kept is timed.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from components.lessons.bench import Bench
from components.lessons.records import Count, Curves, Item, Lesson, Line, Opening, Outcome, Table, Tally
from components.models.cards import figure
from components.ranking.ranks import order
from components.records import Kind
from components.scoring.bi_encoder import compare
from components.scoring.scheduler import Progress
from components.settings import models_folder
from components.texts.examples import examples
from components.texts.limits import count

DEPTHS = (5, 10, 20)  # and all documents
ASKED = 20  # the depth that is predicted
CUTOFF = 10
REPEATS = 5
PAIRS_A_PASS = 8  # short documents: a pass stays below a visitor's turn
BUSY = 1.5  # seconds of the clock for a second of the processor
SAME = 0.005  # of nDCG


@dataclass(frozen=True)
class Measured:
    """One query: nDCG@10 and milliseconds, without re-ranking (depth 0) and at each depth.

    ``wait`` is the clock's time over the processor's: above ``BUSY`` other programs had the processor, and the times
    are too long.
    """

    depths: tuple[int, ...]
    quality: tuple[float, ...]
    ms: tuple[float, ...]
    wait: float

    def quality_of(self, depth: int) -> float:
        return self.quality[self.depths.index(depth)]

    def ms_of(self, depth: int) -> float:
        return self.ms[self.depths.index(depth)]

    @property
    def gain(self) -> float:
        """What re-ranking the first 20 changes."""
        return self.quality_of(ASKED) - self.quality[0]


def collection() -> tuple[str, ...]:
    """All distinct documents of the built-in examples."""
    return tuple(dict.fromkeys(text for example in examples().values() for text in example.documents))


def grades_of(item: Item) -> list[int]:
    """The judgments of an example's query, parallel to the collection."""
    example = examples()[str(item.more["example"])]
    judged = dict(zip(example.documents, example.judgments, strict=True))
    return [judged.get(text, 0) for text in collection()]


def ndcg_at(ranked: Sequence[int], grades: Sequence[int]) -> float:
    """nDCG@10 of places in their order (Järvelin & Kekäläinen 2002; gain is the grade, as in trec_eval)."""
    gain = sum(grades[place] / math.log2(rank + 1) for rank, place in enumerate(ranked[:CUTOFF], 1))
    best = sorted(grades, reverse=True)[:CUTOFF]
    ideal = sum(grade / math.log2(rank + 1) for rank, grade in enumerate(best, 1))
    return gain / ideal if ideal else 0.0


def reranked(first: Sequence[int], logits: Sequence[float], depth: int) -> list[int]:
    """The first stage's order with its first ``depth`` in the order of the logits (parallel to ``first``)."""
    head = order(logits[:depth])
    return [*(first[place] for place in head), *first[depth:]]


def measure(item: Item, bench: Bench, progress: Progress) -> Generator[None, None, Measured]:
    """One query through both stages: vectors of the documents are there, all that depends on the query is timed."""
    import numpy as np

    bi, cross, query, texts = bench.bi_encoder, bench.cross_encoder, item.queries[0], list(collection())
    progress.total += len(texts) + REPEATS
    vectors, _ = yield from bi.embed("document", texts, bench.stores, Progress())
    matrix = np.stack([vector.values for vector in vectors])
    clock = used = 0.0
    alone: list[float] = []
    similarities: Sequence[float] = ()
    for _ in range(REPEATS):
        started, started_cpu = time.perf_counter(), time.thread_time()
        similarities = compare(bi.info.unit, bi.forward("query", [query])[0], matrix).tolist()
        alone.append(time.perf_counter() - started)
        clock, used = clock + alone[-1], used + time.thread_time() - started_cpu
        progress.done += 1
        yield
    first = order(similarities)
    logits: list[float] = []
    seconds: list[float] = []  # until so many passes were done
    for start in range(0, len(first), PAIRS_A_PASS):
        batch = [(query, texts[place]) for place in first[start : start + PAIRS_A_PASS]]
        started, started_cpu = time.perf_counter(), time.thread_time()
        logits += cross.forward(batch)
        spent = time.perf_counter() - started
        clock, used = clock + spent, used + time.thread_time() - started_cpu
        seconds.append((seconds[-1] if seconds else 0.0) + spent)
        progress.done += len(batch)
        yield
    depths = (0, *DEPTHS, len(texts))
    base, grades = statistics.median(alone), grades_of(item)
    quality = tuple(ndcg_at(reranked(first, logits, depth), grades) for depth in depths)
    per_pair = seconds[-1] / len(texts)
    ms = tuple(1000 * (base + per_pair * depth) for depth in depths)
    return Measured(depths, quality, ms, clock / used if used else math.inf)


def conditions(bench: Bench) -> str:
    """What every time is given with."""
    import torch

    info = bench.cross_encoder.info
    return (
        f"{info.device}, {count(torch.get_num_threads(), 'thread')}, {info.dtype}, {PAIRS_A_PASS} pairs a pass, "
        f"{len(collection())} documents"
    )


def run(lesson: Lesson, item: Item, setting: float, bench: Bench, progress: Progress) -> Generator[None, None, Outcome]:
    """One query of the built-in collection."""
    made = yield from measure(item, bench, progress)
    documents = examples()[str(item.more["example"])].documents
    return Outcome(
        answer(made),
        finding(made),
        published(made),
        f"{bench.caption()} {conditions(bench)}. Document vectors were there before; the time of k pairs is k times "
        f"the mean of a pair, the bi-encoder's the median of {REPEATS}. {busy_sentence(made.wait)}".strip(),
        (curves(made.depths, made.quality, made.ms),),
        tuple(Opening(place, item.queries[0], documents) for place in ("retrieve", "timing", "compare", "tokens")),
    )


def curves(depths: Sequence[int], quality: Sequence[float], ms: Sequence[float]) -> Curves:
    """Quality and time by the number of documents re-ranked."""
    return Curves(
        "By the number of documents that the cross-encoder reads; 0 is the bi-encoder alone.",
        "documents read",
        (
            Line("quality", Kind.CROSS_ENCODER, f"nDCG@{CUTOFF}", tuple(zip(map(float, depths), quality, strict=True))),
            Line("time a query", Kind.CROSS_ENCODER, "ms", tuple(zip(map(float, depths), ms, strict=True))),
        ),
        digits=3,
    )


def busy_sentence(wait: float) -> str:
    """A word about other work, where a pass waited for the processor; "" on a quiet machine."""
    return "The machine was busy with other work: these times are too long." if wait > BUSY else ""


def answer(made: Measured) -> str:
    """What re-ranking the first 20 did to the quality."""
    return "better" if made.gain > SAME else "worse" if made.gain < -SAME else "same"


def finding(made: Measured) -> str:
    """Quality and time of both, for this query."""
    return (
        f"The bi-encoder alone takes {made.ms[0]:.0f} ms for nDCG@{CUTOFF} {made.quality[0]:.2f}; with the first "
        f"{ASKED} re-ranked it is {made.ms_of(ASKED):.0f} ms for {made.quality_of(ASKED):.2f}."
    )


def published(made: Measured) -> str:
    """One query beside the rule that re-ranking buys quality with time."""
    ratio = made.ms_of(ASKED) / made.ms[0]
    bought = {
        "better": "as published, time buys quality",
        "same": "other than published, it buys nothing here",
        "worse": "against what is published, it makes things worse here",
    }[answer(made)]
    return f"Re-ranking takes {ratio:.0f} times as long, and {bought}."


def tally(lesson: Lesson, bench: Bench, progress: Progress) -> Generator[None, None, Tally]:
    """All queries, and the two answers in sentences with this machine's numbers."""
    every: list[Measured] = []
    for item in lesson.items:
        every.append((yield from measure(item, bench, progress)))
    depths = every[0].depths
    quality = [sum(one.quality[place] for one in every) / len(every) for place in range(len(depths))]
    ms = [statistics.median(one.ms[place] for one in every) for place in range(len(depths))]
    total = len(every)
    counts = (
        Count(Kind.CROSS_ENCODER, sum(one.gain > SAME for one in every), total),
        Count(Kind.BI_ENCODER, sum(one.gain < -SAME for one in every), total),
    )
    rows = (
        ("When a cross-encoder", when_cross(depths, quality, ms)),
        ("When a bi-encoder", when_bi(depths, ms)),
        ("Why slower", why(ms, depths)),
    )
    wait = statistics.median(one.wait for one in every)
    caption = f"From this machine's numbers ({conditions(bench)}). {busy_sentence(wait)}".strip()
    words = published_for_all(counts, quality[depths.index(ASKED)] - quality[0])
    what = f"Better ordered by the cross-encoder over the first {ASKED}, or by the bi-encoder alone (the rest is level)"
    return Tally(what, counts, None, words, (Table(caption, ("", ""), rows), curves(depths, quality, ms)))


def when_cross(depths: Sequence[int], quality: Sequence[float], ms: Sequence[float]) -> str:
    """The best depth on average, if it beats none."""
    best = max(range(len(depths)), key=lambda place: quality[place])
    if depths[best] == 0:
        return f"Not for quality here: no depth beats the bi-encoder alone (nDCG@{CUTOFF} {quality[0]:.3f})."
    return (
        f"To order few candidates, where quality is worth {ms[best] - ms[0]:.0f} ms a query: the best mean is at "
        f"{depths[best]} documents (nDCG@{CUTOFF} {quality[best]:.3f}, the bi-encoder alone {quality[0]:.3f})."
    )


def when_bi(depths: Sequence[int], ms: Sequence[float]) -> str:
    """How many documents the cross-encoder reads in a second."""
    per_pair = (ms[-1] - ms[0]) / depths[-1]
    return (
        f"To search many documents: it answers in {ms[0]:.0f} ms with kept vectors, whereas the cross-encoder reads "
        f"{1000 / per_pair:,.0f} of these short documents a second; a million would take it about "
        f"{per_pair * 1_000_000 / 3_600_000:,.1f} hours a query (extrapolated)."
    )


def why(ms: Sequence[float], depths: Sequence[int]) -> str:
    """Forward passes counted, and what they cost at the deepest k, as a multiple of the query alone."""
    times = f"{ms[-1] / ms[0]:.0f} times the time at {depths[-1]} documents"
    return f"One pass for the query against one for each document: {times}."


def published_for_all(counts: Sequence[Count], gain: float) -> str:
    """The mean change, and what the model's card says about a judged collection."""
    better, worse = counts[0].right, counts[1].right
    direction = "as published, quality rises" if gain > SAME else "against what is published, quality falls"
    if abs(gain) <= SAME:
        direction = "other than published, quality stays"
    card = figure(models_folder() / "relevance")
    tail = f" {card.sentence()}" if card is not None else " No judged collection is on the model's card."
    small = f"{better} {'query' if better == 1 else 'queries'} better, {worse} worse"
    return f"Re-ranking the first {ASKED}, {direction} on the mean ({gain:+.3f} nDCG@{CUTOFF}; {small}).{tail}".replace(
        "-0", "−0"
    )
