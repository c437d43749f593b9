"""Gradients of the logit with respect to the input embeddings, and the two attributions made from them.

Sundararajan, Taly & Yan, "Axiomatic Attribution for Deep Networks" (ICML 2017). Their eq. 1, for one dimension i:
IG_i(x) = (x_i - x'_i) * integral over a in [0, 1] of dF(x' + a (x - x')) / dx_i. Their proposition 1 (completeness):
the IG_i sum to F(x) - F(x'). The integral is taken by Gauss-Legendre quadrature with ``steps`` points.

Gradient x input: x_i * dF(x) / dx_i (Shrikumar et al., "Not Just a Black Box", 2016, section 2).

Embeddings are put in by a hook on the model's embedding layer, so positions and segments are the model's own. The hook
lives within one piece of work: between two pieces the model may be scoring somebody else's pair.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from components.attention.pair import PairAttention, Part
from components.attention.words import merge_pieces
from components.attribution.batches import encoded, inner_model
from components.attribution.records import Attribution, Baseline, Knobs, Method, words_of
from components.errors import ModelProblem
from components.scoring.batching import TokenBudget
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Progress

if TYPE_CHECKING:
    import numpy as np
    import torch

GAP_WARNING = 0.05
INTEGRATED, TIMES_INPUT = "integrated gradients", "gradient x input"


def integrated_gradients(
    scorer: CrossEncoderScorer, pair: PairAttention, baseline: Baseline, steps: int, progress: Progress
) -> Generator[None, None, Attribution]:
    """Integrated gradients of the logit from a baseline that keeps special tokens, in pieces."""
    import numpy as np

    progress.total, progress.done, progress.unit = steps, 0, "steps"
    features = encoded(scorer, pair.query, pair.document)
    token = _baseline_token(scorer, baseline)
    start, end = _ends(scorer, pair, features["input_ids"], token)
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    places, shares = (nodes + 1) / 2, weights / 2  # from [-1, 1] to [0, 1]
    budget = TokenBudget()
    summed = np.zeros(tuple(end.shape), dtype=np.float64)
    done = 0
    while done < steps:
        rows = max(1, budget() // (3 * len(pair.pieces)))  # a pass back costs about two passes forward
        batch = places[done : done + rows]
        started = time.perf_counter()
        _, gradients = gradients_at(scorer, features, _between(start, end, batch))
        budget.learn(3 * len(batch) * len(pair.pieces), time.perf_counter() - started)
        summed += np.tensordot(shares[done : done + rows], gradients, 1)
        done += len(batch)
        progress.done = done
        yield
    scores, _ = gradients_at(scorer, features, _between(start, end, np.array([0.0, 1.0])))
    by_piece = (summed * (end - start).double().cpu().numpy()).sum(-1)  # (place,)
    return _merged(INTEGRATED, scorer, pair, by_piece, scores[1], token, scores[0], steps)


def gradient_x_input(
    scorer: CrossEncoderScorer, pair: PairAttention, progress: Progress
) -> Generator[None, None, Attribution]:
    """Gradient x input of the logit: one pass forward and back."""
    progress.total, progress.done, progress.unit = 1, 0, "passes"
    features = encoded(scorer, pair.query, pair.document)
    own = _embed(scorer, features["input_ids"])[0]
    scores, gradients = gradients_at(scorer, features, own[None])
    by_piece = (gradients[0] * own.double().cpu().numpy()).sum(-1)
    progress.done = 1
    yield
    return _merged(TIMES_INPUT, scorer, pair, by_piece, scores[0])


def gradients_at(
    scorer: CrossEncoderScorer, features: dict[str, torch.Tensor], embeddings: torch.Tensor
) -> tuple[list[float], np.ndarray]:
    """Logits and their gradients at input embeddings (row, place, dimension) -> float64 of the same shape.

    ``features`` are those of one pair; parameters get no gradient, and the hook is gone when this returns or raises.
    """
    import torch

    inner = inner_model(scorer)
    rows = {name: value.expand(len(embeddings), *value.shape[1:]) for name, value in features.items()}
    with torch.enable_grad(), embeddings_put_in(inner, embeddings) as put_in:
        logits = inner(**rows).logits.reshape(len(embeddings), -1)[:, scorer.info.output or 0]
        (gradient,) = torch.autograd.grad(logits.sum(), put_in)
    return [float(value) for value in logits.detach().float()], gradient.detach().double().cpu().numpy()


@contextmanager
def embeddings_put_in(inner: Any, embeddings: torch.Tensor) -> Iterator[torch.Tensor]:
    """Passes made inside see ``embeddings`` in the place of their tokens' own; yields the tensor gradients are of."""
    leaf = embeddings.detach().clone().requires_grad_(True)
    handle = inner.get_input_embeddings().register_forward_hook(lambda *_: leaf)
    try:
        yield leaf
    finally:
        handle.remove()


