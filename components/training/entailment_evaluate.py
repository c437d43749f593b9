"""Held-out figures of the entailment model, beside a control that reads the hypothesis only."""

from __future__ import annotations

import re
import time
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from components.training.entailment import LABELS, NOT_ENTAILMENT, Pair, read_pairs, training_pairs
from components.training.evaluate import Judge, Setup, remember
from components.training.export import fingerprint
from components.training.trainer import half_copy

Array = np.ndarray
BUCKETS = 1 << 18


def test_sets(data: Path) -> dict[str, list[Pair]]:
    """The evaluation sets by name; every curriculum task is one."""
    sets = {
        "LingNLI val": read_pairs(data / "lingnli/val.jsonl.gz", "lingnli"),
        "CAD test": read_pairs(data / "cad/test.jsonl.gz", "cad"),
        "ScoNe test": read_pairs(data / "scone/test.jsonl.gz", "scone"),
        "ConjNLI dev": read_pairs(data / "conjnli/dev.jsonl.gz", "conjnli"),
        "MED test": read_pairs(data / "med/test.jsonl.gz", "med"),
        "Breaking NLI": read_pairs(data / "breaking_nli/test.jsonl.gz", "breaking_nli"),
    }
    for pair in read_pairs(data / "curriculum/val.jsonl.gz", "curriculum"):
        sets.setdefault(f"curriculum: {pair.phenomenon}", []).append(pair)
    return sets


def correct(predicted: Array, pairs: Sequence[Pair]) -> Array:
    """Whether each predicted class (rows,) is right; on two-way rows only entailment or not counts.

    A set that knows entailment and neutral only (ScoNe, MED) is scored two-way as well.
    """
    labels = {p.label for p in pairs}
    two_way = NOT_ENTAILMENT in labels or "contradiction" not in labels
    guesses = [LABELS[int(i)] for i in predicted]
    if two_way:
        return np.array([(g == "entailment") == (p.label == "entailment") for g, p in zip(guesses, pairs, strict=True)])
    return np.array([g == p.label for g, p in zip(guesses, pairs, strict=True)])


def macro_f1(predicted: Array, pairs: Sequence[Pair]) -> float:
    """Mean F1 of the three classes."""
    gold = np.array([LABELS.index(p.label) for p in pairs])
    scores = []
    for label in range(len(LABELS)):
        hit = float(((predicted == label) & (gold == label)).sum())
        scores.append(2 * hit / max(1.0, float((predicted == label).sum() + (gold == label).sum())))
    return float(np.mean(scores))


def _features(text: str) -> list[int]:
    tokens = re.findall(r"\w+", text.lower())
    grams = tokens + [f"{a} {b}" for a, b in pairwise(tokens)]
    return [zlib.crc32(g.encode()) % BUCKETS for g in grams] or [0]


def hypothesis_only(train: Sequence[Pair], epochs: int = 3, seed: int = 13) -> Callable[[Sequence[Pair]], Array]:
    """A linear classifier on words and word pairs of the hypothesis, trained on the same three-way rows.

    What it gets right can be had without reading the premise (Poliak et al. 2018, arXiv 1805.01042).
    """
    torch.manual_seed(seed)
    rows = [p for p in train if p.label in LABELS]
    bag = nn.EmbeddingBag(BUCKETS, len(LABELS), mode="mean")
    nn.init.zeros_(bag.weight)
    optimizer = torch.optim.Adam(bag.parameters(), lr=0.03)

    def forward(texts: Sequence[str]) -> torch.Tensor:
        features = [_features(t) for t in texts]
        offsets = torch.tensor([0, *np.cumsum([len(f) for f in features])[:-1]])
        return bag(torch.tensor([i for f in features for i in f]), offsets)

    for _ in range(epochs):
        order = torch.randperm(len(rows)).tolist()
        for start in range(0, len(order), 512):
            batch = [rows[i] for i in order[start : start + 512]]
            loss = nn.functional.cross_entropy(
                forward([p.hypothesis for p in batch]), torch.tensor([LABELS.index(p.label) for p in batch])
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def classify(pairs: Sequence[Pair]) -> Array:
        with torch.inference_mode():
            return forward([p.hypothesis for p in pairs]).argmax(1).numpy()

    return classify


class Control:
    """The hypothesis-only classifier of the training rows of ``data``; trained when it is first needed."""

    def __init__(self, data: Path, cache: Path | None) -> None:
        self.data, self.cache = data, cache
        self.trained: Callable[[Sequence[Pair]], Array] | None = None

    def classify(self, pairs: Sequence[Pair]) -> Array:
        """Predicted classes of the pairs, int array (pairs,)."""
        return remember(self.cache, ["hypothesis only", *(p.hypothesis for p in pairs)], lambda: self._classify(pairs))

    def _classify(self, pairs: Sequence[Pair]) -> Array:
        if self.trained is None:
            self.trained = hypothesis_only([p for rows in training_pairs(self.data).values() for p in rows])
        return self.trained(pairs)


def entailment_logits(judge: Judge, pairs: Sequence[Pair], weights: str) -> Array:
    """Logits (pairs, 3); read from the cache folder when the same ``weights`` have scored the same pairs."""
    left, right = [p.premise for p in pairs], [p.hypothesis for p in pairs]
    return remember(judge.setup.cache, [weights, *left, *right], lambda: judge.logits(left, right))


def evaluate_entailment(
    folder: Path,
    data: Path,
    quick: bool = False,
    report: Callable[[str], None] = print,
    setup: Setup | None = None,
) -> dict[str, Any]:
    """Accuracy on every set beside the hypothesis-only control and the commonest label, as a dictionary for JSON."""
    setup = setup or Setup()
    judge, begun = Judge(folder, setup), time.monotonic()
    if setup.half:
        judge.model.model = half_copy(judge.model.model)  # no ranking here that rounding could tie
    control = Control(data, setup.cache)
    weights = f"{fingerprint(folder)} {setup.half}"
    lines = []
    for name, pairs in test_sets(data).items():
        kept = pairs[:: max(1, len(pairs) // 40)] if quick else pairs
        logits = entailment_logits(judge, kept, weights)
        predicted = logits.argmax(1)
        counts = Counter(p.label for p in kept)
        line: dict[str, Any] = {
            "name": name,
            "pairs": len(kept),
            "accuracy": round(float(correct(predicted, kept).mean()), 4),
            "hypothesis_only": round(float(correct(control.classify(kept), kept).mean()), 4),
            "commonest_label": round(max(counts.values()) / len(kept), 4),
            "classes": len(counts),
        }
        if set(counts) == set(LABELS):
            line["macro_f1"] = round(macro_f1(predicted, kept), 4)
            line["by_label"] = {
                label: round(float(correct(predicted, kept)[[p.label == label for p in kept]].mean()), 4)
                for label in LABELS
            }
        lines.append(line)
        report(f"{name:34} n={len(kept):5d}  accuracy {line['accuracy']:.3f}  control {line['hypothesis_only']:.3f}")
    seconds = round(time.monotonic() - begun)
    arithmetic = "bfloat16" if setup.half else "float32"
    return {"kind": "entailment", "quick": quick, "arithmetic": arithmetic, "lines": lines, "seconds": seconds}
