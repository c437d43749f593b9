"""Running a network over stored texts: logits of pairs, vectors of texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from components.training.texts import BERT, Marks, OnDevice, Window, by_length, join, pair_lengths, single

Array = np.ndarray
CUDA_TOKENS, CPU_TOKENS = 48_000, 2_048
"""Padded tokens a forward pass: what fills a large GPU, and what stays in a processor's cache."""


def token_budget(device: torch.device) -> int:
    """Padded tokens a forward pass takes on ``device``."""
    return CUDA_TOKENS if device.type == "cuda" else CPU_TOKENS


def pair_logits(
    network: nn.Module, left: OnDevice, right: OnDevice, i: Array, j: Array, window: Window, marks: Marks = BERT
) -> Tensor:
    """Logits (pairs, labels), float32, of pairs (left i, right j), in the given order; with gradient where it is on."""
    device = left.ids.device
    chunks = by_length(pair_lengths(left, right, i, j, window, marks), token_budget(device))
    parts = [network(**join(left, right, i[c], j[c], window, marks)).logits.float() for c in chunks]
    back = np.empty(len(i), np.int64)
    back[np.concatenate(chunks)] = np.arange(len(i))
    return torch.cat(parts)[torch.from_numpy(back).to(device)]


@torch.inference_mode()
def score_pairs(
    network: nn.Module,
    left: OnDevice,
    right: OnDevice,
    i: Array,
    j: Array,
    window: Window,
    marks: Marks = BERT,
    block: int = 65_536,
) -> Array:
    """Logits of many pairs without gradient, float32 array (pairs, labels)."""
    blocks = range(0, len(i), block)
    with torch.compiler.set_stance("force_eager"):  # compiling anew for a few passes without gradient takes longer
        parts = [
            pair_logits(network, left, right, i[b : b + block], j[b : b + block], window, marks).cpu().numpy()
            for b in blocks
        ]
    return np.concatenate(parts)


@torch.inference_mode()
def vectors(network: Any, texts: OnDevice, longest: int, marks: Marks = BERT) -> Tensor:
    """Unit vectors of all texts by mean pooling, float16 tensor (texts, width) on the device, as
    ``SentenceTransformer.encode`` gives for all-MiniLM-L6-v2 and all-mpnet-base-v2."""
    sizes = np.minimum(texts.lengths, longest - 2) + 2
    out = None
    for chunk in by_length(sizes, 4 * token_budget(texts.ids.device)):
        batch = single(texts, chunk, longest, marks)
        states = network(**batch).last_hidden_state.float()
        mask = batch["attention_mask"][:, :, None].float()
        mean = nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1)
        if out is None:
            out = torch.empty((len(texts.lengths), mean.shape[1]), dtype=torch.float16, device=mean.device)
        out[torch.from_numpy(chunk).to(mean.device)] = mean.half()
    assert out is not None
    return out
