"""From scores to ranks: ties share a rank, and the order within a tie is the order of the input."""

from __future__ import annotations

import math
from collections.abc import Sequence


def competition_ranks(scores: Sequence[float]) -> tuple[int, ...]:
    """Rank from 1 for the highest score; equal scores share the smaller rank and the next one is skipped (1, 2, 2, 4).

    NaN has no place in an order and is refused with ``ValueError``.
    """
    if any(math.isnan(score) for score in scores):
        raise ValueError("a score is not a number, so there is no order")
    ordered = sorted(scores, reverse=True)
    first_place = {score: place for place, score in reversed(list(enumerate(ordered, 1)))}
    return tuple(first_place[score] for score in scores)


def order(scores: Sequence[float]) -> tuple[int, ...]:
    """Indices from the highest score to the lowest; ties in input order."""
    return tuple(sorted(range(len(scores)), key=lambda index: -scores[index]))


def moves(before: Sequence[int], after: Sequence[int]) -> tuple[int, ...]:
    """How many places each document rose (positive) or fell from one column's ranks to another's."""
    return tuple(old - new for old, new in zip(before, after, strict=True))
