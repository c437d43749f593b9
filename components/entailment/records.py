"""The records of this room: pairs of texts with their classes, both ways, and the cosine that has no direction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from components.records import PairClasses, ScorerInfo


class Mode(StrEnum):
    """What is asked: one premise and hypotheses, or one claim against the sentences of a text (each a premise)."""

    HYPOTHESES = "hypotheses"
    CLAIM = "claim"


@dataclass(frozen=True)
class Question:
    """Pairs of (premise, hypothesis) to be classified, in the order of the input."""

    mode: Mode
    pairs: tuple[tuple[str, str], ...]
    expected: tuple[str, ...] = ()  # parallel to the pairs where they are a built-in example


@dataclass(frozen=True)
class Similarity:
    """The bi-encoder's score of a pair, computed both ways; ``lost`` counts tokens of both texts it never read."""

    value: float
    swapped: float
    lost: int = 0


@dataclass(frozen=True)
class JudgedPair:
    """One pair as both models judge it; ``swapped`` is the classes of (hypothesis, premise), None if not asked for."""

    number: int
    premise: str
    hypothesis: str
    classes: PairClasses
    swapped: PairClasses | None = None
    similarity: Similarity | None = None
    expected: str = ""


@dataclass(frozen=True)
class Judged:
    """A question answered, with the models that did it. ``bi_encoder`` is None where there is none on this machine."""

    question: Question
    rows: tuple[JudgedPair, ...]
    model: ScorerInfo
    labels: tuple[str, ...]
    bi_encoder: ScorerInfo | None
    scored: int = 0
    kept: int = 0
    seconds: float | None = None  # None where the classifier had nothing to compute: what is known is not timed
    notes: tuple[str, ...] = ()

    @property
    def is_both_ways(self) -> bool:
        return all(row.swapped is not None for row in self.rows)
