"""Fast scoring of text pairs with a model in training: by length, in bfloat16, on the CPU or CUDA."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

ROWS = 32
"""Pairs a forward pass when scoring."""


def arithmetic(model: nn.Module, half: bool) -> AbstractContextManager[Any]:
    """The context in which ``model`` runs: bfloat16 over float32 weights when ``half`` (three times as fast on
    processors with AMX), without the cache of cast weights, which all threads of a process share.

    A model that is in bfloat16 itself needs no casts.
    """
    weight = next(model.parameters())
    if not half or weight.dtype != torch.float32:
        return nullcontext()
    return torch.autocast(weight.device.type, torch.bfloat16, cache_enabled=False)


def encode_pairs(tokenizer: object, left: Sequence[str], right: Sequence[str], max_length: int) -> list[dict]:
    """Token ids and segment ids of pairs, not padded; of a pair that is too long the longer text is cut."""
    encoded = tokenizer(  # type: ignore[operator]
        list(left), list(right), truncation="longest_first", max_length=max_length, return_attention_mask=False
    )
    return [
        {"input_ids": ids, "token_type_ids": kinds}
        for ids, kinds in zip(encoded["input_ids"], encoded["token_type_ids"], strict=True)
    ]


def pad(rows: Sequence[dict], device: torch.device) -> dict[str, Tensor]:
    """Rows of ids as one batch: int64 tensors of shape (rows, longest), padded to a multiple of 8."""
    longest = -(-max(len(r["input_ids"]) for r in rows) // 8) * 8
    batch = torch.zeros((3, len(rows), longest), dtype=torch.int64)
    for place, row in enumerate(rows):
        length = len(row["input_ids"])
        batch[0, place, :length] = torch.tensor(row["input_ids"])
        batch[1, place, :length] = torch.tensor(row["token_type_ids"])
        batch[2, place, :length] = 1
    batch = batch.to(device)
    return {"input_ids": batch[0], "token_type_ids": batch[1], "attention_mask": batch[2]}


def forward_sorted(
    model: nn.Module, rows: Sequence[dict], device: torch.device, chunk: int, half: bool = True
) -> Tensor:
    """Logits (rows, labels) in the order of ``rows``; forward passes run on rows of like length."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]["input_ids"]))
    parts = []
    for start in range(0, len(order), chunk):
        with arithmetic(model, half):
            parts.append(model(**pad([rows[i] for i in order[start : start + chunk]], device)).logits.float())
    back = torch.empty(len(order), dtype=torch.int64)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts)[back.to(device)]


def score(
    model: nn.Module,
    tokenizer: object,
    left: Sequence[str],
    right: Sequence[str],
    max_length: int = 512,
    workers: int = 1,
    half: bool = True,
) -> np.ndarray:
    """Raw logits of pairs, float32 array (pairs, labels), without gradient.

    workers: threads that share the pairs; half: bfloat16 arithmetic, else float32.
    """
    device = next(model.parameters()).device
    rows = encode_pairs(tokenizer, left, right, max_length)

    def part(number: int) -> np.ndarray:
        with torch.inference_mode():
            return forward_sorted(model, rows[number::workers], device, ROWS, half).cpu().numpy()

    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(part, range(workers)))
    out = np.empty((len(rows), parts[0].shape[1]), np.float32)
    for number, found in enumerate(parts):
        out[number::workers] = found
    return out
