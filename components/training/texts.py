"""Texts as token ids: a compact store, and pairs joined on the device that trains.

Training on a fast device leaves no time to tokenise: every text is tokenised once, kept as 16-bit ids, and pairs are
put together by indexing where the model runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

Array = np.ndarray


@dataclass(frozen=True)
class Window:
    """How pairs are cut. longest: tokens of a joined pair; left: tokens kept of the left text, the right one fills the
    rest."""

    longest: int = 160
    left: int = 64


@dataclass(frozen=True)
class Marks:
    """Special tokens of a model family, and how far its ids are shifted against BERT's uncased vocabulary."""

    start: int
    end: int
    pad: int
    shift: int = 0
    middle: int = 1  # end marks between two texts


BERT = Marks(101, 102, 0)
MPNET = Marks(0, 2, 1, 4, 2)
"""all-mpnet-base-v2 uses BERT's uncased vocabulary behind four tokens of its own (``<s> <pad> </s> <unk>``)."""


@dataclass(frozen=True)
class Texts:
    """Texts without special tokens. ids: uint16 (tokens,); starts: int64 (texts + 1,), where each text begins."""

    ids: Array
    starts: Array

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Array:
        """Tokens of each text, int64 (texts,)."""
        return np.diff(self.starts)

    def row(self, number: int) -> Array:
        """Ids of one text."""
        return self.ids[self.starts[number] : self.starts[number + 1]]

    def take(self, numbers: Sequence[int] | Array) -> Texts:
        """Some of the texts, in the given order."""
        return join_rows([self.row(int(n)) for n in numbers])


def join_rows(rows: Sequence[Array]) -> Texts:
    """A store of the given rows of ids."""
    lengths = np.array([len(r) for r in rows], dtype=np.int64)
    ids = np.concatenate(rows) if rows else np.zeros(0)
    return Texts(ids.astype(np.uint16), np.concatenate([[0], np.cumsum(lengths)]))


def tokenise(tokenizer: Any, texts: Sequence[str], longest: int) -> Texts:
    """Texts as BERT ids, each cut to ``longest`` tokens."""
    encoded = tokenizer(list(texts), add_special_tokens=False, truncation=True, max_length=longest)["input_ids"]
    return join_rows([np.array(row, dtype=np.uint16) for row in encoded])


class OnDevice:
    """A store whose ids lie where the model runs."""

    def __init__(self, texts: Texts, device: torch.device) -> None:
        self.lengths = texts.lengths  # on the host: the sizes of a batch must be known without asking the device
        self.ids = torch.from_numpy(texts.ids.astype(np.int32)).to(device)
        self.starts = torch.from_numpy(texts.starts[:-1].copy()).to(device)

    def at(self, numbers: Tensor, places: Tensor) -> Tensor:
        """Ids (texts, places) of texts ``numbers`` (texts,) at ``places`` (texts, places), clamped to the store."""
        where = (self.starts[numbers][:, None] + places).clamp(0, len(self.ids) - 1)
        return self.ids[where].long()


def pair_lengths(left: OnDevice, right: OnDevice, i: Array, j: Array, window: Window, marks: Marks = BERT) -> Array:
    """Tokens of each joined pair (pairs,), special ones included."""
    kept = np.minimum(left.lengths[i], window.left)
    room = window.longest - 2 - marks.middle - kept
    return kept + np.minimum(right.lengths[j], room) + 2 + marks.middle


def join(left: OnDevice, right: OnDevice, i: Array, j: Array, window: Window, marks: Marks = BERT) -> dict[str, Tensor]:
    """Pairs (left text i, right text j) as one padded batch, as ``tokenizer(left, right)`` would make it.

    i, j: int64 (pairs,); the right text is cut to fit the window. Width is a multiple of 16.
    """
    device = left.ids.device
    sizes = pair_lengths(left, right, i, j, window, marks)
    width = int(-(-sizes.max() // 16) * 16)
    total = torch.from_numpy(sizes).to(device)[:, None]
    first = torch.from_numpy(np.minimum(left.lengths[i], window.left)).to(device)[:, None]
    place = torch.arange(width, device=device)[None, :]
    begin = 1 + first + marks.middle
    ids = torch.full((len(i), width), marks.pad, device=device)
    ids = torch.where((place == 0), marks.start, ids)
    numbers_i, numbers_j = torch.from_numpy(i).to(device), torch.from_numpy(j).to(device)
    ids = torch.where((place >= 1) & (place <= first), left.at(numbers_i, place - 1) + marks.shift, ids)
    ids = torch.where((place > first) & (place < begin), marks.end, ids)
    inside = (place >= begin) & (place < total - 1)
    ids = torch.where(inside, right.at(numbers_j, place - begin) + marks.shift, ids)
    ids = torch.where(place == total - 1, marks.end, ids)
    batch = {"input_ids": ids, "attention_mask": (place < total).long()}
    if marks is BERT:
        batch["token_type_ids"] = ((place >= begin) & (place < total)).long()
    return batch


def single(texts: OnDevice, i: Array, longest: int, marks: Marks = BERT) -> dict[str, Tensor]:
    """Texts ``i`` alone as one padded batch, as ``tokenizer(text)`` would make it."""
    device = texts.ids.device
    sizes = np.minimum(texts.lengths[i], longest - 2) + 2
    width = int(-(-sizes.max() // 16) * 16)
    total = torch.from_numpy(sizes).to(device)[:, None]
    place = torch.arange(width, device=device)[None, :]
    numbers = torch.from_numpy(i).to(device)
    ids = torch.where(place < total - 1, texts.at(numbers, place - 1) + marks.shift, marks.pad)
    ids = torch.where(place == 0, marks.start, ids)
    ids = torch.where(place == total - 1, marks.end, ids)
    return {"input_ids": ids, "attention_mask": (place < total).long()}


def by_length(sizes: Array, budget: int) -> list[Array]:
    """Positions of rows in chunks of like length, each of at most ``budget`` padded tokens; all rows, once."""
    order = np.argsort(sizes, kind="stable")
    chunks, start = [], 0
    while start < len(order):
        end = start + 1
        while end < len(order) and (end + 1 - start) * sizes[order[end]] <= budget:
            end += 1
        chunks.append(order[start:end])
        start = end
    return chunks
