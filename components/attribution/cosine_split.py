"""What a bi-encoder's cosine is made of: exact contributions of query token times document token.

With mean pooling q = (1/n) sum q_i and d = (1/m) sum d_j, so
cos(q, d) = sum over i, j of q_i . d_j / (n m |q| |d|): the terms are the contributions, and they add up to the cosine.
Beside it late interaction as contrast (Khattab & Zaharia, "ColBERT", SIGIR 2020, eq. 3): each query token's best
document token by the cosine of the two token vectors. The model was not trained for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.attention.pair import Part, Piece
from components.attention.words import merge_text
from components.errors import ModelProblem
from components.records import ScorerInfo
from components.scoring.bi_encoder import BiEncoderScorer

if TYPE_CHECKING:
    import numpy as np

TOLERANCE = 1e-5


@dataclass(frozen=True)
class Unit:
    """A word of a text, a special token or the model's prompt: its characters and its places in the sequence."""

    text: str
    part: Part
    start: int
    end: int
    pieces: tuple[int, ...]


@dataclass(frozen=True)
class BestMatch:
    """Late interaction: a query piece, its best document piece, and their cosine."""

    query: str
    document: str
    cosine: float


@dataclass(frozen=True, eq=False)
class CosineSplit:
    """``contributions``: float64 (query unit, document unit), which sum to ``cosine``, the model's own."""

    scorer: ScorerInfo
    query: tuple[Unit, ...]
    document: tuple[Unit, ...]
    contributions: np.ndarray
    cosine: float
    best: tuple[BestMatch, ...]


def split(scorer: BiEncoderScorer, query: str, document: str) -> CosineSplit:
    """One forward pass a text. ``ModelProblem`` says why a model's score cannot be split."""
    import numpy as np

    _check(scorer)
    query_units, query_pieces, q = _read(scorer, "query", query, Part.QUERY)
    document_units, document_pieces, d = _read(scorer, "document", document, Part.DOCUMENT)
    lengths = float(np.linalg.norm(q.mean(0)) * np.linalg.norm(d.mean(0)))
    by_piece = q @ d.T / (len(q) * len(d) * lengths)  # (query piece, document piece)
    by_word = _members(query_units, len(q)) @ by_piece @ _members(document_units, len(d)).T
    vectors = [
        scorer.forward(role, [text])[0].astype(np.float64) for role, text in (("query", query), ("document", document))
    ]
    cosine = float(vectors[0] @ vectors[1] / (np.linalg.norm(vectors[0]) * np.linalg.norm(vectors[1])))
    if abs(float(by_piece.sum()) - cosine) > TOLERANCE:
        raise ModelProblem(
            f"{scorer.info.name} does more than take the mean of its tokens, so its cosine has no exact split."
        )
    best = _late_interaction(q, d, query_pieces, document_pieces)
    return CosineSplit(scorer.info, query_units, document_units, by_word, cosine, best)


def _check(scorer: BiEncoderScorer) -> None:
    """Mean pooling and nothing after it but scaling to length 1, and a cosine as the score."""
    name = scorer.info.name
    if scorer.info.unit != "cosine":
        raise ModelProblem(f"{name} scores by {scorer.info.unit}, not by a cosine, so there is no cosine to split.")
    parts = [(type(part).__name__, part) for part in scorer.model]
    pooling = next((part for kind, part in parts if kind == "Pooling"), None)
    if getattr(pooling, "pooling_mode", None) != "mean" or not getattr(pooling, "include_prompt", True):
        raise ModelProblem(
            f"{name} does not take the mean of its tokens, so its cosine is no sum over pairs of tokens."
        )
    if [kind for kind, _ in parts if kind not in ("Transformer", "Pooling", "Normalize")]:
        raise ModelProblem(
            f"{name} changes the mean of its tokens by a further layer, so its cosine has no exact split."
        )


def _read(scorer: BiEncoderScorer, role: str, text: str, part: Part) -> tuple[tuple[Unit, ...], list[str], np.ndarray]:
    """A text's units, the names of its pieces and its token vectors, float64 (piece, dimension)."""
    import torch
    from sentence_transformers.util import batch_to_device

    model: Any = scorer.model
    prompt = scorer.prompt(role)
    model.eval()
    with torch.inference_mode():
        features = batch_to_device(model.preprocess([prompt + text]), model.device)
        ids = features["input_ids"][0].tolist()
        vectors = model(features)["token_embeddings"][0].double().cpu().numpy()
    found = model.tokenizer(
        prompt + text, truncation=True, max_length=scorer.info.max_tokens, return_offsets_mapping=True, verbose=False
    )
    if found["input_ids"] != ids:
        raise ModelProblem(
            f"{scorer.info.name} changes the text before reading it, so its tokens cannot be placed in it."
        )
    names = [str(name) for name in model.tokenizer.convert_ids_to_tokens(ids)]
    own = [
        place
        for place, (sequence, (start, _)) in enumerate(zip(found.sequence_ids(0), found["offset_mapping"], strict=True))
        if sequence is not None and start >= len(prompt)
    ]
    spans = [tuple(at - len(prompt) for at in found["offset_mapping"][place]) for place in own]
    pieces = [Piece(text[start:end], part, start, end) for start, end in spans]
    units = [
        Unit(text[start:end], part, start, end, tuple(own[member] for member in members))
        for start, end, members in merge_text(text, pieces)
    ]
    units += [Unit(names[place], Part.SPECIAL, 0, 0, (place,)) for place in range(len(ids)) if place not in set(own)]
    return tuple(sorted(units, key=lambda unit: unit.pieces[0])), names, vectors


def _members(units: tuple[Unit, ...], pieces: int) -> np.ndarray:
    """1 where a piece belongs to a unit: (unit, piece)."""
    import numpy as np

    members = np.zeros((len(units), pieces))
    for index, unit in enumerate(units):
        members[index, list(unit.pieces)] = 1
    return members


def _late_interaction(
    q: np.ndarray, d: np.ndarray, query_pieces: list[str], document_pieces: list[str]
) -> tuple[BestMatch, ...]:
    import numpy as np

    cosines = q @ d.T / np.outer(np.linalg.norm(q, axis=1), np.linalg.norm(d, axis=1))
    return tuple(
        BestMatch(name, document_pieces[int(row.argmax())], float(row.max()))
        for name, row in zip(query_pieces, cosines, strict=True)
    )
