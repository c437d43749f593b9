"""Which head mattered: each head's output is set to zero in turn, and the pair is scored again.

Michel, Levy & Neubig, "Are Sixteen Heads Really Better than One?" (NeurIPS 2019), section 3.1, with the change of this
pair's score in the place of a test set's. The head is cut before the output projection, whose bias stays.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from components.attention.norms import attention_modules
from components.attention.pair import PairAttention
from components.attribution.batches import encoded, inner_model
from components.attribution.records import HeadEffect
from components.errors import ModelProblem
from components.scoring.batching import TokenBudget
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Progress

if TYPE_CHECKING:
    import torch


def rank_heads(
    scorer: CrossEncoderScorer, pair: PairAttention, progress: Progress
) -> Generator[None, None, tuple[HeadEffect, ...]]:
    """The effect of every head on this score, the largest first, in pieces."""
    layers, heads = pair.n_layers, pair.n_heads
    every = [(layer, head) for layer in range(layers) for head in range(heads)]
    progress.total, progress.done, progress.unit = len(every), 0, "heads"
    features = encoded(scorer, pair.query, pair.document)
    budget = TokenBudget()
    (base,) = scores_without(scorer, features, [None], layers, heads)
    effects: list[HeadEffect] = []
    while len(effects) < len(every):
        rows = max(1, budget() // len(pair.pieces))
        batch = every[len(effects) : len(effects) + rows]
        started = time.perf_counter()
        scores = scores_without(scorer, features, batch, layers, heads)
        budget.learn(len(batch) * len(pair.pieces), time.perf_counter() - started)
        effects += [HeadEffect(*place, score - base) for place, score in zip(batch, scores, strict=True)]
        progress.done = len(effects)
        yield
    return tuple(sorted(effects, key=lambda effect: -abs(effect.change)))


def scores_without(
    scorer: CrossEncoderScorer,
    features: dict[str, torch.Tensor],
    without: list[tuple[int, int]] | list[None],
    layers: int,
    heads: int,
) -> list[float]:
    """One logit a row, each with the (layer, head) of its row at zero; None: with all heads."""
    import torch

    inner = inner_model(scorer)
    rows = {name: value.expand(len(without), *value.shape[1:]) for name, value in features.items()}
    keep = torch.ones(layers, len(without), heads, device=scorer.model.device)
    for row, place in enumerate(without):
        if place is not None:
            keep[place[0], row, place[1]] = 0
    with torch.inference_mode(), heads_kept(inner, keep) as calls:
        logits = inner(**rows).logits.reshape(len(without), -1)[:, scorer.info.output or 0]
    if len(calls) != layers:
        raise ModelProblem(
            f"{scorer.info.name} is built in a way that does not let its heads be switched off one by one."
        )
    return [float(value) for value in logits.float()]


@contextmanager
def heads_kept(inner: Any, keep: torch.Tensor) -> Iterator[list[int]]:
    """Multiply the heads' outputs of passes made inside by ``keep`` (layer, row, head); no hook stays behind.

    Layers are told by the order of their calls, so a layer that is used several times counts each time.
    """
    calls: list[int] = []

    def hook(_layer: Any, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        layer = len(calls)
        calls.append(layer)
        if layer >= len(keep):
            return inputs
        context = inputs[0]  # (row, place, head * head width)
        by_head = context.reshape(*context.shape[:2], keep.shape[-1], -1)
        made = by_head * keep[layer][:, None, :, None].to(context.dtype)
        return (made.reshape(context.shape), *inputs[1:])

    handles = []
    try:
        for _, _, output in attention_modules(inner):
            handles.append(output.register_forward_pre_hook(hook))
        yield calls
    finally:
        for handle in handles:
            handle.remove()
