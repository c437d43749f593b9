"""Calibration of a relevance model on held-out Natural Questions: fit on one half, report on the other."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import nn

from components.training.calibration import Platt, balanced, calibration_error, fit, reliability
from components.training.corpus import FORMS, Corpus
from components.training.device import score_pairs
from components.training.mining import MIDDLE, NEAR, Mined
from components.training.sampling import MARGIN
from components.training.texts import OnDevice, Window

NEGATIVES = 5  # other passages a held-out question
Array = np.ndarray


def held_out_pairs(corpus: Corpus, mined: Mined, seed: int = 13) -> tuple[Array, Array, Array, Array]:
    """Rows of ``corpus.queries``, passages, labels and question numbers of the held-out questions.

    Each question brings its answering passage and up to five others from the teacher's ranks 1 to 100, none of which
    holds the short answer or comes near the answer's score.
    """
    found = []
    for row in np.flatnonzero(corpus.held_out):
        rng = np.random.default_rng((seed, int(row)))
        limit = float(mined.gold[row]) - MARGIN
        ranked = slice(0, NEAR + MIDDLE)
        free = (mined.scores[row][ranked] < limit) & ~mined.holds[row][ranked]
        others = np.setdiff1d(mined.ids[row][ranked][free], [corpus.gold[row]])
        chosen = rng.permutation(others)[:NEGATIVES]
        found += [(row * FORMS, corpus.gold[row], 1, row), *((row * FORMS, n, 0, row) for n in chosen)]
    queries, passages, labels, questions = np.array(found, dtype=np.int64).reshape(-1, 4).T
    return queries, passages, labels, questions


def calibrate(model: nn.Module, corpus: Corpus, mined: Mined) -> tuple[Platt, dict[str, Any]]:
    """The scale and offset that make logit 0 even odds, and the reliability curve on the half that did not fit them.

    Relevant and other pairs weigh the same: "even odds" is meant between a passage that answers and a plausible other
    one, both equally common.
    """
    queries, passages, labels, questions = held_out_pairs(corpus, mined)
    device: torch.device = next(model.parameters()).device
    left, right = OnDevice(corpus.queries, device), OnDevice(corpus.passages, device)
    logits = score_pairs(model, left, right, queries, passages, Window(320))[:, 0]
    even = np.isin(questions, np.unique(questions)[::2])
    platt = fit(logits[even], labels[even], balanced(labels[even]))
    calibrated = platt.scale * logits[~even] + platt.offset
    weights = balanced(labels[~even])
    curve = reliability(calibrated, labels[~even], weights)
    return platt, {
        "set": "held-out Natural Questions, answering passage against others of teacher ranks 1 to 100, classes even",
        "pairs_fitted": int(even.sum()),
        "pairs_reported": int((~even).sum()),
        "scale": round(platt.scale, 5),
        "offset": round(platt.offset, 5),
        "calibration_error": round(calibration_error(curve), 4),
        "accuracy_at_0": round(float(((calibrated > 0) == labels[~even]) @ weights), 4),
        "curve": [asdict(b) for b in curve],
    }
