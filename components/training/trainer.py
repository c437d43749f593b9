"""The trainer: steps, schedule, averaging, checkpoints. It knows no data set, no screen and no loss.

A task gives it batches by step number and a loss; :meth:`Trainer.run` goes on from the last checkpoint with the same
weights as an uninterrupted run, because a batch depends on (seed, step) only and dropout is off.
"""

from __future__ import annotations

import copy
import os
import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn


class Task(Protocol):
    """What is trained: the loss of step ``step`` on ``model`` (a scalar with gradient)."""

    def loss(self, model: nn.Module, step: int, part: int, parts: int) -> Tensor:
        """Forward pass and loss of one step, on part ``part`` of ``parts`` equal parts of its batch."""
        ...


@dataclass(frozen=True)
class TrainingConfig:
    """One stage of training."""

    steps: int
    rate: float  # peak learning rate
    warmup: float = 0.04  # share of the steps
    final: float = 0.0  # rate at the last step, as a share of the peak
    decay: float = 0.01  # weight decay (matrices only)
    clip: float = 1.0  # largest gradient norm
    ema: float = 0.999  # decay of the averaged weights; 0 switches averaging off
    seed: int = 13
    save_seconds: float = 180.0  # between checkpoints
    check_every: int = 400  # steps between calls of the callback
    workers: int = 1  # threads that each take a part of the batch; on a busy CPU better than threads inside operations
    half: bool = True  # run a bfloat16 copy of the weights; optimizer, averages and checkpoints stay float32


Callback = Callable[[int, nn.Module, float], None]
"""Called with (step, averaged model, mean loss since the last call)."""


def fix_seeds(seed: int) -> None:
    """Seed python, numpy and torch."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def pick_device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def learning_rate(step: int, config: TrainingConfig) -> float:
    """Linear warm-up to the peak, then linear decay to ``final`` times the peak."""
    warm = max(1, round(config.warmup * config.steps))
    if step < warm:
        return config.rate * (step + 1) / warm
    left = (config.steps - step) / max(1, config.steps - warm)
    return config.rate * (config.final + (1.0 - config.final) * left)


def half_copy(model: nn.Module) -> nn.Module:
    """A bfloat16 copy of a classifier: half as long a step as autocast, which casts all weights at every pass.

    The last layer stays float32, or logits would be rounded to 8 bits and rankings full of ties.
    """
    network = copy.deepcopy(model).to(torch.bfloat16)
    head = getattr(network, "classifier", None)
    if isinstance(head, nn.Module):
        head.float().register_forward_pre_hook(lambda _, given: (given[0].float(), *given[1:]))
    return network


class Trainer:
    """Runs one stage on one model, resumably."""

    def __init__(self, model: nn.Module, task: Task, config: TrainingConfig, checkpoint: Path | None = None) -> None:
        self.model, self.task, self.config, self.checkpoint = model, task, config, checkpoint
        self.step = 0
        self.pool = ThreadPoolExecutor(config.workers)
        self.trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
        matrices = [p for p in self.trained.values() if p.ndim > 1]
        vectors = [p for p in self.trained.values() if p.ndim <= 1]
        groups = [{"params": matrices, "weight_decay": config.decay}, {"params": vectors, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=config.rate, fused=True)
        self.average = {name: p.detach().clone() for name, p in self.trained.items()}
        self.network = half_copy(model) if config.half else model
        if config.half and next(model.parameters()).is_cuda:  # a step three to four times as fast
            forward: Any = torch.compile(self.network.forward, dynamic=True)
            self.network.forward = forward
        running = dict(self.network.named_parameters())
        self.running = [running[name] for name in self.trained]
        if checkpoint and checkpoint.exists():
            self._load(checkpoint)

    def run(self, callback: Callback | None = None, until: int | None = None) -> nn.Module:
        """Train to the last step (or ``until``) and return the model with the averaged weights in it."""
        fix_seeds(self.config.seed)
        self.network.train()
        losses: list[float] = []
        saved = time.monotonic()
        last = min(until or self.config.steps, self.config.steps)
        while self.step < last:
            losses.append(self._one_step())
            if self.checkpoint and time.monotonic() - saved > self.config.save_seconds:
                self._save(self.checkpoint)
                saved = time.monotonic()
            if callback and (self.step % self.config.check_every == 0 or self.step == self.config.steps):
                with self.averaged() as model:
                    callback(self.step, model, sum(losses) / len(losses))
                losses = []
        if self.checkpoint:
            self._save(self.checkpoint)
        if self.step == self.config.steps:
            for name, p in self.trained.items():
                p.data.copy_(self.average[name])
        return self.model

    def averaged(self) -> _Swapped:
        """Context that gives the network that runs, with the averaged weights in it and in evaluation mode."""
        return _Swapped(self)

    def _one_step(self) -> float:
        rate = learning_rate(self.step, self.config)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss = self._gradients()
        nn.utils.clip_grad_norm_(self.trained.values(), self.config.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.network is not self.model:
            self._run_with(self.trained)
        self.step += 1
        self._update_average()
        return loss

    def _gradients(self) -> float:
        """Put the gradient of the step's mean loss in place; returns the loss."""
        workers = self.config.workers

        def one(part: int) -> tuple[float, tuple[Tensor, ...]]:
            loss = self.task.loss(self.network, self.step, part, workers) / workers
            return float(loss.detach()), torch.autograd.grad(loss, self.running)

        found = [one(0)] if workers == 1 else list(self.pool.map(one, range(workers)))
        for number, parameter in enumerate(self.trained.values()):
            parameter.grad = found[0][1][number].to(parameter.dtype)
            for _, gradients in found[1:]:
                parameter.grad += gradients[number]
        return sum(loss for loss, _ in found)

    @torch.no_grad()
    def _update_average(self) -> None:
        # Early on a long memory would hold the starting weights: (1 + n) / (10 + n) grows to the full decay.
        decay = min(self.config.ema, (1 + self.step) / (10 + self.step)) if self.config.ema else 0.0
        now = [p.detach() for p in self.trained.values()]
        torch._foreach_lerp_(list(self.average.values()), now, 1.0 - decay)

    @torch.no_grad()
    def _run_with(self, weights: Mapping[str, Tensor]) -> None:
        """Put weights into the network that runs."""
        for parameter, name in zip(self.running, self.trained, strict=True):
            parameter.copy_(weights[name])

    def _save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        state: dict[str, Any] = {
            "step": self.step,
            "model": self.model.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
        }
        torch.save(state, path.with_suffix(".tmp"))
        os.replace(path.with_suffix(".tmp"), path)

    def _load(self, path: Path) -> None:
        device = next(self.model.parameters()).device
        state = torch.load(path, map_location=device, weights_only=True)
        self.model.load_state_dict(state["model"])
        if self.network is not self.model:
            self._run_with(self.trained)
        self.optimizer.load_state_dict(state["optimizer"])
        self.average = state["average"]
        self.step = int(state["step"])


class _Swapped:
    """Puts the averaged weights into the network that runs, and the trained ones back."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer

    def __enter__(self) -> nn.Module:
        self.kept = {name: p.detach().clone() for name, p in self.trainer.trained.items()}
        self.trainer._run_with(self.trainer.average)
        return self.trainer.network.eval()

    def __exit__(self, *_: object) -> None:
        self.trainer._run_with(self.kept)
        self.trainer.network.train()
