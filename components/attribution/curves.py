"""Deletion and insertion: a document taken apart, and put together, word by word in an order, the logit at each step.

Petsiuk, Das & Saenko, "RISE" (BMVC 2018), section 4.2, with words in the place of pixels and the logit in the place of
a probability. An order that finds the words a score depends on makes the logit fall early when they are taken out and
rise early when they are put in. The query stays whole. Nearly all of these texts are out of the model's distribution,
so the curves compare orders for this model and this pair and say nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from components.attention.pair import PairAttention, Part
from components.attention.words import Word, merge_pieces
from components.attribution import occlusion
from components.attribution.agreement import attention_shares
from components.attribution.batches import score_pairs
from components.attribution.records import Attribution
from components.attribution.strike import strike
from components.errors import InputProblem
from components.records import ScorerInfo
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Progress

RANDOM_ORDERS = 10
SEED = 11
MOST_STEPS = 20  # points a curve beside its start
GREEDY_WORDS = 24  # a greedy order of n words takes n (n + 1) / 2 scores, twice
FEWEST = 3  # words of the document below which an order says nothing


class Direction(StrEnum):
    """Whether words are taken out of the whole document or put into an empty one."""

    DELETION = "deletion"
    INSERTION = "insertion"


class Best(StrEnum):
    """What the best order is: none is proven to be the best one."""

    GREEDY = "greedy"
    OCCLUSION = "occlusion-sorted"


BEST_WORDS = {
    Best.GREEDY: (
        "greedy: at each step, of the words that are left, the one that lowers the logit most when taken out (raises "
        "it most when put in); the best next step, not a proven best order"
    ),
    Best.OCCLUSION: (
        "occlusion-sorted: words by the logit each costs when taken out alone, largest first; the document has more "
        f"than {GREEDY_WORDS} words, for which a greedy order takes too long"
    ),
}


@dataclass(frozen=True)
class Curve:
    """The logits of one order at ``Curves.counts`` words, and the order as indices into ``CurveSet.words``."""

    order: tuple[int, ...]
    logits: tuple[float, ...]

    def area(self, counts: Sequence[int]) -> float:
        """The mean logit over the curve: its area by trapezoids, the number of words scaled to 1."""
        steps = zip(zip(counts, self.logits, strict=True), zip(counts[1:], self.logits[1:], strict=False), strict=False)
        return sum((after - before) * (a + b) / 2 for (before, a), (after, b) in steps) / (counts[-1] - counts[0])


@dataclass(frozen=True)
class Curves:
    """All curves of one direction. ``named`` holds methods' orders by name, ``random`` those of ``RANDOM_ORDERS``."""

    direction: Direction
    counts: tuple[int, ...]
    named: dict[str, Curve]
    best: Curve
    random: tuple[Curve, ...]


@dataclass(frozen=True)
class CurveSet:
    """Deletion and insertion of one pair. ``words`` are the document's words that the model read."""

    scorer: ScorerInfo
    words: tuple[Word, ...]
    whole: float
    empty: float
    best: Best
    deletion: Curves
    insertion: Curves


def measure_curves(
    scorer: CrossEncoderScorer, pair: PairAttention, found: Sequence[Attribution], progress: Progress
) -> Generator[None, None, CurveSet]:
    """Every curve of a pair, by real scores. ``found`` are the methods whose orders are tried beside attention's.

    The first of ``found`` must be the occlusion of this pair (words removed), which also makes the best order of long
    documents. ``InputProblem`` where the document has too few words.
    """
    words, tried = _orders(pair, found)
    count = len(words)
    if count < FEWEST:
        raise InputProblem(f"The document has fewer than {FEWEST} words that were read: there is no order to try.")
    counts = tuple(dict.fromkeys(round(count * step / MOST_STEPS) for step in range(MOST_STEPS + 1)))
    chance = random.Random(SEED)
    shuffled = [tuple(chance.sample(range(count), count)) for _ in range(RANDOM_ORDERS)]
    best = Best.GREEDY if count <= GREEDY_WORDS else Best.OCCLUSION
    reader = _Reader(scorer, pair, words, progress)
    greedy = count * (count + 1) if best is Best.GREEDY else 0
    progress.total, progress.done = greedy + 2 * len(counts) * (len(tried) + RANDOM_ORDERS + 1), 0
    progress.unit = "scores"
    made = {}
    for direction in Direction:
        order = (yield from reader.greedy(direction)) if best is Best.GREEDY else tried[occlusion.NAME]
        every = [*tried.values(), order, *shuffled]
        logits = yield from reader.curves(direction, every, counts)
        curves = [Curve(one, values) for one, values in zip(every, logits, strict=True)]
        named = dict(zip(tried, curves, strict=False))
        made[direction] = Curves(direction, counts, named, curves[len(tried)], tuple(curves[len(tried) + 1 :]))
    deletion, insertion = made[Direction.DELETION], made[Direction.INSERTION]
    first = deletion.best.logits
    return CurveSet(scorer.info, words, first[0], first[-1], best, deletion, insertion)


def _orders(pair: PairAttention, found: Sequence[Attribution]) -> tuple[tuple[Word, ...], dict[str, tuple[int, ...]]]:
    """The document's words, and the order of each method: what raised the score most comes first."""
    every = merge_pieces(pair)
    words = tuple(word for word in every if word.part is Part.DOCUMENT)
    shares = attention_shares(pair, every)
    values = {"attention": [shares[every.index(word)] for word in words]}
    for one in found:
        of_word = dict(zip(one.words, one.values, strict=True))
        values[one.method] = [of_word[word] for word in words]
    return words, {name: _sorted(numbers) for name, numbers in values.items()}


