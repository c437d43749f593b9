"""The labelled rows of the entailment model: three classes, data sets that do not all know them.

FEVER has no neutral rows and ScoNe no contradictions: there the absent logit is masked, or the style of a set would
predict its label. Rows labelled only "not entailment" train the sum of the two other classes.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components.training.data import read_rows

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
