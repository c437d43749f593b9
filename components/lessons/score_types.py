"""Lesson "What is a score": one logit as a probability, sharpened, rounded to smaller number types, read as odds.

A sigmoid keeps the order, but numbers near 0 and 1 lie close together, and a small type cannot tell them apart: ties.
nDCG is trec_eval's (gain is the grade), over all documents of the text, in the worst order of the ties.
"""

from __future__ import annotations

import json
import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from components.lessons.bench import Bench
from components.lessons.records import Count, Item, Lesson, Opening, Outcome, Table, Tally
from components.ranking.findings import format_score
from components.records import Kind
from components.scoring.scheduler import Progress
from components.settings import models_folder

TYPES = ("float32", "float16", "bfloat16", "two decimals")
RELEVANT = 2  # grade from which a document counts as relevant when probabilities are read as odds


@dataclass(frozen=True)
class Rounded:
    """The probabilities in one type: how many documents share a value with another, and nDCG at its best and worst."""

    values: tuple[float, ...]
    tied: int
    best: float
    worst: float


def probability(logit: float, temperature: float) -> float:
    """Sigmoid of logit / temperature, in double precision; safe for large logits."""
    x = logit / temperature
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def in_type(values: Sequence[float], name: str) -> tuple[float, ...]:
    """Values as a number type holds them."""
    import torch

    if name == "two decimals":
        return tuple(round(value, 2) for value in values)
    return tuple(torch.tensor(values, dtype=torch.float64).to(getattr(torch, name)).double().tolist())


def ndcg(values: Sequence[float], grades: Sequence[int], pessimistic: bool) -> float:
    """nDCG over all documents (Järvelin & Kekäläinen 2002), ties in the worst or the best order."""
    sign = 1 if pessimistic else -1
    ranked = sorted(range(len(values)), key=lambda place: (-values[place], sign * grades[place]))
    gain = sum(grades[place] / math.log2(rank + 1) for rank, place in enumerate(ranked, 1))
    ideal = sum(grade / math.log2(rank + 1) for rank, grade in enumerate(sorted(grades, reverse=True), 1))
    return gain / ideal if ideal else 0.0


def rounded(logits: Sequence[float], grades: Sequence[int], temperature: float, name: str) -> Rounded:
    """The probabilities in a number type, how many tie, and nDCG with ties in the best and in the worst order."""
    values = in_type([probability(logit, temperature) for logit in logits], name)
    tied = sum(values.count(value) > 1 for value in values)
    return Rounded(values, tied, ndcg(values, grades, False), ndcg(values, grades, True))


def lost(logits: Sequence[float], grades: Sequence[int], one: Rounded) -> float:
    """What the worst order of the ties costs against the order of the logits."""
    return ndcg(logits, grades, True) - one.worst


def run(lesson: Lesson, item: Item, setting: float, bench: Bench, progress: Progress) -> Generator[None, None, Outcome]:
    """One text's logits as probabilities of each type."""
    progress.total = len(item.documents)
    columns = yield from bench.score(item.queries[0], item.documents, progress, (Kind.CROSS_ENCODER,))
    logits, grades = columns[Kind.CROSS_ENCODER].values, item.more["grades"]
    by_type = {name: rounded(logits, grades, setting, name) for name in TYPES}
    rows = []
    for place in sorted(range(len(logits)), key=lambda place: -logits[place]):
        shown = [f"{by_type[name].values[place]:.6g}" for name in TYPES]
        rows.append((item.documents[place], str(grades[place]), format_score(logits[place]), *shown))
    scores = Table(
        f"Sigmoid of logit / {setting:g}, by the logit's order.", ("document", "grade", "logit", *TYPES), tuple(rows)
    )
    made = tuple(
        (name, str(one.tied), f"{one.best:.3f}", f"{one.worst:.3f}", f"{lost(logits, grades, one):.3f}")
        for name, one in by_type.items()
    )
    heads = ("", "documents in ties", "nDCG, best order of ties", "worst order", "lost at worst")
    ties = Table(f"By the logit itself nDCG is {ndcg(logits, grades, True):.3f}.", heads, made)
    return Outcome(
        answer(logits, grades, by_type["bfloat16"]),
        finding(logits, grades, by_type, setting),
        published(logits, grades, by_type),
        f"{bench.caption((Kind.CROSS_ENCODER,))} Grades 0 to 3 are ours. {calibration_sentence()}",
        (ties, scores),
        tuple(Opening(place, item.queries[0], item.documents) for place in ("compare", "tokens")),
    )


