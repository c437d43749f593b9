"""How far two columns agree on the order of the same documents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from components.ranking.ranks import order


def kendall_tau_b(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Kendall's tau-b between two lists of scores, -1 to 1, ties corrected (Kendall 1945, eq. 2.3).

    None where it is not defined: fewer than two documents, or a column in which everything ties.
    """
    concordant_minus_discordant = 0
    untied_first = untied_second = 0
    for (a1, b1), (a2, b2) in combinations(zip(first, second, strict=True), 2):
        sign_a, sign_b = (a1 > a2) - (a1 < a2), (b1 > b2) - (b1 < b2)
        concordant_minus_discordant += sign_a * sign_b
        untied_first += sign_a != 0
        untied_second += sign_b != 0
    if not untied_first or not untied_second:
        return None
    return concordant_minus_discordant / math.sqrt(untied_first * untied_second)


def top_overlap(first: Sequence[float], second: Sequence[float], k: int) -> int:
    """How many documents stand among the first ``k`` of both columns (ties cut in input order)."""
    return len(set(order(first)[:k]) & set(order(second)[:k]))
