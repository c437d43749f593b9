"""The records of this room: what a score depended on, with the method, its baseline and its unit in every record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from components.attention.pair import Part
from components.attention.words import Word
from components.records import ScorerInfo


class Method(StrEnum):
    """How a word's part in the score was found."""

    OCCLUSION = "occlusion"
    INTEGRATED_GRADIENTS = "integrated gradients"
    GRADIENT_X_INPUT = "gradient x input"


class Operator(StrEnum):
    """What occlusion does with a word."""

    REMOVE = "remove"
    MASK = "mask"


@dataclass(frozen=True)
class Attribution:
    """One number a word: what it did to the score, in the score's unit. Positive: it raised the score.

    ``words`` are the words of query and document that the model read, ``values`` are theirs. ``special`` is what fell
    to special tokens. ``operator`` names what occlusion did, ``baseline`` what gradients were integrated from.
    """

    method: Method
    scorer: ScorerInfo
    words: tuple[Word, ...]
    values: tuple[float, ...]
    score: float
    special: float = 0.0
    operator: Operator | None = None
    baseline: str = ""
    baseline_score: float | None = None
    steps: int | None = None

    @property
    def gap(self) -> float | None:
        """Integrated gradients' completeness gap, as a part of the difference that is to be explained.

        |sum of attributions - (score - score at the baseline)| / |score - score at the baseline|; None elsewhere.
        """
        if self.baseline_score is None:
            return None
        difference = self.score - self.baseline_score
        missed = abs(sum(self.values) + self.special - difference)
        return missed / abs(difference) if difference else float("inf") if missed else 0.0


@dataclass(frozen=True)
class HeadEffect:
    """What one head did to the score: ``change`` is the score without it minus the score with it."""

    layer: int
    head: int
    change: float


def words_of(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words of the two texts, without special tokens."""
    return tuple(word for word in words if word.part is not Part.SPECIAL)