def answer(logits: Sequence[float], grades: Sequence[int], one: Rounded) -> str:
    """What bfloat16 does to the order."""
    if not one.tied:
        return "none"
    return "costs" if lost(logits, grades, one) > 1e-9 else "free"


def finding(logits: Sequence[float], grades: Sequence[int], by_type: dict[str, Rounded], temperature: float) -> str:
    """Ties and loss in bfloat16, and how far the logits reach."""
    one = by_type["bfloat16"]
    spread = f"Logits from {format_score(min(logits))} to {format_score(max(logits))}, temperature {temperature:g}"
    if not one.tied:
        return f"{spread}: even in bfloat16 no two of the {len(logits)} probabilities are equal."
    cost = lost(logits, grades, one)
    tail = f"up to {cost:.3f} of nDCG is lost to them" if cost > 1e-9 else "but no nDCG is lost to them"
    return f"{spread}: in bfloat16 {one.tied} of {len(logits)} documents are in ties, and {tail}."


def published(logits: Sequence[float], grades: Sequence[int], by_type: dict[str, Rounded]) -> str:
    """Whether rounding costs quality here, as it did in the published case."""
    costly = [name for name, one in by_type.items() if lost(logits, grades, one) > 1e-9]
    if costly:
        return f"As in the published case, collapsed scores can cost quality: here as {' and '.join(costly)}."
    tied = [name for name, one in by_type.items() if one.tied]
    if tied:
        level = " and ".join(tied)
        return (
            f"Ties without a cost ({level}): equally good documents stand level. The published loss does not show here."
        )
    return "No ties at this temperature: the published loss does not show here. A smaller one sharpens the sigmoid."


def calibration_sentence() -> str:
    """What the model's card says about reading its logit as odds."""
    try:
        text = (models_folder() / "relevance" / "evaluation.json").read_text(encoding="utf-8")
        row = json.loads(text)["calibration"]
        error, where = float(row["calibration_error"]), row["set"]
        return f"By its card the model's probabilities are off by {error:.3f} on average, on {where}."
    except (OSError, ValueError, KeyError, TypeError):
        return "The model's card says nothing about calibration, so a probability of 0.99 has no known meaning."


def tally(lesson: Lesson, bench: Bench, progress: Progress) -> Generator[None, None, Tally]:
    """All texts: is 0.5 the border between relevant and not; and ties and losses by temperature and type."""
    progress.total = sum(len(item.documents) for item in lesson.items)
    every: list[tuple[tuple[float, ...], list[int]]] = []
    for item in lesson.items:
        columns = yield from bench.score(item.queries[0], item.documents, progress, (Kind.CROSS_ENCODER,))
        every.append((columns[Kind.CROSS_ENCODER].values, item.more["grades"]))
    pairs = [
        (probability(x, 1.0), grade >= RELEVANT) for xs, grades in every for x, grade in zip(xs, grades, strict=True)
    ]
    count = Count(Kind.CROSS_ENCODER, sum((p >= 0.5) == relevant for p, relevant in pairs), len(pairs))
    temperatures = lesson.setting.values if lesson.setting else (1.0,)
    rows = []
    for temperature in temperatures:
        cells = []
        for name in TYPES:
            made = [(xs, grades, rounded(xs, grades, temperature, name)) for xs, grades in every]
            worst = sum(lost(*one) for one in made) / len(made)
            cells.append(f"{sum(one[2].tied > 0 for one in made)} of {len(made)}, {worst:.3f}")
        rows.append((f"{temperature:g}", *cells))
    table = Table(
        "Texts with ties, and nDCG lost at worst (mean), by temperature and type.", ("temperature", *TYPES), tuple(rows)
    )
    return Tally("On the right side of a probability of 0.5", (count,), None, as_odds(pairs), (table,))


def as_odds(pairs: Sequence[tuple[float, bool]]) -> str:
    """Mean probability beside the share that is relevant: read as odds, are they right?"""
    mean = sum(p for p, _ in pairs) / len(pairs)
    share = sum(relevant for _, relevant in pairs) / len(pairs)
    gap = abs(mean - share)
    verdict = (
        "close, on these texts"
        if gap < 0.05
        else "so they are not odds on texts like these, whatever the card says of others"
    )
    promised = f"Read as odds, the probabilities promise {100 * mean:.0f} % relevant documents"
    return f"{promised}; {100 * share:.0f} % are: {verdict}."
