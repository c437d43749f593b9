"""One forward pass of one pair, with every head's attention: what all the token views are computed from.

The model is the one that scores; it is left exactly as it was. Runs on the worker like any other forward pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from components.attention.norms import fits, recording, value_norms
from components.attention.pair import PairAttention, Part, Piece
from components.errors import ModelProblem
from components.records import ScorerInfo

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder

ROW_SUM_TOLERANCE = 1e-3
NO_NORMS = (
    "How much each token hands on cannot be read from this model's build, so the shares are raw attention weights, not "
    "norm-weighted ones."
)


def extract(model: CrossEncoder, info: ScorerInfo, query: str, document: str) -> PairAttention:
    """Run the pair through the model and keep weights and norms.

    Raises ``ModelProblem`` with a sentence where the model does not give its attention, or its tokenizer does not tell
    which characters a token stands for.
    """
    import torch

    inner = _inner(model, info)
    features = model.preprocess([(query, document)])
    tensors = {name: value.to(model.device) for name, value in features.items() if isinstance(value, torch.Tensor)}
    pieces, lost = _pieces(model, info, query, document, tensors["input_ids"][0].tolist())
    heads = int(inner.config.num_attention_heads)
    inner.eval()
    with torch.inference_mode(), eager_attention(inner), recording(inner, heads) as record:
        output = inner(**tensors, output_attentions=True)
    weights = _checked(output.attentions, info, len(pieces))
    with torch.inference_mode():
        norms = value_norms(record).cpu().numpy() if fits(record, weights) else None
    return PairAttention(
        info,
        query,
        document,
        pieces,
        weights.cpu().numpy(),
        norms,
        logit=float(output.logits.float().reshape(-1)[info.output or 0]),
        query_lost=lost[0],
        document_lost=lost[1],
        note="" if norms is not None else NO_NORMS,
    )


@contextmanager
def eager_attention(inner: Any) -> Iterator[None]:
    """The plain implementation of attention, the only one that returns weights; the former one is put back after."""
    before = getattr(inner.config, "_attn_implementation", None)
    if before in (None, "eager"):
        yield
        return
    inner.set_attn_implementation("eager")
    try:
        yield
    finally:
        inner.set_attn_implementation(before)


def _inner(model: CrossEncoder, info: ScorerInfo) -> Any:
    """The transformers model inside a sentence-transformers cross-encoder."""
    inner = getattr(model, "model", None)
    if inner is None or not hasattr(inner, "config") or not hasattr(inner.config, "num_attention_heads"):
        raise ModelProblem(f"{info.name} is built in a way that does not tell its attention: choose another model.")
    return inner


def _checked(attentions: Any, info: ScorerInfo, places: int) -> torch.Tensor:
    """Attention as one float32 tensor (layer, head, dest, src), held against what attention must be."""
    import torch

    layers = [layer for layer in attentions or () if layer is not None]
    if not layers or any(layer.dim() != 4 or layer.shape[-2:] != (places, places) for layer in layers):
        raise ModelProblem(f"{info.name} does not give its attention weights, so there is no map of them.")
    weights = torch.stack([layer[0].float() for layer in layers])
    if (weights.sum(-1) - 1).abs().max() > ROW_SUM_TOLERANCE or weights.min() < 0:
        raise ModelProblem(f"{info.name} changes its attention after weighing, so shares of attention are not defined.")
    return weights


def _pieces(
    model: CrossEncoder, info: ScorerInfo, query: str, document: str, ids: list[int]
) -> tuple[tuple[Piece, ...], tuple[int, int]]:
    """The tokens with the characters they stand for, and how many of query and document were left out."""
    tokenizer = model.tokenizer
    if not getattr(tokenizer, "is_fast", False):
        raise ModelProblem(f"The tokenizer of {info.name} does not tell which characters a token stands for.")
    found = tokenizer(
        query,
        document,
        truncation="longest_first",
        max_length=info.max_tokens,
        return_offsets_mapping=True,
        verbose=False,
    )
    if found["input_ids"] != ids:
        raise ModelProblem(f"{info.name} changes the text before reading it, so its tokens cannot be placed in it.")
    names = tokenizer.convert_ids_to_tokens(ids)
    pieces = []
    for name, sequence, (start, end) in zip(names, found.sequence_ids(0), found["offset_mapping"], strict=True):
        if sequence is None:
            pieces.append(Piece(str(name), Part.SPECIAL))
            continue
        text = (query, document)[sequence]
        start, end = _without_blanks(text, start, end)
        pieces.append(Piece(text[start:end] or str(name), (Part.QUERY, Part.DOCUMENT)[sequence], start, end))
    counts = [sum(sequence == wanted for sequence in found.sequence_ids(0)) for wanted in (0, 1)]
    totals = [len(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]) for text in (query, document)]
    return tuple(pieces), (max(0, totals[0] - counts[0]), max(0, totals[1] - counts[1]))


def _without_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the blanks at its ends: some tokenizers count the blank before a word to it."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
