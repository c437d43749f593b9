"""Lesson "Does it follow?": premise and hypothesis swapped, negated, without the premise, and reduced to nonsense.

Reduction is Feng et al.'s (2018, section 2.1) with real scores in the place of gradients: at each step the word goes
whose removal leaves the label with the highest probability, until every removal would change it.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from components.entailment.classes import THREE, Meaning, meaning
from components.errors import ModelProblem
from components.lessons.bench import Bench
from components.lessons.interval import wilson
from components.lessons.records import Count, Item, Lesson, Opening, Outcome, Table, Tally
from components.lessons.sentences import beside_the_coin
from components.ranking.findings import format_score
from components.records import Kind, PairClasses
from components.scoring.classifier import Classifier
from components.scoring.scheduler import Progress

CHANCE = 1 / 3
_WORD = re.compile(r"[\w'’-]+")


@dataclass(frozen=True)
class Attacked:
    """What the model says of a pair as it is and under attack. ``reduced`` is what is left of the hypothesis."""

    plain: PairClasses
    swapped: PairClasses
    negated: PairClasses
    alone: PairClasses  # without the premise
    reduced: tuple[str, ...]
    words: int  # of the hypothesis at the start
    expected: str

    @property
    def label(self) -> str:
        return said(self.plain)

    @property
    def is_right(self) -> bool:
        return self.label == self.expected


def said(classes: PairClasses) -> str:
    """The class a model gives, by its meaning."""
    return str(meaning(classes.labels[classes.top]))


def classifier_of(bench: Bench) -> Classifier:
    """The lesson's model; ``ModelProblem`` where there is none with the three classes."""
    model = bench.classifier
    if model is None or {meaning(label) for label in model.labels} != set(THREE):
        raise ModelProblem("This lesson needs a model with the classes entailment, neutral and contradiction.")
    return model


def shares_all_words(item: Item) -> bool:
    """Whether every word of the hypothesis stands in the premise."""
    premise, hypothesis = (set(_WORD.findall(text.lower())) for text in (item.queries[0], item.documents[0]))
    return hypothesis <= premise


def attack(item: Item, bench: Bench, progress: Progress) -> Generator[None, None, Attacked]:
    """One pair and its four attacks."""
    model, premise, hypothesis = classifier_of(bench), item.queries[0], item.documents[0]
    pairs = ((premise, hypothesis), (hypothesis, premise), (premise, str(item.more["negated"])), ("", hypothesis))
    plain, swapped, negated, alone = yield from model.classify(pairs, bench.stores, progress)
    reduced = yield from reduce_words(model, premise, _WORD.findall(hypothesis), plain.top, bench, progress)
    words = len(_WORD.findall(hypothesis))
    return Attacked(plain, swapped, negated, alone, reduced, words, str(item.more["expected"]))


def reduce_words(
    model: Classifier, premise: str, words: Sequence[str], top: int, bench: Bench, progress: Progress
) -> Generator[None, None, tuple[str, ...]]:
    """The words that are left when no more can go without changing the label."""
    left = tuple(words)
    while len(left) > 1:
        shorter = [(*left[:place], *left[place + 1 :]) for place in range(len(left))]
        pairs = [(premise, " ".join(one)) for one in shorter]
        progress.total += len(pairs)
        found = yield from model.classify(pairs, bench.stores, progress)
        standing = [place for place, classes in enumerate(found) if classes.top == top]
        if not standing:
            break
        left = shorter[max(standing, key=lambda place: found[place].probabilities[top])]
    return left


