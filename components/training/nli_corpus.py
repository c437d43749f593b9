"""The entailment corpus as token ids, and the pairs nobody labelled that a larger teacher will judge."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from components.training.entailment import ALLOWED, LABELS, NOT_ENTAILMENT, Pair
from components.training.texts import Texts, tokenise

Array = np.ndarray
LONGEST_TEXT = 120
VAGUE, UNKNOWN = 3, 4
"""Labels beside 0 to 2: "not entailment", and none."""
SIBLINGS, SWAPPED = "siblings", "swapped"


@dataclass(frozen=True)
class PairTable:
    """Pairs of stored texts.

    left, right: rows of ``texts``; label: see above; allowed: bool (pairs, 3), the classes that the pair's set knows;
    source: number of the set in ``sources``.
    """

    texts: Texts
    left: Array
    right: Array
    label: Array
    allowed: Array
    source: Array
    sources: tuple[str, ...]

    def save(self, path: Path) -> None:
        """Write as one compressed file."""
        np.savez_compressed(
            path, ids=self.texts.ids, starts=self.texts.starts, left=self.left.astype(np.int32),
            right=self.right.astype(np.int32), label=self.label.astype(np.int8), allowed=self.allowed,
            source=self.source.astype(np.int8), sources=np.array(self.sources),
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> PairTable:
        """Read what :meth:`save` wrote."""
        z = np.load(path)
        whole = {k: z[k].astype(np.int64) for k in ("left", "right", "label", "source")}
        names = tuple(str(s) for s in z["sources"])
        return cls(Texts(z["ids"], z["starts"]), allowed=z["allowed"], sources=names, **whole)


def unlabelled(pairs: Sequence[Pair], count: int, seed: int) -> list[Pair]:
    """Natural pairs without a label: hypothesis and premise swapped, and two hypotheses of one premise."""
    rng = random.Random(seed)
    swapped = [Pair(p.hypothesis, p.premise, "", SWAPPED) for p in pairs]
    families: dict[str, list[str]] = defaultdict(list)
    for pair in pairs:
        families[pair.premise].append(pair.hypothesis)
    siblings = [
        Pair(one, other, "", SIBLINGS)
        for family in families.values()
        for one in family
        for other in family
        if one != other
    ]
    return [*rng.sample(swapped, min(count, len(swapped))), *rng.sample(siblings, min(2 * count, len(siblings)))]


def _label(pair: Pair) -> int:
    if not pair.label:
        return UNKNOWN
    return VAGUE if pair.label == NOT_ENTAILMENT else LABELS.index(pair.label)


def pair_table(tokenizer: Any, sets: Mapping[str, Sequence[Pair]]) -> PairTable:
    """All pairs of all sets; a text that occurs in several pairs is stored once."""
    names = tuple(sets)
    pairs = [(i, p) for i, name in enumerate(names) for p in sets[name]]
    numbers: dict[str, int] = {}
    for _, pair in pairs:
        for text in (pair.premise, pair.hypothesis):
            numbers.setdefault(text, len(numbers))
    return PairTable(
        tokenise(tokenizer, list(numbers), LONGEST_TEXT),
        np.array([numbers[p.premise] for _, p in pairs]),
        np.array([numbers[p.hypothesis] for _, p in pairs]),
        np.array([_label(p) for _, p in pairs]),
        np.array([ALLOWED.get(p.source, (True,) * 3) for _, p in pairs]),
        np.array([i for i, _ in pairs]),
        names,
    )
