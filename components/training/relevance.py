"""Training of the relevance model: a step over groups, scored where the model is, three losses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from components.training.corpus import Corpus
from components.training.device import pair_logits
from components.training.losses import contrastive, distillation, generalised_binary
from components.training.sampling import Batch, Sampler
from components.training.texts import OnDevice, Window


@dataclass(frozen=True)
class Weights:
    """How much each loss counts."""

    distil: float  # KL to the teacher's softmax over the group
    contrast: float  # InfoNCE, the answer against trusted negatives
    binary: float  # gBCE on the same
    entropy: float = 0.5  # entropy of the teacher's softmax as a share of log(group size)


class GroupTask:
    """A training step over groups: draw, score by length, three losses."""

    def __init__(
        self,
        sampler: Sampler,
        corpus: Corpus,
        device: torch.device,
        weights: Weights,
        seed: tuple[int, ...],
        groups: int = 64,
        window: Window | None = None,
    ) -> None:
        """groups: groups a step; window: how pairs are cut."""
        self.sampler, self.weights, self.seed = sampler, weights, seed
        self.groups, self.window = groups, window or Window()
        self.queries, self.passages = OnDevice(corpus.queries, device), OnDevice(corpus.passages, device)

    def draw(self, step: int, part: int = 0, parts: int = 1) -> Batch:
        """The groups of one part of a step; they depend on the seed, the step and the part only."""
        return self.sampler.draw(np.random.default_rng((*self.seed, step, part)), self.groups // parts)

    def loss(self, model: nn.Module, step: int, part: int = 0, parts: int = 1) -> Tensor:
        """The weighted loss of step ``step``."""
        batch = self.draw(step, part, parts)
        groups, size = batch.passages.shape
        asked, read = np.repeat(batch.queries, size), batch.passages.reshape(-1)
        logits = pair_logits(model, self.queries, self.passages, asked, read, self.window)[:, 0]
        device = logits.device
        teacher, trusted = torch.from_numpy(batch.teacher).to(device), torch.from_numpy(batch.trusted).to(device)
        return self.combine(logits.reshape(groups, size), teacher, trusted)

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
