"""A training step of the entailment model over a table of pairs, with or without a teacher."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from components.training.device import pair_logits
from components.training.losses import either_of, masked_cross_entropy
from components.training.nli_corpus import UNKNOWN, VAGUE, PairTable
from components.training.texts import BERT, Marks, OnDevice, Window

Array = np.ndarray
WINDOW = Window(128, 92)
TEMPERATURE = 2.0
"""Of the distillation: softens the teacher, which is sure of the pairs it was trained on."""


class PairTask:
    """Cross-entropy over the classes of each row's set, the either-of loss on two-way negatives, and distillation."""

    def __init__(
        self,
        table: PairTable,
        mix: Mapping[str, float],
        device: torch.device,
        seed: tuple[int, ...],
        rows: int = 512,
        teacher: Array | None = None,
        marks: Marks = BERT,
        two_way_weight: float = 0.5,
        teacher_weight: float = 0.7,
    ) -> None:
        """mix: share of each source; rows: pairs a step; teacher: logits (pairs, 3) of a larger model for every pair of
        the table; two_way_weight: weight of the loss on rows that only say "not entailment"; teacher_weight: share of
        distillation in the loss of a labelled row."""
        self.table, self.seed, self.rows, self.marks = table, seed, rows, marks
        self.two_way_weight, self.teacher_weight = two_way_weight, teacher_weight
        self.teacher = None if teacher is None else torch.from_numpy(teacher).float().to(device)
        found = {n: np.flatnonzero(table.source == i) for i, n in enumerate(table.sources) if mix.get(n)}
        self.sets = [rows for rows in found.values() if len(rows)]
        shares = np.array([mix[n] for n, rows in found.items() if len(rows)], dtype=float)
        self.shares = shares / shares.sum()
        self.texts = OnDevice(table.texts, device)

    def draw(self, step: int, part: int = 0, parts: int = 1) -> Array:
        """Row numbers of one part of a step; they depend on the seed, the step and the part only."""
        rng = np.random.default_rng((*self.seed, step, part))
        picked = rng.choice(len(self.sets), self.rows // parts, p=self.shares)
        return np.array([self.sets[s][rng.integers(len(self.sets[s]))] for s in picked])

    def loss(self, model: nn.Module, step: int, part: int = 0, parts: int = 1) -> Tensor:
        """The loss of one part of a step."""
        rows = self.draw(step, part, parts)
        table = self.table
        logits = pair_logits(model, self.texts, self.texts, table.left[rows], table.right[rows], WINDOW, self.marks)
        return self.combine(logits, rows)

    def combine(self, logits: Tensor, rows: Array) -> Tensor:
        """The loss of logits (rows, 3) for the given rows of the table."""
        label = self.table.label[rows]
        weight = self.teacher_weight if self.teacher is not None else 0.0
        total = logits.new_zeros(())
        sure, vague = np.flatnonzero(label < VAGUE), np.flatnonzero(label == VAGUE)
        if len(sure):
            target = torch.from_numpy(label[sure]).to(logits.device)
            allowed = torch.from_numpy(self.table.allowed[rows[sure]]).to(logits.device)
            part = masked_cross_entropy(logits[torch.from_numpy(sure).to(logits.device)], target, allowed)
            total = total + (1 - weight) * len(sure) / len(rows) * part
        if len(vague):
            others = torch.tensor([False, True, True], device=logits.device).expand(len(vague), 3)
            part = either_of(logits[torch.from_numpy(vague).to(logits.device)], others)
            total = total + self.two_way_weight * len(vague) / len(rows) * part
        if self.teacher is not None:
            total = total + self._distil(logits, rows, label, weight)
        return total

    def _distil(self, logits: Tensor, rows: Array, label: Array, weight: float) -> Tensor:
        """KL(teacher || model) at ``TEMPERATURE`` (Hinton et al. 2015), scaled by its square; rows without label count
        whole, those that only say "not entailment" not at all."""
        assert self.teacher is not None
        share = np.where(label == UNKNOWN, 1.0, np.where(label == VAGUE, 0.0, weight)).astype(np.float32)
        wanted = F.log_softmax(self.teacher[torch.from_numpy(rows).to(logits.device)] / TEMPERATURE, dim=1)
        given = F.log_softmax(logits / TEMPERATURE, dim=1)
        kl = (wanted.exp() * (wanted - given)).sum(1)
        return TEMPERATURE**2 * (kl * torch.from_numpy(share).to(logits.device)).mean()
