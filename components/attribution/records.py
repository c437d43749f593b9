"""The records of this room: what a score depended on, with the method, its baseline and its unit in every record."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from components.attention.pair import PairAttention, Part
from components.attention.words import Word
from components.records import ScorerInfo

if TYPE_CHECKING:
    from components.scoring.cross_encoder import CrossEncoderScorer
    from components.scoring.scheduler import Progress

STEPS = (16, 32, 64, 128, 256)
DEFAULT_STEPS = 32


class Operator(StrEnum):
    """What occlusion does with a word."""

    REMOVE = "remove"
    MASK = "mask"


class Baseline(StrEnum):
    """Which token's embedding stands for "no word" in gradients; special tokens keep their own."""

    PAD = "pad"
    MASK = "mask"


@dataclass(frozen=True)
class Knobs:
    """What can be turned on a method. A method names those it heeds; the others have no effect on it."""

    operator: Operator = Operator.REMOVE
    baseline: Baseline = Baseline.MASK  # the path from it is smoother than the one from [PAD]: fewer steps do
    steps: int = DEFAULT_STEPS


@dataclass(frozen=True)
class Attribution:
    """One number a word: what it did to the score, in the score's unit. Positive: it raised the score.

    ``method`` is the name of a ``Method``. ``words`` are the words of query and document that the model read,
    ``values`` are theirs. ``special`` is what fell to special tokens. ``operator`` names what occlusion did,
    ``baseline`` what gradients were integrated from.
    """

    method: str
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


Find = Callable[["CrossEncoderScorer", PairAttention, Knobs, "Progress"], Generator[None, None, Attribution]]


@dataclass(frozen=True)
class Method:
    """A way of finding what a score depended on; ``components/attribution/methods.py`` lists them all.

    ``find`` runs on the worker and yields between pieces of work. ``how`` says in words what made the numbers.
    ``knobs`` are the names of those of ``Knobs`` that it heeds. ``rescores``: a word's value is the pair's score minus
    the pair's score without the word, so both may be named.
    """

    name: str
    find: Find
    how: Callable[[Attribution], str]
    knobs: tuple[str, ...] = ()
    rescores: bool = False


@dataclass(frozen=True)
class HeadEffect:
    """What one head did to the score: ``change`` is the score without it minus the score with it."""

    layer: int
    head: int
    change: float


def words_of(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words of the two texts, without special tokens."""
    return tuple(word for word in words if word.part is not Part.SPECIAL)
