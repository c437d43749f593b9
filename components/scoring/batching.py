"""Batches by tokens: sort by length, cut by a budget of padded tokens, restore the order at the end.

Padding is work for nothing, so texts of like length go together; and a batch must not outlast a visitor's turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

PIECE_S = 0.2  # what a piece should take; the limit is 0.3 s, the rest is for a machine that slows down
SMALLEST_BUDGET = 256  # padded tokens: below it a pass costs more by itself than its tokens do
FIRST_BUDGET = 1_000  # until a measurement says better: safe on a slow machine
LARGEST_BUDGET = 4_000  # the ceiling until a measurement sets one


def cut_batches(lengths: Sequence[int], budget: Callable[[], int]) -> Iterator[list[int]]:
    """Indices in batches, longest texts first, each batch at most ``budget()`` padded tokens or one text.

    The budget is asked anew for each batch, so it may follow the machine's speed.
    """
    waiting = sorted(range(len(lengths)), key=lambda index: lengths[index], reverse=True)
    start = 0
    while start < len(waiting):
        rows = max(1, budget() // max(1, lengths[waiting[start]]))
        yield waiting[start : start + rows]
        start += rows


class TokenBudget:
    """How many padded tokens go through a model at once: as many as are fastest, and fit into one piece.

    The first is measured (``set_ceiling``, see ``tuning``), the second learnt from the pieces that ran.
    """

    def __init__(self, piece_s: float = PIECE_S, ceiling: int = LARGEST_BUDGET) -> None:
        self._piece_s = piece_s
        self._ceiling = ceiling
        self._tokens = min(FIRST_BUDGET, ceiling)

    def __call__(self) -> int:
        return self._tokens

    @property
    def ceiling(self) -> int:
        """The number of tokens beyond which a pass is not faster a token."""
        return self._ceiling

    def set_ceiling(self, tokens: int) -> None:
        """Use this many at most, and from now on."""
        self._ceiling = tokens
        self._tokens = self._ceiling

    def fresh(self) -> TokenBudget:
        """A budget with the same ceiling that has learnt nothing yet."""
        return TokenBudget(self._piece_s, self._ceiling)

    def learn(self, padded_tokens: int, seconds: float) -> None:
        """Take in how long a piece took: half the way to what would fit, at once when it was too slow.

        Small pieces that were quick enough say little about the machine and are passed over.
        """
        if seconds <= 0 or padded_tokens <= 0 or (padded_tokens < self._tokens // 2 and seconds < self._piece_s):
            return
        fitting = int(padded_tokens / seconds * self._piece_s)
        step = fitting if fitting < self._tokens else (self._tokens + fitting) // 2
        self._tokens = min(self._ceiling, max(SMALLEST_BUDGET, step))
