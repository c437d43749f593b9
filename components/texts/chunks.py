"""A long document cut into overlapping chunks that a model's window can hold.

Pure arithmetic on token positions: which tokens there are is the scorer's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

CHUNK_TOKENS = 128  # about a paragraph; with a query it fits into every window in use
SHARED_TOKENS = 32  # what two neighbours share, so that a sentence cut by one is whole in the other


class Pooling(StrEnum):
    """How a document's score comes from its chunks' scores (MaxP, FirstP, MeanP after Dai & Callan 2019)."""

    WHOLE = "whole"  # no chunks: the model reads what fits into its window
    MAX = "max"
    FIRST = "first"
    MEAN = "mean"


Span = tuple[int, int]  # characters, from the first to behind the last


def cut_chunks(tokens: Sequence[Span], size: int = CHUNK_TOKENS, shared: int = SHARED_TOKENS) -> list[Span]:
    """Spans of at most ``size`` tokens, each sharing at least ``shared`` tokens with the one before it.

    ``tokens`` are the spans of a document's tokens in order. No word is cut in two where a word is shorter than a
    chunk. Every token is in some chunk, and a document without tokens has none. Raises ``ValueError`` for a ``shared``
    that is not below ``size``.
    """
    if not 0 <= shared < size:
        raise ValueError(f"chunks of {size} tokens cannot share {shared}")
    chunks: list[Span] = []
    start = reached = 0
    while start < len(tokens):
        end = min(start + size, len(tokens))
        if end < len(tokens):
            end = _word_start(tokens, max(start + shared, reached) + 1, end)  # each chunk brings something new
        chunks.append((tokens[start][0], tokens[end - 1][1]))
        if end == len(tokens):
            break
        reached = end
        start = _word_start(tokens, start + 1, end - shared)
    return chunks


def _word_start(tokens: Sequence[Span], lowest: int, wanted: int) -> int:
    """The last place from ``lowest`` to ``wanted`` where a token does not touch the one before it, else ``wanted``."""
    for place in range(wanted, lowest - 1, -1):
        if tokens[place][0] > tokens[place - 1][1]:
            return place
    return wanted
