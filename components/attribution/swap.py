"""One head's attention is replaced by another one, and the pair is scored again.

Uniform weights are Wiegreffe & Pinter's baseline (2019, section 4.1; there trained, here put into a finished model);
other weights that yield an equivalent prediction are Jain & Wallace's question (2019, section 4.2). What a head hands
on is weights times values, so new weights need no change of the model: its output at this layer is put in their place.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from components.attention.norms import attention_modules, recording
from components.attention.pair import PairAttention
from components.attribution.batches import encoded, inner_model
from components.errors import ModelProblem
from components.scoring.batching import TokenBudget
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Progress

if TYPE_CHECKING:
    import numpy as np
    import torch

Swap: TypeAlias = "tuple[int, int, np.ndarray]"  # layer, head, weights (dest, src) with rows that sum to 1


def uniform(places: int) -> np.ndarray:
    """Every place takes the same from every place: float32 (place, place)."""
    import numpy as np  # not at a page's start

    return np.full((places, places), 1 / places, dtype=np.float32)


def fitted(weights: np.ndarray, places: int) -> np.ndarray:
    """Weights of another text (dest, src) for a text of ``places``: cut, rows brought to 1; what lacks is uniform."""
    import numpy as np  # not at a page's start

    made = uniform(places)
    shared = min(places, len(weights))
    rows = weights[:shared, :shared]
    totals = rows.sum(1, keepdims=True)
    made[:shared] = 0
    made[:shared, :shared] = np.divide(rows, totals, out=np.full_like(rows, 1 / shared), where=totals > 0)
    return made


def scores_with(
    scorer: CrossEncoderScorer, pair: PairAttention, swaps: Sequence[Swap], progress: Progress
) -> Generator[None, None, tuple[float, tuple[float, ...]]]:
    """The pair's logit, and its logit with each of the swaps made alone, in pieces."""
    import torch

    features = encoded(scorer, pair.query, pair.document)
    inner, output = inner_model(scorer), scorer.info.output or 0
    with torch.inference_mode(), recording(inner, pair.n_heads) as record:
        base = float(inner(**features).logits.float().reshape(-1)[output])
    if len(record.values) != pair.n_layers or record.values[0].shape[1] != len(pair.pieces):
        raise ModelProblem(f"{pair.scorer.name} is built in a way that does not let a head's attention be replaced.")
    yield
    budget = TokenBudget()
    made: list[float] = []
    while len(made) < len(swaps):
        batch = swaps[len(made) : len(made) + max(1, budget() // len(pair.pieces))]
        started = time.perf_counter()
        with torch.inference_mode():
            handed_on = [
                (layer, head, torch.from_numpy(weights).to(record.values[layer]) @ record.values[layer][head])
                for layer, head, weights in batch
            ]
            made += _run(inner, features, handed_on, pair.n_layers, pair.n_heads, output)
        budget.learn(len(batch) * len(pair.pieces), time.perf_counter() - started)
        progress.done += len(batch)
        yield
    return base, tuple(made)


def _run(
    inner: Any,
    features: dict[str, torch.Tensor],
    handed_on: list[tuple[int, int, torch.Tensor]],
    layers: int,
    heads: int,
    output: int,
) -> list[float]:
    """One logit a row; in row r one head of one layer hands on the given vectors (place, width of a head)."""
    rows = {name: value.expand(len(handed_on), *value.shape[1:]) for name, value in features.items()}
    with _replaced(inner, handed_on, heads) as calls:
        logits = inner(**rows).logits.float().reshape(len(handed_on), -1)[:, output]
    if len(calls) != layers:
        raise ModelProblem("This model is built in a way that does not let a head's attention be replaced.")
    return [float(value) for value in logits]


@contextmanager
def _replaced(inner: Any, handed_on: list[tuple[int, int, torch.Tensor]], heads: int) -> Iterator[list[int]]:
    """Put the vectors in the place of what the heads hand on; no hook stays behind. Layers by the order of calls."""
    calls: list[int] = []

    def hook(_layer: Any, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        layer = len(calls)
        calls.append(layer)
        context = inputs[0].clone()  # (row, place, head * head width)
        by_head = context.view(*context.shape[:2], heads, -1)
        for row, (at, head, vectors) in enumerate(handed_on):
            if at == layer:
                by_head[row, :, head] = vectors.to(context.dtype)
        return (context, *inputs[1:])

    handles = []
    try:
        for _, _, output in attention_modules(inner):
            handles.append(output.register_forward_pre_hook(hook))
        yield calls
    finally:
        for handle in handles:
            handle.remove()
