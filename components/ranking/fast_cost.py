"""What the fast mode costs on the documents at hand: its scores beside exact ones of the same run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.ranking.agreement import kendall_tau_b
from components.ranking.findings import column_names
from components.records import Column

COUNTING = "Fast mode: the exact scores are being computed to say what it costs on these documents."
NOT_COUNTED = "Fast mode: what it costs on these documents was not computed; choose Exact for exact scores."


@dataclass(frozen=True)
class FastCost:
    """One column: tau-b between fast and exact scores (None where undefined), and the largest difference."""

    name: str
    unit: str
    dtype: str
    exact_dtype: str
    tau_b: float | None
    largest: float


def fast_costs(fast: Sequence[Column], exact: Sequence[Column]) -> tuple[FastCost, ...]:
    """The cost of every column that was computed in another number type than its exact twin."""
    return tuple(
        FastCost(
            name,
            mine.scorer.unit,
            mine.scorer.dtype,
            true.scorer.dtype,
            kendall_tau_b(mine.values, true.values),
            max((abs(a - b) for a, b in zip(mine.values, true.values, strict=True)), default=0.0),
        )
        for name, mine, true in zip(column_names(fast), fast, exact, strict=True)
        if mine.scorer.dtype != true.scorer.dtype
    )


def fast_sentence(fast: Sequence[Column], exact: Sequence[Column]) -> str:
    """What it costs, in words: the order first, then the scores."""
    costs = fast_costs(fast, exact)
    if not costs:
        return "Fast mode: none of these columns has a faster form on this machine, so the scores are exact."
    documents = len(fast[0].scores)
    these = "this document" if documents == 1 else f"these {documents} documents"
    parts = "; ".join(f"{cost.name}: {_order(cost, documents)}, {_largest(cost)}" for cost in costs)
    return f"Fast mode ({costs[0].dtype}) against {costs[0].exact_dtype} on {these}. {parts[0].upper()}{parts[1:]}."


def _order(cost: FastCost, documents: int) -> str:
    if cost.tau_b is None:
        return "tau-b not defined for one document" if documents == 1 else "tau-b not defined (all level)"
    return f"tau-b {_down(cost.tau_b)}".replace("-0.", "−0.").replace("-1.", "−1.")


def _down(tau: float) -> str:
    """Three decimals, never rounded up to an agreement that is not there."""
    text = f"{tau:.3f}"
    return "0.999" if text == "1.000" and tau < 1 - 1e-12 else text


def _largest(cost: FastCost) -> str:
    return f"largest {cost.unit} difference {cost.largest:.2g}"
