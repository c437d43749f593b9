"""Where a batch's tokens are: one behind another for what looks at one token alone, in a grid for attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

STEP = 16  # the grid's width is a multiple of it: attention's kernel is slow on what is left over


@dataclass(frozen=True)
class Layout:
    """The places of a batch's tokens, one behind another (tokens,) and in a grid (rows, longest).

    ``put`` int64 (rows * longest,) says which token stands in each place of the grid, token 0 where none does; ``back``
    int64 (tokens,) where each token stands there; ``place`` int64 (tokens,) its number in its row; ``starts`` int64
    (rows,) each row's first token; ``inside`` bool (rows, longest) where there is a token.
    """

    rows: int
    longest: int
    put: Tensor
    back: Tensor
    place: Tensor
    starts: Tensor
    inside: np.ndarray

    @classmethod
    def of(cls, lengths: Sequence[int]) -> Layout:
        """The layout of rows of these lengths."""
        import numpy as np
        import torch

        sizes = np.asarray(lengths)
        longest = -(-int(sizes.max()) // STEP) * STEP
        starts = np.cumsum(sizes) - sizes
        column = np.arange(longest)
        inside = column < sizes[:, None]
        put = np.where(inside, starts[:, None] + column, 0).reshape(-1)
        row, place = np.nonzero(inside)
        as_tensor = torch.from_numpy
        back = as_tensor(row * longest + place)
        return cls(len(sizes), longest, as_tensor(put), back, as_tensor(place), as_tensor(starts), inside)

    def mask(self, dtype: Any) -> Tensor | None:
        """What attention adds to its scores, (rows, 1, 1, longest); None where every place holds a token."""
        import torch

        if self.inside.all():
            return None
        outside = torch.from_numpy(~self.inside)[:, None, None, :]
        return torch.zeros(outside.shape, dtype=dtype).masked_fill_(outside, torch.finfo(dtype).min)

    def grid(self, states: Tensor) -> Tensor:
        """States (tokens, width) as (rows, longest, width); places without a token hold another's state."""
        return states.index_select(0, self.put).view(self.rows, self.longest, -1)
