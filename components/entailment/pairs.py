"""The built-in pairs: texts of ours by phenomenon, with the label their writer expects; and claims with a text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from components.settings import ASSETS

FOLDER = ASSETS / "entailment"
FIRST = "negation-1"  # shown on the first visit


@dataclass(frozen=True)
class BuiltInPair:
    """A premise, a hypothesis, and what is expected: entailment, neutral or contradiction."""

    phenomenon: str
    example: str  # id of the example it stands in
    premise: str
    hypothesis: str
    expected: str


@dataclass(frozen=True)
class EntailmentExample:
    """What can be put into the boxes: a premise and hypotheses with their expected labels, or a claim and a text."""

    id: str
    phenomenon: str
    title: str
    look_at: str
    above: str  # the premise, or the claim
    below: tuple[str, ...]  # the hypotheses, or the text alone
    expected: tuple[str, ...] = ()  # parallel to the hypotheses; empty for a claim
    is_claim: bool = False


@cache
def entailment_examples() -> dict[str, EntailmentExample]:
    """All examples by id: pairs by phenomenon in the order of their files, then claims."""
    found: dict[str, EntailmentExample] = {}
    for path in sorted(FOLDER.glob("*.json")):
        row = json.loads(path.read_text(encoding="utf-8"))
        if "claim" in row:
            found[row["id"]] = EntailmentExample(
                row["id"], "A claim and a text", row["title"], row["look_at"], row["claim"], (row["text"],), (), True
            )
            continue
        for number, group in enumerate(row["groups"], 1):
            texts = tuple(one["text"] for one in group["hypotheses"])
            labels = tuple(one["expected"] for one in group["hypotheses"])
            id_ = f"{row['id']}-{number}"
            found[id_] = EntailmentExample(
                id_, row["title"], group["premise"], row["look_at"], group["premise"], texts, labels
            )
    return found


@cache
def built_in_pairs() -> tuple[BuiltInPair, ...]:
    """Every labelled pair, by phenomenon."""
    return tuple(
        BuiltInPair(one.phenomenon, one.id, one.above, text, label)
        for one in entailment_examples().values()
        if not one.is_claim
        for text, label in zip(one.below, one.expected, strict=True)
    )
