"""What is watched while training: a few held-out sets as token ids, scored where the model is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from components.training.device import score_pairs
from components.training.heldout import Question
from components.training.texts import OnDevice, Texts, Window, tokenise

Array = np.ndarray
WINDOW = Window(192)


@dataclass(frozen=True)
class Watched:
    """Questions with candidates. sizes: candidates of each question; grades: one a candidate, in order.

    ideal: float (questions, 10), the ten highest grades of each question, also of documents that are no candidates.
    """

    measure: str  # "nDCG@10", "RR" or "first" (the first candidate scores strictly highest)
    queries: Texts
    passages: Texts
    sizes: Array
    grades: Array
    ideal: Array


def watched(tokenizer: Any, questions: Sequence[Question], measure: str) -> Watched:
    """Questions as token ids."""
    ideal = np.zeros((len(questions), 10))
    for row, question in enumerate(questions):
        best = sorted([*question.grades, *(g for _, g in question.extra)], reverse=True)[:10]
        ideal[row, : len(best)] = best
    return Watched(
        measure,
        tokenise(tokenizer, [q.query for q in questions], 64),
        tokenise(tokenizer, [t for q in questions for t in q.texts], 250),
        np.array([len(q.texts) for q in questions]),
        np.array([g for q in questions for g in q.grades], dtype=float),
        ideal,
    )


def save_sets(path: Path, sets: dict[str, Watched]) -> None:
    """Write all sets as one file."""
    flat: dict[str, Any] = {}
    for name, s in sets.items():
        flat |= {
            f"{name}/q_ids": s.queries.ids, f"{name}/q_starts": s.queries.starts, f"{name}/p_ids": s.passages.ids,
            f"{name}/p_starts": s.passages.starts, f"{name}/sizes": s.sizes, f"{name}/grades": s.grades,
            f"{name}/ideal": s.ideal, f"{name}/measure": np.array(s.measure),
        }  # fmt: skip
    np.savez_compressed(path, **flat)


def load_sets(path: Path) -> dict[str, Watched]:
    """Read what :func:`save_sets` wrote."""
    z = np.load(path)
    return {
        name: Watched(
            str(z[f"{name}/measure"]),
            Texts(z[f"{name}/q_ids"], z[f"{name}/q_starts"]),
            Texts(z[f"{name}/p_ids"], z[f"{name}/p_starts"]),
            z[f"{name}/sizes"],
            z[f"{name}/grades"],
            z[f"{name}/ideal"],
        )
        for name in dict.fromkeys(key.split("/")[0] for key in z.files)
    }


def ndcg_at_10(scores: Array, grades: Array, ideal: Array) -> float:
    """nDCG@10 with linear gains, as trec_eval has it; equal scores keep their order. ideal: the ten best grades."""
    discount = 1 / np.log2(np.arange(2, 12))
    best = float(ideal @ discount)
    top = grades[np.argsort(-scores, kind="stable")[:10]]
    return float(top @ discount[: len(top)]) / best if best > 0 else 0.0


def reciprocal_rank(scores: Array, grades: Array) -> float:
    """1 / rank of the first relevant candidate; equal scores keep their order."""
    ranked = np.flatnonzero(grades[np.argsort(-scores, kind="stable")] > 0)
    return 1.0 / float(ranked[0] + 1) if len(ranked) else 0.0


def measure(network: nn.Module, device: torch.device, found: Watched) -> float:
    """The mean of a set's measure over its questions."""
    asked = np.repeat(np.arange(len(found.sizes)), found.sizes)
    read = np.arange(len(asked))
    queries, passages = OnDevice(found.queries, device), OnDevice(found.passages, device)
    flat = score_pairs(network, queries, passages, asked, read, WINDOW)[:, 0].astype(float)
    cuts = np.cumsum(found.sizes)[:-1]
    values = []
    parts = zip(np.split(flat, cuts), np.split(found.grades, cuts), found.ideal, strict=True)
    for scores, grades, ideal in parts:
        if found.measure == "nDCG@10":
            values.append(ndcg_at_10(scores, grades, ideal))
        elif found.measure == "RR":
            values.append(reciprocal_rank(scores, grades))
        else:
            values.append(float(scores[0] > scores[1:].max()))
    return float(np.mean(values))
