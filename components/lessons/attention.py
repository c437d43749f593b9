"""Lesson "Attention is not explanation": three readings of attention beside removed words, and swapped heads."""

from __future__ import annotations

import random
import statistics
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from components.attention.extract import extract
from components.attention.pair import PairAttention
from components.attention.words import merge_pieces
from components.attribution.agreement import ORDERS, SEED, spearman
from components.attribution.occlusion import occlude
from components.attribution.records import Operator, words_of
from components.attribution.swap import fitted, scores_with, uniform
from components.lessons.bench import Bench
from components.lessons.records import Count, Item, Lesson, Opening, Outcome, Table, Tally
from components.ranking.findings import format_score
from components.records import Kind
from components.scoring.scheduler import Progress

READINGS = ("raw", "norm-weighted", "rollout")
HARDLY = 0.1  # of the distance between the two documents' logits: a smaller change is called hardly any


@dataclass(frozen=True)
class Found:
    """What one pair shows.

    ``rows`` hold a word, its share in each of the readings, and the change of the logit when it is removed. ``rhos``
    are Spearman's with the size of that change, ``chance`` those of random orders. ``uniform`` and ``other`` are the
    changes of the logit when one head's attention is made uniform, or the other document's; one for each head.
    """

    rows: tuple[tuple[str, tuple[float, ...], float], ...]
    rhos: tuple[float, ...]
    chance: tuple[float, ...]
    logit: float
    distance: float  # between the logits of the two documents
    uniform: tuple[float, ...]
    other: tuple[float, ...]
    heads: int

    @property
    def beats(self) -> tuple[bool, ...]:
        """For each reading, whether it orders the words better than all random orders."""
        return tuple(rho > max(self.chance) for rho in self.rhos)

    def hardly(self, changes: Sequence[float]) -> int:
        """How many heads can be swapped with hardly any change."""
        return sum(abs(change) < HARDLY * self.distance for change in changes)

    @property
    def strongest(self) -> int:
        """The head (counted over all layers) whose uniform attention changes the logit most."""
        return max(range(len(self.uniform)), key=lambda place: abs(self.uniform[place]))


def shares(pair: PairAttention) -> list[list[float]]:
    """What [CLS] takes from each word by each reading: means of all heads and layers; rollout to the last layer."""
    from components.attention.aggregate import Heads, View, Weighting, word_shares  # numpy: not at a page's start

    words = merge_pieces(pair)
    views = (
        View(0, 0, Heads.MEAN_ALL, Weighting.RAW),
        View(0, 0, Heads.MEAN_ALL, Weighting.NORM),
        View(pair.n_layers - 1, 0, Heads.ROLLOUT, Weighting.RAW),
    )
    texts = words_of(words)
    places = [words.index(word) for word in texts]
    return [[float(word_shares(pair, view, words)[0][place]) for place in places] for view in views]


def look(item: Item, bench: Bench, progress: Progress) -> Generator[None, None, Found]:
    """One pair: attention three ways, occlusion, every head swapped twice."""
    scorer, query = bench.cross_encoder, item.queries[0]
    pair = extract(scorer.model, scorer.info, query, item.documents[0])
    yield
    other = extract(scorer.model, scorer.info, query, item.documents[1])
    yield
    removed = yield from occlude(scorer, pair, Operator.REMOVE, progress)
    readings = shares(pair)
    effects = [abs(value) for value in removed.values]
    rhos = tuple(spearman(reading, effects) or 0.0 for reading in readings)
    rng = random.Random(SEED)
    orders = [rng.sample(range(len(effects)), len(effects)) for _ in range(ORDERS)]
    chance = tuple(spearman(order, effects) or 0.0 for order in orders)
    every = [(layer, head) for layer in range(pair.n_layers) for head in range(pair.n_heads)]
    places = len(pair.pieces)
    swaps = [(layer, head, uniform(places)) for layer, head in every]
    swaps += [(layer, head, fitted(other.weights[layer, head], places)) for layer, head in every]
    progress.total += len(swaps)
    base, scores = yield from scores_with(scorer, pair, swaps, progress)
    changes = [score - base for score in scores]
    rows = tuple(
        (word.text, tuple(reading[place] for reading in readings), removed.values[place])
        for place, word in enumerate(removed.words)
    )
    return Found(
        rows,
        rhos,
        chance,
        base,
        abs(base - other.logit),
        tuple(changes[: len(every)]),
        tuple(changes[len(every) :]),
        pair.n_heads,
    )


