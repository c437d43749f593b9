"""Calibration: a scale and an offset that make logit 0 mean even odds (Platt 1999, outputs for SVMs)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Platt:
    """probability = sigmoid(scale * logit + offset)."""

    scale: float
    offset: float


@dataclass(frozen=True)
class Bin:
    """One bin of a reliability curve: pairs whose predicted probability lies between low and high."""

    low: float
    high: float
    predicted: float  # mean predicted probability
    observed: float  # share that is relevant
    pairs: int


def balanced(labels: Array) -> Array:
    """Weights (pairs,) that give relevant and other pairs the same total, so that even odds is the starting point."""
    positive = labels.astype(bool)
    return np.where(positive, 0.5 / max(positive.sum(), 1), 0.5 / max((~positive).sum(), 1))


def fit(logits: Array, labels: Array, weights: Array | None = None, steps: int = 100) -> Platt:
    """Logistic regression of labels on logits by Newton's method; float (pairs,) and 0/1 (pairs,).

    Raises ``ValueError`` when only one class is present.
    """
    if len(set(labels.tolist())) < 2:
        raise ValueError("calibration needs relevant and other pairs: found one class only")
    features = np.stack([logits.astype(float), np.ones(len(logits))], 1)
    weights = np.full(len(logits), 1 / len(logits)) if weights is None else weights
    theta = np.array([1.0, 0.0])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(features @ theta, -40, 40)))
        gradient = features.T @ (weights * (p - labels)) + 1e-6 * theta
        curvature = (features * (weights * p * (1 - p))[:, None]).T @ features + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        theta = theta - step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    return Platt(float(theta[0]), float(theta[1]))


def reliability(logits: Array, labels: Array, weights: Array | None = None, bins: int = 10) -> list[Bin]:
    """Predicted probability against observed share in ``bins`` bins of equal width; empty bins are left out."""
    probability = 1 / (1 + np.exp(-logits.astype(float)))
    weights = np.ones(len(logits)) if weights is None else weights
    curve = []
    for number in range(bins):
        low, high = number / bins, (number + 1) / bins
        inside = (probability >= low) & ((probability < high) | (number == bins - 1))
        if inside.any():
            w = weights[inside] / weights[inside].sum()
            predicted, observed = float(w @ probability[inside]), float(w @ labels[inside])
            curve.append(Bin(low, high, predicted, observed, int(inside.sum())))
    return curve


def calibration_error(curve: list[Bin]) -> float:
    """Mean distance of predicted and observed, weighted by the number of pairs (ECE)."""
    return sum(b.pairs * abs(b.predicted - b.observed) for b in curve) / max(1, sum(b.pairs for b in curve))
