"""The records of this room: one query-document pair as a cross-encoder read it, with its attention."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from components.records import ScorerInfo

if TYPE_CHECKING:
    import numpy as np


class Part(StrEnum):
    """Which text a piece comes from; special tokens come from none."""

    QUERY = "query"
    DOCUMENT = "document"
    SPECIAL = "special"


@dataclass(frozen=True)
class Piece:
    """One token of the sequence. ``start`` and ``end`` are characters of its own text (0, 0 for special tokens)."""

    text: str
    part: Part
    start: int = 0
    end: int = 0


@dataclass(frozen=True, eq=False)
class PairAttention:
    """What every head of a cross-encoder did with one pair.

    ``weights``: float32 (layer, head, dest, src), how much each piece (dest) takes from each other (src);
    rows sum to 1.
    ``norms``: float32 (layer, head, src), the length of what a piece hands on, see ``norms.py``; None where the model's
    build does not tell, and then ``note`` says so. ``logit`` is the score of this very pass.
    """

    scorer: ScorerInfo
    query: str
    document: str
    pieces: tuple[Piece, ...]
    weights: np.ndarray
    norms: np.ndarray | None
    logit: float
    query_lost: int = 0  # tokens of each text that lay beyond the model's window
    document_lost: int = 0
    note: str = ""

    @property
    def n_layers(self) -> int:
        return int(self.weights.shape[0])

    @property
    def n_heads(self) -> int:
        return int(self.weights.shape[1])

    def places(self, part: Part) -> list[int]:
        """Where in the sequence the pieces of a part stand."""
        return [place for place, piece in enumerate(self.pieces) if piece.part is part]
