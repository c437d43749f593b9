"""What a class means, read from its label, and whether an expected label was met. Labels are the model's own."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Meaning(StrEnum):
    """The classes of natural language inference; a model with two of them often has only "entailment" and "not"."""

    ENTAILMENT = "entailment"
    NEUTRAL = "neutral"
    CONTRADICTION = "contradiction"
    NOT_ENTAILMENT = "not entailment"
    OTHER = "other"


THREE = (Meaning.ENTAILMENT, Meaning.NEUTRAL, Meaning.CONTRADICTION)
DEFINITIONS = {
    Meaning.ENTAILMENT: "Whoever takes the first text for true must take the second for true.",
    Meaning.NEUTRAL: "The first text leaves open whether the second is true.",
    Meaning.CONTRADICTION: "Both cannot be true together.",
    Meaning.NOT_ENTAILMENT: "The second text does not follow from the first: it is open, or false.",
}


def meaning(label: str) -> Meaning:
    """The meaning of a model's label; ``OTHER`` where it is none of the known words."""
    plain = " ".join(label.lower().replace("_", " ").replace("-", " ").split())
    if plain.startswith(("not entail", "non entail", "no entail")):
        return Meaning.NOT_ENTAILMENT
    return next((one for one in THREE if plain == one or plain == _SHORT[one]), Meaning.OTHER)


def fitting(labels: Sequence[str], expected: str) -> int | None:
    """The place of the class that an expected label (one of the three) asks of a model; None where it has no such one.

    A model with "not entailment" is right with it where neutral or contradiction is expected.
    """
    meanings = [meaning(label) for label in labels]
    if expected in meanings:
        return meanings.index(Meaning(expected))
    if expected != Meaning.ENTAILMENT and Meaning.NOT_ENTAILMENT in meanings:
        return meanings.index(Meaning.NOT_ENTAILMENT)
    return None


_SHORT = {Meaning.ENTAILMENT: "entail", Meaning.NEUTRAL: "neutrality", Meaning.CONTRADICTION: "contradict"}
