"""Training of the relevance model: topic first, then answering, then near misses, each stage replaying the last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from components.training.losses import contrastive, distillation, generalised_binary
from components.training.sampling import Group
from components.training.scoring import encode_pairs, forward_sorted


class Sampler(Protocol):
    """Anything that draws groups."""

    def draw(self, rng: np.random.Generator) -> Group:
        """One group, from the given random numbers only."""
        ...


@dataclass(frozen=True)
class Weights:
    """How much each loss counts."""

    distil: float  # KL to the teacher's softmax over the group
    contrast: float  # InfoNCE, the answer against trusted negatives
    binary: float  # gBCE on the same
    entropy: float = 0.5  # entropy of the teacher's softmax as a share of log(group size)


class GroupTask:
    """A training step over groups: draw, tokenise, score by length, three losses."""

    def __init__(
        self,
        sampler: Sampler,
        tokenizer: object,
        weights: Weights,
        seed: tuple[int, ...],
        groups: int = 8,
        max_length: int = 160,
        chunk: int = 16,
    ) -> None:
        """groups: groups a step; chunk: pairs a forward pass (of like length, so that little is padding)."""
        self.sampler, self.tokenizer, self.weights = sampler, tokenizer, weights
        self.seed, self.groups, self.max_length, self.chunk = seed, groups, max_length, chunk

    def loss(self, model: nn.Module, step: int, part: int = 0, parts: int = 1) -> Tensor:
        """The weighted loss of step ``step``; the batch depends on the seed, the step and the part only."""
        rng = np.random.default_rng((*self.seed, step, part))
        batch = [self.sampler.draw(rng) for _ in range(self.groups // parts)]
        device = next(model.parameters()).device
        left = [g.query for g in batch for _ in g.passages]
        right = [p for g in batch for p in g.passages]
        rows = encode_pairs(self.tokenizer, left, right, self.max_length)
        flat = forward_sorted(model, rows, device, self.chunk)[:, 0]
        logits, teacher, trusted = arrange(flat, batch)
        return self.combine(logits, teacher, trusted)

    def combine(self, logits: Tensor, teacher: Tensor, trusted: Tensor) -> Tensor:
        """The weighted sum of the losses; all three tensors are (groups, size)."""
        total = logits.new_zeros(())
        if self.weights.distil:
            asked = ~teacher.isnan()
            total = total + self.weights.distil * distillation(
                logits, teacher.nan_to_num(), asked, self.weights.entropy
            )
        if self.weights.contrast:
            total = total + self.weights.contrast * contrastive(logits, trusted)
        if self.weights.binary:
            total = total + self.weights.binary * generalised_binary(logits, trusted)
        return total


def arrange(flat: Tensor, batch: list[Group]) -> tuple[Tensor, Tensor, Tensor]:
    """Scores of all pairs (pairs,) as (groups, largest size), with teacher scores (nan: none) and the trust mask."""
    size = max(len(g.passages) for g in batch)
    places = torch.zeros((len(batch), size), dtype=torch.int64)
    teacher = torch.full((len(batch), size), float("nan"))
    trusted = torch.zeros((len(batch), size), dtype=torch.bool)
    start = 0
    for row, group in enumerate(batch):
        count = len(group.passages)
        places[row, :count] = torch.arange(start, start + count)
        teacher[row, :count] = torch.tensor(group.teacher)
        trusted[row, :count] = torch.tensor(group.trusted)
        start += count
    return flat[places.to(flat.device)], teacher.to(flat.device), trusted.to(flat.device)
