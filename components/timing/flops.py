"""How many floating-point operations a forward pass takes, counted from the shape of the encoder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

FORMULA = "layers × (8·s·h² + 4·s²·h + 4·s·h·f) + 2·h²"
SOURCE = (
    "A multiplication and an addition count as two (Hoffmann et al. 2022, appendix F, without the softmax): s tokens "
    "with padding, h the width, f the width of the feed-forward layer; 2·h² is the pooling layer."
)


@dataclass(frozen=True)
class Shape:
    """The sizes of a BERT-like encoder."""

    layers: int
    width: int
    feed_forward: int

    def flops(self, tokens: int) -> int:
        """Operations of one sequence of ``tokens``: projections, attention, feed-forward in every layer; the pooler.

        Lookups, normalisation, softmax and activation functions are left out: together below one per cent.
        """
        s, h, f = tokens, self.width, self.feed_forward
        return self.layers * (8 * s * h * h + 4 * s * s * h + 4 * s * h * f) + 2 * h * h

    def flops_of(self, batches: Iterable[tuple[int, int]]) -> int:
        """Operations of batches, each given as (rows, tokens of the longest row): padding is computed, too."""
        return sum(rows * self.flops(longest) for rows, longest in batches)
