"""The records that travel between rooms. Frozen: a result says what it means and nobody changes it on the way."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a scorer does with a query and a document."""

    BI_ENCODER = "bi-encoder"
    CROSS_ENCODER = "cross-encoder"
    BM25 = "BM25"
    LATE_INTERACTION = "late interaction"


@dataclass(frozen=True)
class Document:
    """One document as it is scored. ``number`` counts from 1 in the order of the input, ``id`` is a file's own."""

    number: int
    text: str
    id: str = ""


@dataclass(frozen=True)
class ScorerInfo:
    """What a column's numbers are and what made them."""

    key: str  # unique in the app, e.g. "cross-encoder:relevance"
    kind: Kind
    name: str  # as shown, e.g. "relevance"
    unit: str  # "cosine", "logit", "BM25", "MaxSim" ...: scores of different units are never compared as numbers
    max_tokens: int | None = None  # the model's window, special tokens included; None: no limit
    fingerprint: str = ""  # digest of the weights; empty where there are none
    device: str = "cpu"
    dtype: str = "float32"
    prompts: tuple[tuple[str, str], ...] = ()  # what the model's authors put before a query or a document
    output: int | None = None  # which of a classifying model's outputs the score is; None: its only one
    service: str = ""  # the service that runs the model ("the scoring service, Infinity's form"); "": this process
    pooling: str = ""  # how scores of chunks become a document's ("highest of chunks of 128 tokens ..."); "": no chunks

    @property
    def made_by(self) -> str:
        """What ran the model, for a caption: number type and device, or the service."""
        return f"scored by {self.service}" if self.service else f"{self.dtype} on {self.device}"


@dataclass(frozen=True)
class PairScore:
    """The score of one query-document pair.

    ``tokens_read`` of the document's ``tokens_total`` were seen by the model (special tokens not counted); ``cut`` is
    the character where it stopped reading, None where it read all. Scored by chunks, ``chunk`` is the span (characters)
    of the one of ``chunks`` that decided: the highest, or the first.
    """

    value: float
    tokens_read: int
    tokens_total: int
    cut: int | None = None
    chunk: tuple[int, int] | None = None
    chunks: int = 0

    @property
    def tokens_lost(self) -> int:
        return self.tokens_total - self.tokens_read


@dataclass(frozen=True)
class Column:
    """One scorer's judgment of all documents, in the order of the input."""

    scorer: ScorerInfo
    scores: tuple[PairScore, ...]
    computed: int = 0  # pairs (bi-encoders: documents) that were run through the model for this column
    texts_embedded: int = 0  # texts embedded anew (bi-encoders)
    vectors_kept: int = 0  # document vectors that could be used again (bi-encoders)
    note: str = ""  # a sentence for the visitor about how it was made, e.g. that a service failed

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(score.value for score in self.scores)


@dataclass(frozen=True)
class Reading:
    """How much of a text a model read: tokens read of those in all, and the character it stopped at (None: nowhere)."""

    tokens_read: int
    tokens_total: int
    cut: int | None = None

    @property
    def tokens_lost(self) -> int:
        return self.tokens_total - self.tokens_read


@dataclass(frozen=True)
class PairClasses:
    """What a classifying cross-encoder says of one pair of texts: raw logits, parallel to the model's ``labels``."""

    labels: tuple[str, ...]
    logits: tuple[float, ...]
    first: Reading
    second: Reading

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Softmax of the logits: they sum to 1 and are as calibrated as the model is."""
        highest = max(self.logits)
        powers = [math.exp(logit - highest) for logit in self.logits]
        return tuple(power / sum(powers) for power in powers)

    @property
    def top(self) -> int:
        """The place of the class with the highest logit, the first of several."""
        return self.logits.index(max(self.logits))

    @property
    def label(self) -> str:
        return self.labels[self.top]


@dataclass(frozen=True)
class Comparison:
    """A query and documents as judged by several scorers.

    ``scored`` documents were run by at least one model, ``kept`` ones were known from before. ``stored`` is the date of
    a result that was computed earlier and shipped; None for a live one.
    """

    query: str
    documents: tuple[Document, ...]
    columns: tuple[Column, ...]
    scored: int = 0
    kept: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    stored: str | None = None