def run(lesson: Lesson, item: Item, setting: float, bench: Bench, progress: Progress) -> Generator[None, None, Outcome]:
    """One pair."""
    found = yield from look(item, bench, progress)
    ordered = sorted(found.rows, key=lambda row: -abs(row[2]))
    rows = tuple((word, *(f"{100 * share:.1f}" for share in of), format_score(effect)) for word, of, effect in ordered)
    heads = ("word", *(f"{name}, %" for name in READINGS), "logit it brings")
    words = Table("What [CLS] takes from each word by three readings, and what is lost by removing it.", heads, rows)
    agreement = Table(
        f"Agreement with removal; {ORDERS} random orders reach {format_score(min(found.chance))} to "
        f"{format_score(max(found.chance))}.",
        ("reading of attention", "Spearman", ""),
        tuple(
            (name, format_score(rho), "better than all random orders" if beats else "not better than all of them")
            for name, rho, beats in zip(READINGS, found.rhos, found.beats, strict=True)
        ),
    )
    place, both = found.strongest, (found.uniform, found.other)
    name = f"layer {place // found.heads + 1}, head {place % found.heads + 1}"
    total = len(found.uniform)
    swapped = Table(
        "One head's attention is replaced and the pair scored again: the change of the logit.",
        ("", "made uniform", "the other document's"),
        (
            (
                f"the head that matters most ({name})",
                format_score(found.uniform[place]),
                format_score(found.other[place]),
            ),
            ("the median of all heads, size", *(f"{_median(one):.3f}" for one in (found.uniform, found.other))),
            ("heads with hardly any change", *(f"{found.hardly(one)} of {total}" for one in both)),
        ),
    )
    return Outcome(
        answer(found),
        finding(found),
        published(found),
        f"{bench.caption((Kind.CROSS_ENCODER,))} Raw and norm-weighted: means over all heads and layers. Removing "
        "words gives the model texts unlike its training. The other document's attention is cut to this length.",
        (agreement, swapped, words),
        tuple(Opening(where, item.queries[0], item.documents) for where in ("tokens", "compare")),
    )


def _median(changes: Sequence[float]) -> float:
    return statistics.median(abs(change) for change in changes)


def answer(found: Found) -> str:
    """How many of the readings beat chance."""
    return {0: "none", len(READINGS): "all"}.get(sum(found.beats), "some")


def finding(found: Found) -> str:
    """The three agreements beside chance."""
    parts = ", ".join(f"{name} {format_score(rho)}" for name, rho in zip(READINGS, found.rhos, strict=True))
    low, high = format_score(min(found.chance)), format_score(max(found.chance))
    count = len(found.rows)
    return (
        f"Attention and removal order these {count} words with Spearman {parts}; random orders reach {low} to {high}."
    )


def published(found: Found) -> str:
    """Order and swaps, beside Jain and Wallace."""
    beats = sum(found.beats)
    words = {
        0: "As published, attention tells no more than chance about what the score depends on",
        len(READINGS): "Unlike “frequently uncorrelated”, on this pair all three readings beat chance",
    }.get(beats, f"A mixed picture: {beats} of {len(READINGS)} readings beat chance")
    hardly, total = found.hardly(found.uniform), len(found.uniform)
    same = "as published, other attention, same score" if hardly > total / 2 else "so here attention is not idle"
    return f"{words}. With one head made uniform the logit hardly changes for {hardly} of {total} heads: {same}."


def tally(lesson: Lesson, bench: Bench, progress: Progress) -> Generator[None, None, Tally]:
    """All pairs: how often each reading beats all random orders, and how many heads can be swapped."""
    every: list[Found] = []
    progress.unit = "scores"
    for item in lesson.items:
        every.append((yield from look(item, bench, Progress())))
        progress.done, progress.total, progress.unit = len(every), len(lesson.items), "pairs"
    total = len(every)
    rows = []
    for place, name in enumerate(READINGS):
        mean = sum(found.rhos[place] for found in every) / total
        rows.append((name, f"{sum(found.beats[place] for found in every)} of {total}", format_score(mean)))
    table = Table(
        f"Each reading against {ORDERS} random orders.", ("reading", "beats them all", "mean Spearman"), tuple(rows)
    )
    heads = sum(len(found.uniform) for found in every)
    hardly = tuple(sum(found.hardly(getattr(found, name)) for found in every) for name in ("uniform", "other"))
    swaps = Table(
        "Heads whose attention can be replaced with hardly any change of the logit.",
        ("made uniform", "the other document's"),
        ((f"{hardly[0]} of {heads}", f"{hardly[1]} of {heads}"),),
    )
    count = Count(Kind.CROSS_ENCODER, sum(found.beats[1] for found in every), total)
    what = f"Norm-weighted attention orders words better than all {ORDERS} random orders"
    return Tally(what, (count,), 1 / (ORDERS + 1), published_for_all(count, hardly[0], heads), (table, swaps))


def published_for_all(count: Count, hardly: int, heads: int) -> str:
    """Both of Jain and Wallace's points, over all pairs."""
    often = count.right > count.total / 2
    order = (
        "More often than not attention does point to what matters here, against “frequently uncorrelated”"
        if often
        else "As published, attention is often no guide to what the score depends on"
    )
    many = hardly > heads / 2
    swap = "and as published most heads" if many else "but other than published only a minority of heads"
    return f"{order}; {swap} can be made uniform with hardly a change ({hardly} of {heads})."
