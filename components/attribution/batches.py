"""Many changed pairs through the cross-encoder, a piece at a time, so that others get their turn and Stop is heard."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from typing import Any

from components.scoring.batching import TokenBudget, cut_batches
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Progress


def score_pairs(
    scorer: CrossEncoderScorer, pairs: Sequence[tuple[str, str]], progress: Progress
) -> Generator[None, None, list[float]]:
    """The logits of (query, document) pairs, each really scored; equal pairs are scored once.

    Same texts, same model, same batch maker as a fresh score: nothing but the other rows of the batch differs.
    """
    distinct = list(dict.fromkeys(pairs))
    lengths = _lengths(scorer, distinct)
    budget = TokenBudget()
    known: dict[tuple[str, str], float] = {}
    progress.done += len(pairs) - len(distinct)
    for batch in cut_batches(lengths, budget):
        started = time.perf_counter()
        logits = scorer.forward([distinct[index] for index in batch])
        budget.learn(len(batch) * lengths[batch[0]], time.perf_counter() - started)
        known.update(zip((distinct[index] for index in batch), logits, strict=True))
        progress.done += len(batch)
        yield
    return [known[pair] for pair in pairs]


def encoded(scorer: CrossEncoderScorer, query: str, document: str) -> dict[str, Any]:
    """The tensors of one pair as the model gets them, each (1, place), on its device."""
    import torch

    features = scorer.model.preprocess([(query, document)])
    return {name: value.to(scorer.model.device) for name, value in features.items() if isinstance(value, torch.Tensor)}


def inner_model(scorer: CrossEncoderScorer) -> Any:
    """The transformers model inside, ready to score."""
    scorer.model.eval()
    return scorer.model.model


def _lengths(scorer: CrossEncoderScorer, pairs: list[tuple[str, str]]) -> list[int]:
    if not pairs:
        return []
    window = scorer.info.max_tokens or 10**9
    queries, documents = zip(*pairs, strict=True)
    found = scorer.model.tokenizer(list(queries), list(documents), verbose=False)["input_ids"]
    return [min(len(ids), window) for ids in found]
