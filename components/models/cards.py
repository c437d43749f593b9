"""What a shipped model's card says about it: its held-out figures, read from ``evaluation.json`` beside the weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DL19, DL21 = "TREC DL 2019", "TREC DL 2021"


@dataclass(frozen=True)
class Figure:
    """One held-out set: mean of the bi-encoder (cosine) and of the cross-encoder, and the 95 % interval of the paired
    difference cross-encoder minus bi-encoder (bootstrap over queries)."""

    name: str
    measure: str
    cosine: float
    cross_encoder: float
    low: float
    high: float

    @property
    def is_advantage(self) -> bool:
        """Whether the cross-encoder is better with an interval above zero."""
        return self.low > 0

    def sentence(self) -> str:
        """What the figure says, in words that claim no more than it does."""
        otherwise = "worse than" if self.high < 0 else "not measurably better than"
        verdict = "better than" if self.is_advantage else otherwise
        low, high = (f"{value:+.3f}".replace("-", "−") for value in (self.low, self.high))
        return (
            f"On {self.name} this cross-encoder ranks {verdict} this bi-encoder: {self.measure} "
            f"{self.cross_encoder:.3f} against {self.cosine:.3f}, difference {low} to {high}."
        )


@cache
def figure(folder: Path, name: str = DL19) -> Figure | None:
    """A model's figure on one set; None where the card has none that can be read."""
    try:
        lines = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))["lines"]
        line = next(line for line in lines if line["name"] == name)
        low, high = line["minus_cosine"]
        return Figure(name, line["measure"], line["cosine"], line["cross_encoder"], low, high)
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None


@dataclass(frozen=True)
class CardLine:
    """One line of a card's table of held-out sets: all in the set's own ``measure``; None where not measured."""

    name: str
    measure: str
    queries: int
    bm25: float | None
    cosine: float | None
    cross_encoder: float
    note: str


@cache
def lines(folder: Path) -> tuple[CardLine, ...]:
    """A relevance model's held-out figures; empty where its folder has none that can be read."""
    try:
        rows = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))["lines"]
        return tuple(
            CardLine(
                row["name"],
                row["measure"],
                int(row["queries"]),
                row.get("bm25"),
                row.get("cosine"),
                row["cross_encoder"],
                row.get("note", ""),
            )
            for row in rows
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ()
