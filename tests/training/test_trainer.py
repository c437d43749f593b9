"""The trainer: an interrupted run ends with the same weights, the schedule, the averaging."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from components.training.relevance import GroupTask, Weights, arrange
from components.training.sampling import Group, MixedSampler
from components.training.trainer import Trainer, TrainingConfig, learning_rate

NAN = float("nan")
CONFIG = TrainingConfig(steps=6, rate=1e-3, check_every=2, save_seconds=0.0)


class ToySampler:
    """Groups of three numbered passages; the teacher prefers the first."""

    def draw(self, rng):  # type: ignore[no-untyped-def]
        number = int(rng.integers(100))
        return Group(f"question {number}", (f"answer {number}", "other words", "more"), (1.0, 0.0, NAN), (True,) * 3)


def task(tokenizer: object) -> GroupTask:
    return GroupTask(ToySampler(), tokenizer, Weights(0.5, 0.5, 0.1), (7,), groups=2, chunk=4)


def same(one: nn.Module, other: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def test_an_interrupted_run_ends_with_identical_weights(
    tmp_path: Path, tiny_model: nn.Module, tokenizer: object
) -> None:
    whole = Trainer(copy.deepcopy(tiny_model), task(tokenizer), CONFIG).run()
    checkpoint = tmp_path / "run.pt"
    Trainer(copy.deepcopy(tiny_model), task(tokenizer), CONFIG, checkpoint).run(until=3)
    resumed = Trainer(copy.deepcopy(tiny_model), task(tokenizer), CONFIG, checkpoint)
    assert resumed.step == 3
    assert same(resumed.run(), whole)
    assert not same(whole, tiny_model)


def test_two_workers_resume_to_identical_weights_as_well(
    tmp_path: Path, tiny_model: nn.Module, tokenizer: object
) -> None:
    config = replace(CONFIG, workers=2)
    whole = Trainer(copy.deepcopy(tiny_model), task(tokenizer), config).run()
    checkpoint = tmp_path / "run.pt"
    Trainer(copy.deepcopy(tiny_model), task(tokenizer), config, checkpoint).run(until=4)
    assert same(Trainer(copy.deepcopy(tiny_model), task(tokenizer), config, checkpoint).run(), whole)


def test_the_callback_hears_of_progress_and_sees_averaged_weights(tiny_model: nn.Module, tokenizer: object) -> None:
    heard = []
    trainer = Trainer(tiny_model, task(tokenizer), CONFIG)
    trainer.run(lambda step, model, loss: heard.append((step, model.training, loss > 0)))
    assert heard == [(2, False, True), (4, False, True), (6, False, True)]
    assert tiny_model.training


def test_loss_falls(tiny_model: nn.Module, tokenizer: object) -> None:
    losses: list[float] = []
    config = TrainingConfig(steps=40, rate=1e-2, check_every=10)
    Trainer(tiny_model, task(tokenizer), config).run(lambda step, model, loss: losses.append(loss))
    assert losses[-1] < 0.7 * losses[0]


def test_learning_rate_warms_up_and_decays() -> None:
    config = TrainingConfig(steps=100, rate=1.0, warmup=0.1, final=0.2)
    assert learning_rate(0, config) == pytest.approx(0.1)
    assert learning_rate(9, config) == pytest.approx(1.0)
    assert learning_rate(55, config) == pytest.approx(0.2 + 0.8 * 0.5)
    assert learning_rate(100, config) == pytest.approx(0.2)


def test_arrange_pads_groups_of_different_size() -> None:
    batch = [Group("a", ("1", "2"), (1.0, NAN), (True, False)), Group("b", ("3",), (0.5,), (True,))]
    logits, teacher, trusted = arrange(torch.tensor([10.0, 11.0, 12.0]), batch)
    assert logits[0].tolist() == [10.0, 11.0]
    assert logits[1, 0].item() == 12.0
    assert teacher.isnan().tolist() == [[False, True], [False, True]]
    assert trusted.tolist() == [[True, False], [True, False]]


def test_mixed_sampler_depends_on_its_random_numbers_only() -> None:
    import numpy as np

    mixed = MixedSampler([(0.5, ToySampler()), (0.5, ToySampler())])  # type: ignore[list-item]
    assert mixed.draw(np.random.default_rng(3)) == mixed.draw(np.random.default_rng(3))
