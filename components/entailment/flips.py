"""Words struck or edited until the class flips: the work, the record of a flip, and the search for single words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from components.attention.words import cut_words
from components.attribution.toggle import Change
from components.entailment.judge import similarity
from components.entailment.records import Similarity
from components.records import PairClasses
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.classifier import Classifier
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores

SIDES = ("premise", "hypothesis")


@dataclass(frozen=True)
class Outcome:
    """What both models say of a pair as it is now; ``similarity`` is None without a bi-encoder."""

    classes: PairClasses
    similarity: Similarity | None


@dataclass(frozen=True)
class Flip:
    """A step at which the class became another one. ``step`` counts the changes made to this pair."""

    step: int
    what: str  # what was changed in this step
    before: Outcome
    after: Outcome

    def sentence(self) -> str:
        """ "“not” struck from the premise: contradiction 91 % → entailment 84 %"."""
        return f"{self.what}: {share(self.before.classes)} → {share(self.after.classes)}"


@dataclass(frozen=True)
class FlippingWord:
    """A word whose striking alone gives another class; ``index`` counts the words of its text, ``side`` is of SIDES."""

    side: str
    index: int
    word: str
    classes: PairClasses


def share(classes: PairClasses, index: int | None = None) -> str:
    """A class with its probability: "entailment 93 %"; the likeliest where none is named."""
    index = classes.top if index is None else index
    return f"{classes.labels[index]} {percent(classes.probabilities[index])}"


def percent(probability: float) -> str:
    """A probability in per cent, whole; never 0 or 100 for what only comes near."""
    if 0 < probability < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= probability < 1 else f"{100 * probability:.0f} %"


def reclassify(
    original: tuple[str, str],
    change: Change,
    classifier: Classifier,
    bi_encoder: BiEncoderScorer | None,
    stores: Stores,
    deliver: Callable[[Outcome, Outcome], None],
) -> Callable[[Progress], Iterator[None]]:
    """The work of a job: the pair as it was and as it is now. ``deliver`` gets both."""

    def work(progress: Progress) -> Iterator[None]:
        pairs = [original, change.texts]
        progress.total = len(pairs)
        classes = yield from classifier.classify(pairs, stores, progress)
        cosines: Sequence[Similarity | None] = [None, None]
        if bi_encoder is not None:
            cosines = yield from similarity(bi_encoder, pairs, stores)
        before, after = (Outcome(*one) for one in zip(classes, cosines, strict=True))
        deliver(before, after)

    return work


def find_flipping_words(
    change: Change, classifier: Classifier, stores: Stores, deliver: Callable[[tuple[FlippingWord, ...], int], None]
) -> Callable[[Progress], Iterator[None]]:
    """The work of a job: each word that still stands is struck alone, and those that give another class are delivered,
    with the number of words tried.

    These are texts nobody wrote: a flip shows what this score hangs on, not what the sentence means.
    """

    def work(progress: Progress) -> Iterator[None]:
        tried = list(single_strikes(change))
        progress.total, progress.unit = len(tried) + 1, "words"
        pairs = [change.texts, *(one.texts for _, _, one in tried)]
        classes = yield from classifier.classify(pairs, stores, progress)
        found = []
        for (side, index, _), of_pair in zip(tried, classes[1:], strict=True):
            if of_pair.label != classes[0].label:
                text = change.query if side == SIDES[0] else change.document
                start, end = cut_words(text)[index]
                found.append(FlippingWord(side, index, text[start:end], of_pair))
        deliver(tuple(found), len(tried))

    return work


def single_strikes(change: Change) -> Iterator[tuple[str, int, Change]]:
    """Every further word that can be struck alone, as (side, index, the change with it); a text is never emptied."""
    for side, text, struck in (
        (SIDES[0], change.query, change.query_struck),
        (SIDES[1], change.document, change.document_struck),
    ):
        left = [index for index in range(len(cut_words(text))) if index not in struck]
        for index in left if len(left) > 1 else []:
            more = tuple(sorted((*struck, index)))
            is_premise = side == SIDES[0]
            struck_now = replace(change, query_struck=more) if is_premise else replace(change, document_struck=more)
            yield side, index, struck_now


def struck_words(sent: object, text: str) -> tuple[int, ...]:
    """Whole numbers that count words of a text, in order, from whatever a browser sent."""
    if not isinstance(sent, list):
        return ()
    count = len(cut_words(text))
    return tuple(sorted({int(one) for one in sent if isinstance(one, int | float) and 0 <= one < count}))


def describe(before: Change, after: Change) -> str:
    """What was done between two states of a pair, in words."""
    parts = []
    for side, old, new, was, now in (
        (SIDES[0], before.query, after.query, before.query_struck, after.query_struck),
        (SIDES[1], before.document, after.document, before.document_struck, after.document_struck),
    ):
        if old != new:
            parts.append(f"the {side} edited")
            continue
        struck, back = [index for index in now if index not in was], [index for index in was if index not in now]
        if struck:
            parts.append(f"{_words(new, struck)} struck from the {side}")
        if back:
            parts.append(f"{_words(new, back)} brought back into the {side}")
    return ", ".join(parts) or "nothing changed"


def _words(text: str, indices: Sequence[int]) -> str:
    spans = cut_words(text)
    words = [f"“{text[spans[index][0] : spans[index][1]]}”" for index in indices if index < len(spans)]
    return ", ".join(words[:5]) + (f" and {len(words) - 5} more" if len(words) > 5 else "")
