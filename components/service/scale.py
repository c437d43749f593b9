"""What a service's numbers are, found out with known texts that the own model reads, too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

KNOWN_QUERY = "how tall does an oak grow"
KNOWN_TEXTS = ("An oak can grow 40 metres tall.", "Oak is a hard wood.", "The bakery opens at seven.")
SAME = 1e-4  # as near as the same model comes on another machine
ANOTHER_MODEL = 0.25  # logits: number types differ by less, models by more
LEAST_COSINE = 0.99  # of a known text's vector there with the one here, likewise


@dataclass(frozen=True)
class Scale:
    """What a service's numbers are: sigmoid values or not, and how far they are from the own model's on known texts."""

    is_sigmoid: bool
    deviation: float


def scale_of(there: Sequence[float], here: Sequence[float]) -> Scale | None:
    """Whether the scores ``there`` are the logits ``here`` or their sigmoid values; None where they are neither."""
    plain = max(abs(one - other) for one, other in zip(there, here, strict=True))
    undone = math.inf
    if all(0 <= one <= 1 for one in there):
        undone = max(abs(logit_of(one) - other) for one, other in zip(there, here, strict=True))
    best = min(plain, undone)
    return Scale(undone < plain, best) if best <= ANOTHER_MODEL else None


def logit_of(probability: float) -> float:
    """The logit of a sigmoid value. Services compute it in 32 bits: above 8 it is less exact, 17 is the highest."""
    inside = min(max(probability, 1e-38), 1 - 2**-25)
    return math.log(inside) - math.log1p(-inside)


def scale_of_vectors(there: np.ndarray, here: np.ndarray) -> Scale | None:
    """How far vectors (texts, dimension) are from the own ones; None where they are another model's."""
    if there.shape != here.shape:
        return None
    lengths = [math.hypot(*one) * math.hypot(*other) for one, other in zip(there, here, strict=True)]
    cosines = [float(one @ other) / (length or 1.0) for one, other, length in zip(there, here, lengths, strict=True)]
    return Scale(False, float(abs(there - here).max())) if min(cosines) >= LEAST_COSINE else None