def _sorted(values: Sequence[float]) -> tuple[int, ...]:
    """Indices by value, largest first; equal ones in the order of the text."""
    return tuple(sorted(range(len(values)), key=lambda index: -values[index]))


class _Reader:
    """Scores one pair's document with only some of its words."""

    def __init__(self, scorer: CrossEncoderScorer, pair: PairAttention, words: tuple[Word, ...], progress: Progress):
        self._scorer = scorer
        self._query = pair.query
        # What was never read stays away: else it would move into the window as words leave it.
        self._document = pair.document[: words[-1].end] if pair.document_lost else pair.document
        self._spans = [(word.start, word.end) for word in words]
        self._progress = progress
        self._known: dict[str, float] = {}

    def text(self, taken_out: Sequence[int]) -> str:
        """The document without some words, by the rule of occlusion and of the word toggle."""
        return strike(self._document, [self._spans[index] for index in taken_out])

    def scores(self, texts: Sequence[str]) -> Generator[None, None, list[float]]:
        """Logits of changed documents; what was scored before is not scored again."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._progress.done += len(texts) - len(missing)
        pairs = [(self._query, text) for text in missing]
        logits = yield from score_pairs(self._scorer, pairs, self._progress)
        self._known.update(zip(missing, logits, strict=True))
        return [self._known[text] for text in texts]

    def curves(
        self, direction: Direction, orders: Sequence[tuple[int, ...]], counts: Sequence[int]
    ) -> Generator[None, None, list[tuple[float, ...]]]:
        """The logits of each order after each count of words."""
        texts = [self.text(_out(direction, order, count)) for order in orders for count in counts]
        logits = yield from self.scores(texts)
        return [tuple(logits[start : start + len(counts)]) for start in range(0, len(logits), len(counts))]

    def greedy(self, direction: Direction) -> Generator[None, None, tuple[int, ...]]:
        """At each step the word whose loss lowers the logit most (insertion: whose return raises it most)."""
        left, order = list(range(len(self._spans))), list[int]()
        pick: Callable[[list[float]], float] = min if direction is Direction.DELETION else max
        while left:
            tries = [self.text(_out(direction, [*order, word, *_others(left, word)], len(order) + 1)) for word in left]
            logits = yield from self.scores(tries)
            word = left[logits.index(pick(logits))]
            order.append(word)
            left.remove(word)
        return tuple(order)


def _others(left: list[int], word: int) -> list[int]:
    return [other for other in left if other != word]


def _out(direction: Direction, order: Sequence[int], count: int) -> Sequence[int]:
    """Which words are missing after ``count`` steps of an order."""
    return order[:count] if direction is Direction.DELETION else order[count:]


def headline(found: CurveSet) -> str:
    """The order that keeps the logit lowest in deletion, with its area beside chance and the best order."""
    curves = found.deletion
    areas = {name: curve.area(curves.counts) for name, curve in curves.named.items()}
    first = min(areas, key=lambda name: areas[name])
    chance = [curve.area(curves.counts) for curve in curves.random]
    return (
        f"Of the methods, {first} keeps the logit lowest as words are taken out: {_number(areas[first])} on "
        f"average, against {_number(sum(chance) / len(chance))} in random orders and "
        f"{_number(curves.best.area(curves.counts))} in the best one ({found.best})."
    )


def emptiness(found: CurveSet) -> str:
    """Said where the document only costs: then no order can find what raised the score."""
    if found.empty < found.whole:
        return ""
    return (
        f"Here the whole document scores {_number(found.whole)} and an empty one {_number(found.empty)}: as a whole it "
        "raises nothing, so there is little for an order to find."
    )


def sentences(found: CurveSet) -> tuple[str, str]:
    """What the areas say, one sentence a direction, whatever they are."""
    return _sentence(found, found.deletion), _sentence(found, found.insertion)


def _sentence(found: CurveSet, curves: Curves) -> str:
    is_deletion = curves.direction is Direction.DELETION
    sign = 1 if is_deletion else -1  # so that less is better
    areas = {name: curve.area(curves.counts) for name, curve in curves.named.items()}
    chance = [curve.area(curves.counts) for curve in curves.random]
    first = min(areas, key=lambda name: sign * areas[name])
    beaten = [name for name in areas if all(sign * areas[name] < sign * value for value in chance)]
    act = "Taking words out" if is_deletion else "Putting words back"
    end = "lower" if is_deletion else "higher"
    start = (
        f"{act} in the order of {first} keeps the logit {'lowest' if is_deletion else 'highest'} of the methods, "
        f"{_number(areas[first])} on average; {len(chance)} random orders reach {_number(min(chance))} to "
        f"{_number(max(chance))}, the best order ({found.best}) {_number(curves.best.area(curves.counts))}"
    )
    if not beaten:
        return f"{start}. No method's order is {end} than all random ones here."
    rest = [name for name in areas if name not in beaten]
    if not rest:
        return f"{start}. Every method's order is {end} than all random ones."
    verb = "is" if len(beaten) == 1 else "are"
    return f"{start}. {_listed(beaten)} {verb} {end} than all random ones, {_listed(rest).lower()} not."


def _listed(names: Sequence[str]) -> str:
    joined = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return joined[0].upper() + joined[1:]


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