def _embed(scorer: CrossEncoderScorer, ids: torch.Tensor) -> torch.Tensor:
    """Embeddings of token ids (row, place) -> (row, place, dimension), detached."""
    import torch

    with torch.no_grad():
        return inner_model(scorer).get_input_embeddings()(ids).detach()


def _ends(
    scorer: CrossEncoderScorer, pair: PairAttention, ids: torch.Tensor, token: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Embeddings of the baseline and of the pair, each (place, dimension)."""
    import torch

    empty = scorer.model.tokenizer.convert_tokens_to_ids(token)
    special = torch.tensor([piece.part is Part.SPECIAL for piece in pair.pieces], device=ids.device)
    baseline = torch.where(special[None], ids, torch.full_like(ids, empty))
    return _embed(scorer, baseline)[0], _embed(scorer, ids)[0]


def _between(start: torch.Tensor, end: torch.Tensor, places: np.ndarray) -> torch.Tensor:
    """Points of the straight line from start to end: (point, place, dimension)."""
    import torch

    at = torch.tensor(places, dtype=start.dtype, device=start.device)[:, None, None]
    return start + at * (end - start)


def _baseline_token(scorer: CrossEncoderScorer, baseline: Baseline) -> str:
    tokenizer = scorer.model.tokenizer
    token = tokenizer.pad_token if baseline is Baseline.PAD else tokenizer.mask_token
    if not token:
        raise ModelProblem(f"{scorer.info.name} knows no {baseline} token to start from: choose another baseline.")
    return str(token)


def _merged(
    method: str,
    scorer: CrossEncoderScorer,
    pair: PairAttention,
    by_piece: np.ndarray,
    score: float,
    baseline: str = "",
    baseline_score: float | None = None,
    steps: int | None = None,
) -> Attribution:
    """Pieces to words: a word's attribution is the sum of its pieces'."""
    words = words_of(merge_pieces(pair))
    values = tuple(float(by_piece[list(word.pieces)].sum()) for word in words)
    special = float(by_piece[pair.places(Part.SPECIAL)].sum())
    return Attribution(method, scorer.info, words, values, score, special, None, baseline, baseline_score, steps)


def _find_integrated(
    scorer: CrossEncoderScorer, pair: PairAttention, knobs: Knobs, progress: Progress
) -> Generator[None, None, Attribution]:
    return (yield from integrated_gradients(scorer, pair, knobs.baseline, knobs.steps, progress))


def _how_integrated(one: Attribution) -> str:
    assert one.gap is not None
    return (
        f"integrated gradients of the logit from the embedding of {one.baseline} at every word (special tokens kept, "
        f"logit there {one.baseline_score:.2f}), {one.steps} steps of Gauss-Legendre quadrature; completeness gap "
        f"{one.gap:.1%}"
    )


def _find_times_input(
    scorer: CrossEncoderScorer, pair: PairAttention, knobs: Knobs, progress: Progress
) -> Generator[None, None, Attribution]:
    return (yield from gradient_x_input(scorer, pair, progress))


def _how_times_input(one: Attribution) -> str:
    return f"gradient x input on the token embeddings; special tokens hold {one.special:+.2f}".replace("-", "−")


INTEGRATED_GRADIENTS = Method(INTEGRATED, _find_integrated, _how_integrated, knobs=("baseline", "steps"))
GRADIENT_X_INPUT = Method(TIMES_INPUT, _find_times_input, _how_times_input)
