"""Losses over groups: one query, several passages, one logit a pair.

Shapes throughout: ``logits`` float (groups, size); masks bool (groups, size), False where a place is empty or must not
count. Every function returns a scalar tensor, the mean over the groups that have something to learn from.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

NEGATIVE = -1e4  # added to the logit of an empty place


def _mean(values: Tensor, counted: Tensor) -> Tensor:
    """Mean of ``values`` where ``counted``; 0 (with a gradient of 0) where nothing is."""
    weights = counted.to(values.dtype)
    return (values * weights).sum() / weights.sum().clamp(min=1.0)


def temperature_for_entropy(scores: Tensor, mask: Tensor, share: float = 0.5, steps: int = 24) -> Tensor:
    """The temperature (groups, 1) at which softmax(scores / t) has ``share`` of the largest possible entropy.

    Found by bisection on log t; entropy grows with t. Teacher scores have no fixed scale, so a fixed temperature would
    be nearly hard for one query and nearly flat for the next.
    """
    wanted = share * mask.sum(1, keepdim=True).clamp(min=2).to(scores.dtype).log()
    low = torch.full_like(wanted, math.log(1e-3))
    high = torch.full_like(wanted, math.log(1e2))
    for _ in range(steps):
        middle = (low + high) / 2
        logp = (scores / middle.exp()).masked_fill(~mask, NEGATIVE).log_softmax(1)
        entropy = -(logp.exp() * logp).masked_fill(~mask, 0.0).sum(1, keepdim=True)
        low, high = torch.where(entropy < wanted, middle, low), torch.where(entropy < wanted, high, middle)
    return ((low + high) / 2).exp()


def distillation(logits: Tensor, teacher: Tensor, mask: Tensor, share: float = 0.5) -> Tensor:
    """KL(teacher || student) over the passages of each group (Hinton et al. 2015, arXiv 1503.02531, eq. 1 and 2).

    The teacher's temperature is set group by group so that its entropy is ``share`` of log(group size).
    """
    safe = teacher.masked_fill(~mask, 0.0)
    scaled = safe / temperature_for_entropy(safe, mask, share)
    target = scaled.masked_fill(~mask, NEGATIVE).log_softmax(1)
    student = logits.masked_fill(~mask, NEGATIVE).log_softmax(1)
    kl = (target.exp() * (target - student)).masked_fill(~mask, 0.0).sum(1)
    return _mean(kl, mask.sum(1) > 1)


def contrastive(logits: Tensor, mask: Tensor) -> Tensor:
    """InfoNCE with the answer in place 0 (arXiv 1807.03748, eq. 4): -log softmax of place 0."""
    counted = mask[:, 0] & (mask.sum(1) > 1)
    loss = -logits.masked_fill(~mask, NEGATIVE).log_softmax(1)[:, 0]
    return _mean(loss, counted)


def generalised_binary(logits: Tensor, mask: Tensor, calibration: float = 0.75) -> Tensor:
    """gBCE (Petrov and Macdonald 2023, arXiv 2308.07192, eq. 9 and 10) with the answer in place 0.

    The positive term is weighted by beta = 1 - t (1 - alpha); the sampling rate alpha of negatives is taken as 0, as
    the pool is far larger than a group, so beta = 1 - ``calibration``.
    """
    counted = mask[:, 0] & (mask.sum(1) > 1)
    positive = (1.0 - calibration) * F.softplus(-logits[:, 0])
    negative = F.softplus(logits).masked_fill(~mask, 0.0)[:, 1:].sum(1)
    return _mean((positive + negative) / mask.sum(1).clamp(min=1), counted)


def masked_cross_entropy(logits: Tensor, labels: Tensor, allowed: Tensor, smoothing: float = 0.05) -> Tensor:
    """Cross-entropy over the classes that the row's data set knows; smoothing is spread over those classes only.

    logits: (rows, classes); labels: int64 (rows,); allowed: bool (rows, classes). A data set without a class would
    otherwise teach that its style excludes that class.
    """
    logp = logits.masked_fill(~allowed, NEGATIVE).log_softmax(1)
    right = -logp.gather(1, labels[:, None])[:, 0]
    spread = -logp.masked_fill(~allowed, 0.0).sum(1) / allowed.sum(1)
    return ((1.0 - smoothing) * right + smoothing * spread).mean()


def either_of(logits: Tensor, allowed: Tensor) -> Tensor:
    """-log of the probability that the class is one of ``allowed``: for rows labelled "not entailment".

    -[logsumexp(logits of allowed classes) - logsumexp(all logits)]; shapes as in :func:`masked_cross_entropy`.
    """
    inside = logits.masked_fill(~allowed, NEGATIVE).logsumexp(1)
    return (logits.logsumexp(1) - inside).mean()
