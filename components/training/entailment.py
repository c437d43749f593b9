"""Training of the entailment model: three logits, data sets that do not all know the three classes.

FEVER has no neutral rows and ScoNe no contradictions: there the absent logit is masked, or the style of a set would
predict its label. Rows labelled only "not entailment" train the sum of the two other classes.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from components.training.data import read_rows
from components.training.losses import either_of, masked_cross_entropy
from components.training.scoring import encode_pairs, forward_sorted

LABELS = ("entailment", "neutral", "contradiction")
NOT_ENTAILMENT = "not_entailment"
THREE_WAY_TASKS = ("boolean", "comparative", "conditional", "control", "counting", "negation", "quantifier")
ALLOWED = {"fever": (True, True, True), "scone": (True, True, False), "help": (True, True, False)}
"""Classes a data set knows, where it is not all three (FEVER gets neutral rows made here)."""

FILES = {
    "lingnli": "lingnli/train.jsonl.gz",
    "cad": "cad/train.jsonl.gz",
    "conjnli": "conjnli/train.jsonl.gz",
    "fever": "fever/train.jsonl.gz",
    "scone": "scone/train.jsonl.gz",
    "curriculum": "curriculum/train.jsonl.gz",
}


@dataclass(frozen=True)
class Pair:
    """A premise and a hypothesis; label is one of ``LABELS`` or ``NOT_ENTAILMENT``; phenomenon names the task."""

    premise: str
    hypothesis: str
    label: str
    source: str
    phenomenon: str = ""


def read_pairs(path: Path, source: str) -> list[Pair]:
    """All rows of one file."""
    return [Pair(r["premise"], r["hypothesis"], r["label"], source, r.get("phenomenon") or "") for r in read_rows(path)]


def fever_neutrals(pairs: Sequence[Pair], seed: int = 13) -> list[Pair]:
    """Neutral rows for FEVER: the claim beside the evidence of another claim that shares a name with it."""
    rng = random.Random(seed)
    by_name: dict[str, list[int]] = defaultdict(list)
    names = [set(re.findall(r"\b[A-Z][a-z]{3,}\b", p.hypothesis)) for p in pairs]
    for number, found in enumerate(names):
        for name in found:
            by_name[name].append(number)
    made = []
    for pair, found in zip(pairs, names, strict=True):
        others = sorted({n for name in found for n in by_name[name] if pairs[n].premise != pair.premise})
        if others and rng.random() < 0.5:
            premise = pairs[rng.choice(others)].premise
            if not found <= set(re.findall(r"\b[A-Z][a-z]{3,}\b", premise)):  # it speaks of something else
                made.append(Pair(premise, pair.hypothesis, "neutral", "fever"))
    return made


def training_pairs(data: Path, seed: int = 13) -> dict[str, list[Pair]]:
    """Training rows by source; the curriculum is parted into its three-way and its two-way tasks."""
    sets = {source: read_pairs(data / name, source) for source, name in FILES.items()}
    sets["fever"] += fever_neutrals(sets["fever"], seed)
    tasks = sets.pop("curriculum")
    sets["three_way"] = [p for p in tasks if p.phenomenon in THREE_WAY_TASKS]
    sets["two_way"] = [p for p in tasks if p.phenomenon not in THREE_WAY_TASKS]
    return sets


class EntailmentTask:
    """A training step over pairs drawn by a mix of sources."""

    def __init__(
        self,
        sets: Mapping[str, Sequence[Pair]],
        mix: Mapping[str, float],
        tokenizer: object,
        seed: tuple[int, ...],
        rows: int = 64,
        max_length: int = 96,
        two_way_weight: float = 0.5,
        chunk: int = 32,
    ) -> None:
        """rows: pairs a step; two_way_weight: weight of the loss on rows that only say "not entailment"."""
        self.sources = [s for s in mix if sets.get(s)]
        shares = np.array([mix[s] for s in self.sources], dtype=float)
        self.sets, self.shares, self.tokenizer = sets, shares / shares.sum(), tokenizer
        self.seed, self.rows, self.max_length = seed, rows, max_length
        self.two_way_weight, self.chunk = two_way_weight, chunk

    def draw(self, step: int, part: int = 0, parts: int = 1) -> list[Pair]:
        """The pairs of one part of a step; they depend on the seed, the step and the part only."""
        rng = np.random.default_rng((*self.seed, step, part))
        picked = rng.choice(len(self.sources), self.rows // parts, p=self.shares)
        chosen = [self.sets[self.sources[i]] for i in picked]
        return [rows[int(rng.integers(len(rows)))] for rows in chosen]

    def loss(self, model: nn.Module, step: int, part: int = 0, parts: int = 1) -> Tensor:
        """Cross-entropy over the classes of each row's set, and the either-of loss on two-way negatives."""
        batch = self.draw(step, part, parts)
        device = next(model.parameters()).device
        rows = encode_pairs(self.tokenizer, [p.premise for p in batch], [p.hypothesis for p in batch], self.max_length)
        logits = forward_sorted(model, rows, device, self.chunk)
        return self.combine(logits, batch)

    def combine(self, logits: Tensor, batch: Sequence[Pair]) -> Tensor:
        """The loss of logits (rows, 3) for the pairs of a step."""
        vague = [p.label == NOT_ENTAILMENT for p in batch]
        sure = [i for i, unknown in enumerate(vague) if not unknown]
        unsure = [i for i, unknown in enumerate(vague) if unknown]
        total = logits.new_zeros(())
        if sure:
            labels = torch.tensor([LABELS.index(batch[i].label) for i in sure], device=logits.device)
            allowed = torch.tensor([ALLOWED.get(batch[i].source, (True,) * 3) for i in sure], device=logits.device)
            rows = torch.tensor(sure, device=logits.device)
            total = total + len(sure) / len(batch) * masked_cross_entropy(logits[rows], labels, allowed)
        if unsure:
            others = torch.tensor([False, True, True], device=logits.device).expand(len(unsure), 3)
            rows = torch.tensor(unsure, device=logits.device)
            total = total + self.two_way_weight * len(unsure) / len(batch) * either_of(logits[rows], others)
        return total
