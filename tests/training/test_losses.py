"""Losses against values worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from components.training.losses import (
    contrastive,
    distillation,
    either_of,
    generalised_binary,
    masked_cross_entropy,
    temperature_for_entropy,
)

ALL = torch.ones((1, 2), dtype=torch.bool)


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def test_contrastive_of_equal_logits_is_log_of_group_size() -> None:
    mask = torch.tensor([[True, True, True, False]])
    logits = torch.tensor([[1.0, 1.0, 1.0, 99.0]])
    assert contrastive(logits, mask).item() == pytest.approx(math.log(3))


def test_contrastive_by_hand() -> None:
    # -log(e^2 / (e^2 + e^1)) = log(1 + e^-1)
    assert contrastive(torch.tensor([[2.0, 1.0]]), ALL).item() == pytest.approx(math.log(1 + math.exp(-1)))


def test_groups_without_negatives_do_not_count() -> None:
    logits = torch.tensor([[2.0, 1.0], [5.0, 7.0]], requires_grad=True)
    mask = torch.tensor([[True, True], [True, False]])
    assert contrastive(logits, mask).item() == pytest.approx(math.log(1 + math.exp(-1)))
    nothing = contrastive(logits, torch.tensor([[True, False], [True, False]]))
    nothing.backward()
    assert nothing.item() == 0.0


def test_generalised_binary_by_hand() -> None:
    # (0.25 softplus(-2) + softplus(-1)) / 2 for logits 2 (answer) and -1 (other)
    expected = (0.25 * softplus(-2.0) + softplus(-1.0)) / 2
    assert generalised_binary(torch.tensor([[2.0, -1.0]]), ALL, 0.75).item() == pytest.approx(expected)


def test_temperature_gives_the_wanted_entropy() -> None:
    scores = torch.tensor([[3.0, 1.0, -1.0, -2.0], [30.0, 10.0, -10.0, 0.0]])
    mask = torch.tensor([[True] * 4, [True, True, True, False]])
    temperature = temperature_for_entropy(scores, mask, share=0.5)
    for row, size in ((0, 4), (1, 3)):
        p = (scores[row, :size] / temperature[row]).softmax(0)
        assert -(p * p.log()).sum().item() == pytest.approx(0.5 * math.log(size), abs=1e-3)


def test_distillation_is_zero_for_the_teachers_own_distribution_and_grows_otherwise() -> None:
    teacher, mask = torch.tensor([[2.0, 0.0, -1.0]]), torch.ones((1, 3), dtype=torch.bool)
    student = teacher / temperature_for_entropy(teacher, mask)
    assert distillation(student, teacher, mask).item() == pytest.approx(0.0, abs=1e-6)
    assert distillation(-student, teacher, mask).item() > 0.5


def test_distillation_ignores_places_the_teacher_did_not_score() -> None:
    teacher, mask = torch.tensor([[2.0, 0.0, float("nan")]]), torch.tensor([[True, True, False]])
    one = distillation(torch.tensor([[1.0, 0.5, 9.0]]), teacher.nan_to_num(), mask)
    other = distillation(torch.tensor([[1.0, 0.5, -9.0]]), teacher.nan_to_num(), mask)
    assert one.item() == pytest.approx(other.item())


def test_masked_cross_entropy_by_hand() -> None:
    # the third class is not allowed: -log(e^1 / (e^1 + e^0)) whatever its logit
    logits = torch.tensor([[1.0, 0.0, 50.0]])
    allowed = torch.tensor([[True, True, False]])
    value = masked_cross_entropy(logits, torch.tensor([0]), allowed, smoothing=0.0)
    assert value.item() == pytest.approx(math.log(1 + math.exp(-1)))


def test_smoothing_is_spread_over_allowed_classes() -> None:
    logits, allowed = torch.tensor([[1.0, 0.0, 50.0]]), torch.tensor([[True, True, False]])
    right, wrong = math.log(1 + math.exp(-1)), math.log(1 + math.exp(1))
    expected = 0.9 * right + 0.1 * (right + wrong) / 2
    assert masked_cross_entropy(logits, torch.tensor([0]), allowed, 0.1).item() == pytest.approx(expected)


def test_either_of_by_hand() -> None:
    # three equal logits, two of them allowed: -log(2/3)
    allowed = torch.tensor([[False, True, True]])
    assert either_of(torch.zeros((1, 3)), allowed).item() == pytest.approx(-math.log(2 / 3))
