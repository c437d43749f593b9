"""What the view "mattered" is sent for deletion and insertion curves: points, areas and sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.attribution.curves import BEST_WORDS, SEED, Curve, Curves, CurveSet, emptiness, headline, sentences
from components.attribution.gradients import GAP_WARNING
from components.attribution.strike import RULE

if TYPE_CHECKING:
    from components.ui.mattered_flow import Found

ONLY_HERE = (
    "Valid for this model and this pair only: nearly all these texts are none the model was trained on, and another "
    "order may win elsewhere."
)


def curves_data(found: Found) -> dict[str, Any]:
    """Two panels of lines, the table of areas, and the sentences."""
    made = found.curves
    assert made is not None
    down, up = sentences(made)
    gaps = [one.gap for one in found.attributions.values() if one.gap is not None and one.gap > GAP_WARNING]
    return {
        "finding": headline(made),
        "agreement": down,
        "methods": up,
        "warning": emptiness(made)
        or (
            f"Integrated gradients miss {max(gaps):.0%} of what they should add up to: their order is rough here."
            if gaps
            else ""
        ),
        "curves": [_panel(made, one) for one in (made.deletion, made.insertion)],
        "areas": _areas(made),
        "caption": _caption(made),
    }


def _panel(made: CurveSet, curves: Curves) -> dict[str, Any]:
    is_deletion = str(curves.direction) == "deletion"
    chance = list(zip(*(one.logits for one in curves.random), strict=True))  # per count
    lines = {**curves.named, "best": curves.best}
    return {
        "direction": str(curves.direction),
        "title": "Deletion: words leave the document" if is_deletion else "Insertion: words come back into it",
        "axis": f"words {'taken out' if is_deletion else 'put in'}, of {len(made.words)}",
        "counts": list(curves.counts),
        "lines": [{"name": name, "logits": [round(value, 4) for value in one.logits]} for name, one in lines.items()],
        "low": [round(min(values), 4) for values in chance],
        "high": [round(max(values), 4) for values in chance],
        "mean": [round(sum(values) / len(values), 4) for values in chance],
    }


def _areas(made: CurveSet) -> list[dict[str, str]]:
    """One row an order: its area under both curves."""
    rows = [
        {
            "name": name,
            "deletion": _area(made.deletion, one),
            "insertion": _area(made.insertion, made.insertion.named[name]),
        }
        for name, one in made.deletion.named.items()
    ]
    best = {
        "name": "best",
        "deletion": _area(made.deletion, made.deletion.best),
        "insertion": _area(made.insertion, made.insertion.best),
    }
    return [*rows, best, {"name": "random", "deletion": _span(made.deletion), "insertion": _span(made.insertion)}]


def _area(curves: Curves, one: Curve) -> str:
    return f"{one.area(curves.counts):.2f}".replace("-", "−")


def _span(curves: Curves) -> str:
    values = [one.area(curves.counts) for one in curves.random]
    mean = sum(values) / len(values)
    return f"{mean:.2f} ({min(values):.2f} to {max(values):.2f})".replace("-", "−")


def _caption(made: CurveSet) -> str:
    scorer = made.scorer
    return (
        f"{scorer.kind} {scorer.name}, logit, {scorer.dtype} on {scorer.device}. The query stays whole; the document's "
        f"{len(made.words)} words leave it (or come back, each to its place) in an order, {len(made.deletion.counts)} "
        f"points a curve, each a score of its own: {made.whole:.2f} for the whole document, {made.empty:.2f} for an "
        "empty one. Orders: what raised the score most by the method comes first; attention by what [CLS] takes, "
        f"norm-weighted, mean of all heads. Best is {BEST_WORDS[made.best]}. Random: {len(made.deletion.random)} "
        f"orders (seed {SEED}). Area: the mean logit of the curve; lower is better for deletion, higher for insertion. "
        f"{RULE} {ONLY_HERE}"
    ).replace(" -", " −")
