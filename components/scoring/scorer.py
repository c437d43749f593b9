"""What every scorer can do, whatever is inside: a column is any of them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from components.records import Column, PairClasses, PairScore, ScorerInfo
from components.scoring.scheduler import Progress
from components.scoring.store import SCORE_BYTES, BoundedStore, digest

if TYPE_CHECKING:
    import numpy as np

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Vector:
    """A bi-encoder's embedding of one text, float32 (dimension,), with the text's tokens: read and in all.

    ``cut`` is the character where the model stopped reading, None where it read all.
    """

    values: np.ndarray
    tokens_read: int
    tokens_total: int
    cut: int | None = None

    @property
    def n_bytes(self) -> int:
        return int(self.values.nbytes) + SCORE_BYTES


class Stores:
    """The memory all scorers share."""

    def __init__(self, score_bytes: int = 32 * MEBIBYTE, vector_bytes: int = 96 * MEBIBYTE) -> None:
        self.scores: BoundedStore[PairScore] = BoundedStore(score_bytes)
        self.vectors: BoundedStore[Vector] = BoundedStore(vector_bytes)
        self.classes: BoundedStore[PairClasses] = BoundedStore(score_bytes // 2)

    def known_scores(
        self, keys: Sequence[bytes], documents: Sequence[str], progress: Progress
    ) -> tuple[dict[bytes, PairScore | None], list[tuple[bytes, str]]]:
        """The score of each key, None where it is missing, and the missing ones with their documents, each once; all
        others count as done."""
        known = {key: self.scores.get(key) for key in keys}
        missing = {key: text for key, text in zip(keys, documents, strict=True) if known[key] is None}
        progress.done += len(documents) - len(missing)
        return known, list(missing.items())

    def known_vectors(self, keys: Sequence[bytes], progress: Progress) -> tuple[list[Vector | None], list[int]]:
        """The vector of each key, None where it is missing, and the places of the missing ones; all others count as
        done."""
        found = [self.vectors.get(key) for key in keys]
        missing = [index for index, vector in enumerate(found) if vector is None]
        progress.done += len(keys) - len(missing)
        return found, missing


class Scorer(Protocol):
    """Anything that can judge documents for a query."""

    @property
    def info(self) -> ScorerInfo:
        """What the scores are and what makes them."""

    def warm_up(self) -> None:
        """Run the model once on whatever text, so that the first visitor does not pay for the first pass."""

    def score(
        self, query: str, documents: Sequence[str], stores: Stores, progress: Progress
    ) -> Generator[None, None, Column]:
        """Score every document in pieces (one a ``next``) and return the column, in the order of ``documents``."""


def token_spans(tokenizer: Any, texts: list[str]) -> list[list[tuple[int, int]]]:
    """A tokenizer's own spans of characters, one list a text. Fast tokenizers only, which is all there are by now."""
    if not texts:
        return []
    made = tokenizer(texts, add_special_tokens=False, verbose=False, return_offsets_mapping=True)
    return [[(int(start), int(end)) for start, end in spans] for spans in made["offset_mapping"]]


def pair_key(info: ScorerInfo, query: str, document: str) -> bytes:
    """The store's key for one pair: everything that could change the score is in it."""
    return digest(*_identity(info), "pair", query, document)


def text_key(info: ScorerInfo, role: str, text: str) -> bytes:
    """The store's key for one embedded text; ``role`` is "query" or "document", since prompts differ."""
    return digest(*_identity(info), role, text)


def _identity(info: ScorerInfo) -> tuple[str, ...]:
    prompts = "\x00".join(f"{role}={prompt}" for role, prompt in info.prompts)
    numbers = (str(info.max_tokens), str(info.output))
    makers = (info.device, info.dtype, info.service)
    return (info.key, info.fingerprint, *makers, *numbers, prompts, info.kind, info.pooling)
