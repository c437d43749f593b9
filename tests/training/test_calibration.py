"""Calibration on made-up logits whose right answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from components.training.calibration import balanced, calibration_error, fit, reliability


def drawn(scale: float, offset: float, count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, count)
    return logits, (rng.random(count) < 1 / (1 + np.exp(-(scale * logits + offset)))).astype(int)


def test_fit_finds_the_scale_and_offset_that_drew_the_labels() -> None:
    platt = fit(*drawn(0.5, -1.0))
    assert platt.scale == pytest.approx(0.5, abs=0.03)
    assert platt.offset == pytest.approx(-1.0, abs=0.06)


def test_balanced_weights_make_even_odds_the_middle() -> None:
    # ten times as many others as relevant, both normal around -1 and +1: even odds lie at 0
    rng = np.random.default_rng(1)
    logits = np.concatenate([rng.normal(1, 1, 2_000), rng.normal(-1, 1, 20_000)])
    labels = np.array([1] * 2_000 + [0] * 20_000)
    platt = fit(logits, labels, balanced(labels))
    assert -platt.offset / platt.scale == pytest.approx(0.0, abs=0.05)


def test_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="one class only"):
        fit(np.array([1.0, 2.0]), np.array([1, 1]))


def test_reliability_of_honest_logits_lies_on_the_diagonal() -> None:
    logits, labels = drawn(1.0, 0.0)
    curve = reliability(logits, labels)
    assert sum(b.pairs for b in curve) == len(logits)
    assert calibration_error(curve) < 0.02


def test_reliability_by_hand() -> None:
    # probability 0.5 twice, one of them relevant
    (only,) = reliability(np.array([0.0, 0.0]), np.array([1, 0]))
    assert (only.predicted, only.observed, only.pairs) == (0.5, 0.5, 2)