def run(lesson: Lesson, item: Item, setting: float, bench: Bench, progress: Progress) -> Generator[None, None, Outcome]:
    """One pair."""
    progress.total += 6  # four pairs, the cosine both ways
    found = yield from attack(item, bench, progress)
    model = classifier_of(bench)
    premise, hypothesis = item.queries[0], item.documents[0]
    columns = yield from bench.score(premise, (hypothesis,), progress, (Kind.BI_ENCODER,))
    back = yield from bench.score(hypothesis, (premise,), progress, (Kind.BI_ENCODER,))
    cosines = columns[Kind.BI_ENCODER].values[0], back[Kind.BI_ENCODER].values[0]
    rows = [
        (name, said(classes), *(f"{share:.2f}" for share in classes.probabilities), cosine)
        for name, classes, cosine in (
            ("as it is", found.plain, format_score(cosines[0])),
            ("swapped", found.swapped, format_score(cosines[1])),
            ("hypothesis negated", found.negated, ""),
            ("premise removed", found.alone, ""),
        )
    ]
    table = Table(
        "What the model says, with its share for each class.", ("", "label", *model.labels, "cosine"), tuple(rows)
    )
    left = Table(
        "Words deleted from the hypothesis while the label stands.",
        ("", "words"),
        (("at the start", hypothesis), ("left", " ".join(found.reduced))),
    )
    info = model.info
    made_by = f"Computed now: {info.kind} {info.name} (softmax of its logits, {info.device}, {info.dtype})"
    texts = (hypothesis, str(item.more["negated"]))
    openings = tuple(Opening(place, premise, texts) for place in ("entailment", "compare", "tokens"))
    return Outcome(
        found.label,
        finding(found),
        published(found, shares_all_words(item)),
        f"{made_by}. Shares are not calibrated.",
        (table, left),
        openings,
    )


def finding(found: Attacked) -> str:
    """Right or wrong, and what the attacks did."""
    verdict = "which is right" if found.is_right else f"and it should be {found.expected}"
    share = found.plain.probabilities[found.plain.top]
    kept = "stays" if said(found.alone) == found.label else f"becomes {said(found.alone)}"
    negated = "stays" if said(found.negated) == found.label else f"becomes {said(found.negated)}"
    return (
        f"The model says {found.label} (share {share:.2f}), {verdict}. Without the premise the label {kept}, with the "
        f"hypothesis negated it {negated}; {len(found.reduced)} of {found.words} words hold it up."
    )


def published(found: Attacked, shared: bool) -> str:
    """One pair beside the three papers."""
    parts = []
    if shared and found.expected != Meaning.ENTAILMENT:
        fell = found.label == Meaning.ENTAILMENT
        parts.append(
            "As in HANS, shared words are taken for entailment."
            if fell
            else "Unlike in HANS, the shared words do not fool it."
        )
    parts.append(
        "The label stands without the premise, as it does for many published pairs."
        if said(found.alone) == found.label
        else "The premise is needed for this label."
    )
    if len(found.reduced) <= 2 < found.words:
        parts.append("As Feng et al. found, one or two words keep the label.")
    return " ".join(parts)


def tally(lesson: Lesson, bench: Bench, progress: Progress) -> Generator[None, None, Tally]:
    """All pairs: right labels; kept without the premise; unchanged by negation; fooled by shared words; words left."""
    every: list[tuple[Attacked, bool]] = []
    for item in lesson.items:
        found = yield from attack(item, bench, Progress())
        every.append((found, shares_all_words(item)))
        progress.done, progress.total, progress.unit = len(every), len(lesson.items), "pairs of texts"
    total = len(every)
    kept = sum(said(one.alone) == one.label for one, _ in every)
    traps = [one for one, shared in every if shared and one.expected != Meaning.ENTAILMENT]
    fell = sum(one.label == Meaning.ENTAILMENT for one in traps)
    rows = (
        ("label stays without the premise", share(kept, total)),
        ("label stays when the hypothesis is negated", share(sum(said(o.negated) == o.label for o, _ in every), total)),
        ("shared words taken for entailment", share(fell, len(traps))),
        (
            "words left of the hypothesis (mean)",
            f"{sum(len(o.reduced) for o, _ in every) / total:.1f} of {sum(o.words for o, _ in every) / total:.1f}",
        ),
    )
    count = Count(Kind.CROSS_ENCODER, sum(one.is_right for one, _ in every), total)
    table = Table(
        "The attacks, over all pairs. A cosine has no classes and no direction: it takes no part.", ("", ""), rows
    )
    words = published_for_all(count, kept, fell, len(traps))
    return Tally("The right one of three labels", (count,), CHANCE, words, (table,))


def share(part: int, total: int) -> str:
    """ "7 of 21 (17 to 55 %)"."""
    low, high = wilson(part, total)
    return f"{part} of {total} ({100 * low:.0f} to {100 * high:.0f} %)"


def published_for_all(count: Count, kept: int, fell: int, traps: int) -> str:
    """All pairs beside HANS and hypothesis-only results."""
    fooled = "as in HANS" if fell > traps / 2 else "other than in HANS"
    return (
        f"Shared words are taken for entailment in {fell} of {traps} cards, {fooled}. The label stands without the "
        f"premise in {kept} of {count.total}; {beside_the_coin((count,), CHANCE)}."
    )
