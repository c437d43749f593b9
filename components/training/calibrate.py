"""Calibration of a relevance model on held-out Natural Questions: fit on one half, report on the other."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from torch import nn

from components.training.calibration import Platt, balanced, calibration_error, fit, reliability
from components.training.data import Pool
from components.training.mining import MIDDLE, NEAR, Mined
from components.training.sampling import MARGIN, holds_answer
from components.training.scoring import score

NEGATIVES = 5  # other passages a held-out question

Array = np.ndarray


def held_out_pairs(pool: Pool, mined: Mined, seed: int = 13) -> tuple[list[str], list[str], Array, Array]:
    """Queries, passages, labels and question numbers of the held-out questions.

    Each question brings its answering passage and up to five others from the teacher's ranks 1 to 100, none of which
    holds the short answer or comes near the answer's score.
    """
    queries, passages, labels, questions = [], [], [], []
    for row, example in enumerate(pool.examples):
        if not example.held_out:
            continue
        rng = np.random.default_rng((seed, row))
        limit = float(mined.gold[row]) - MARGIN
        others = [
            int(n)
            for n, s in zip(mined.ids[row][: NEAR + MIDDLE], mined.scores[row][: NEAR + MIDDLE], strict=True)
            if s < limit and n != example.gold and not holds_answer(pool.passages[n], example.answers)
        ]
        chosen = rng.permutation(sorted(set(others)))[:NEGATIVES]
        for number, label in [(example.gold, 1), *((int(n), 0) for n in chosen)]:
            queries.append(example.query)
            passages.append(pool.passages[number])
            labels.append(label)
            questions.append(row)
    return queries, passages, np.array(labels), np.array(questions)


def calibrate(model: nn.Module, tokenizer: object, pool: Pool, mined: Mined) -> tuple[Platt, dict[str, Any]]:
    """The scale and offset that make logit 0 even odds, and the reliability curve on the half that did not fit them.

    Relevant and other pairs weigh the same: "even odds" is meant between a passage that answers and a plausible other
    one, both equally common.
    """
    queries, passages, labels, questions = held_out_pairs(pool, mined)
    logits = score(model, tokenizer, queries, passages)[:, 0]
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
