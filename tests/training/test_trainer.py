"""The trainer: an interrupted run ends with the same weights, the schedule, the averaging."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from components.training.entailment import Pair
from components.training.nli import PairTask
from components.training.nli_corpus import pair_table
from components.training.relevance import GroupTask, Weights
from components.training.sampling import Batch
from components.training.texts import tokenise
from components.training.trainer import Trainer, TrainingConfig, half_copy, learning_rate

NAN = float("nan")
CONFIG = TrainingConfig(steps=6, rate=1e-3, check_every=2, save_seconds=0.0)


class ToySampler:
    """Groups of three numbered passages; the teacher prefers the first."""

    def draw(self, rng, groups):  # type: ignore[no-untyped-def]
        asked = rng.integers(100, size=groups)
        passages = np.stack([asked, 100 + asked % 2, 101 - asked % 2], 1)
        teacher = np.tile(np.array([1.0, 0.0, NAN], np.float32), (groups, 1))
        return Batch(asked, passages, teacher, np.ones((groups, 3), bool))


def task(tokenizer: object, device: str = "cpu") -> GroupTask:
    answers = [f"answer {n}" for n in range(100)]
    texts = SimpleNamespace(
        queries=tokenise(tokenizer, [f"question {n}" for n in range(100)], 8),
        passages=tokenise(tokenizer, [*answers, "other words", "more"], 8),
    )
    return GroupTask(ToySampler(), texts, torch.device(device), Weights(0.5, 0.5, 0.1), (7,), groups=4)  # type: ignore[arg-type]


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


def test_the_network_that_runs_is_the_trained_weights_in_bfloat16(tiny_model: nn.Module, tokenizer: object) -> None:
    trainer = Trainer(tiny_model, task(tokenizer), CONFIG)
    trainer.run(until=3)
    for running, trained in zip(trainer.running, trainer.trained.values(), strict=True):
        assert trained.dtype == torch.float32
        assert torch.equal(running, trained.to(running.dtype))
    assert {p.dtype for p in trainer.running} == {torch.bfloat16, torch.float32}  # the last layer is kept in full


def test_half_the_arithmetic_gives_nearly_the_same_weights(tiny_model: nn.Module, tokenizer: object) -> None:
    whole = Trainer(copy.deepcopy(tiny_model), task(tokenizer), replace(CONFIG, half=False)).run()
    half = Trainer(copy.deepcopy(tiny_model), task(tokenizer), CONFIG).run()
    moved = [(a - b).norm() for a, b in zip(whole.parameters(), tiny_model.parameters(), strict=True)]
    apart = [(a - b).norm() for a, b in zip(whole.parameters(), half.parameters(), strict=True)]
    assert sum(apart) < 0.5 * sum(moved)


class TinyNetwork(nn.Module):
    """Logits from mean word vectors; transformers' own networks read a mask back and so cannot run on "meta"."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.words, self.classifier = nn.Embedding(30522, 8), nn.Linear(8, labels)

    def forward(self, input_ids: torch.Tensor, token_type_ids: torch.Tensor, attention_mask: torch.Tensor) -> object:
        counted = (attention_mask * (1 + token_type_ids)).unsqueeze(-1).to(self.words.weight.dtype)
        return SimpleNamespace(logits=self.classifier((self.words(input_ids) * counted).mean(1)))


@pytest.mark.parametrize("kind", ["relevance", "entailment"])
def test_a_step_keeps_to_its_device(kind: str, tokenizer: object) -> None:
    """A rehearsal for CUDA: on the meta device a tensor left on the CPU, or a value read back, raises."""
    meta = torch.device("meta")
    if kind == "relevance":
        steps: GroupTask | PairTask = task(tokenizer, "meta")
    else:
        table = pair_table(tokenizer, {"a": [Pair("x", "y", "entailment", "a"), Pair("x", "z", "not_entailment", "a")]})
        steps = PairTask(table, {"a": 1.0}, meta, (1,), rows=8, teacher=np.zeros((2, 3), np.float16))
    network = half_copy(TinyNetwork(1 if kind == "relevance" else 3)).to(meta)
    loss = steps.loss(network, 0)
    assert loss.device.type == "meta"
    assert all(g.device.type == "meta" for g in torch.autograd.grad(loss, list(network.parameters())))
