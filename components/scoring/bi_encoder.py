"""Bi-encoder scores: query and document are embedded each alone, the score compares the two vectors.

A document's vector does not depend on the query, so it is kept and used again for the next one.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Protocol

from components.records import Column, PairScore, ScorerInfo
from components.scoring.batching import TokenBudget, cut_batches
from components.scoring.passes import TRIAL_TEXTS, Passes
from components.scoring.precision import fast_form
from components.scoring.scheduler import Progress
from components.scoring.scorer import Scorer, Stores, Vector, text_key, token_spans
from components.scoring.tokens import Tokeniser, Tokens

if TYPE_CHECKING:
    import numpy as np
    from sentence_transformers import SentenceTransformer


class Embeds(Protocol):
    """What makes vectors of texts: the model in this process, or a service."""

    @property
    def info(self) -> ScorerInfo:
        """What the vectors are and what makes them."""

    def embed(
        self, role: str, texts: list[str], stores: Stores, progress: Progress
    ) -> Generator[None, None, tuple[list[Vector], int]]:
        """The vectors of texts and how many of them were made now, in pieces; ``role`` is "query" or "document"."""


class BiEncoderScorer:
    """Scores pairs with a sentence-transformers ``SentenceTransformer``, prompts and similarity as its authors set."""

    def __init__(self, model: SentenceTransformer, info: ScorerInfo) -> None:
        self.model = model
        self._info = info
        self.budget = TokenBudget()
        self.fast = fast_form(self)
        self.served: Scorer | None = None  # its form in a scoring service, where there is one
        self._tokenisers: dict[str, Tokeniser] = {}
        self._passes = Passes(model, "sentence_embedding", self._tokeniser("document"), TRIAL_TEXTS)

    @property
    def info(self) -> ScorerInfo:
        return self._info

    def warm_up(self) -> None:
        """See ``Scorer.warm_up``."""
        self.forward("document", ["the first long pass is slow " * (self._info.max_tokens or 100)])

    def score(
        self, query: str, documents: Sequence[str], stores: Stores, progress: Progress
    ) -> Generator[None, None, Column]:
        """See ``Scorer.score``. Equal to ``similarity(encode_query(...), encode_document(...))`` up to rounding."""
        return (yield from similarity_column(self, query, documents, stores, progress))

    def embed(
        self, role: str, texts: list[str], stores: Stores, progress: Progress
    ) -> Generator[None, None, tuple[list[Vector], int]]:
        """See ``Embeds.embed``."""
        keys = [text_key(self._info, role, text) for text in texts]
        found, missing = stores.known_vectors(keys, progress)
        tokens = yield from self._tokeniser(role).pieces([texts[index] for index in missing])
        for batch in cut_batches(tokens.lengths, self.budget):
            started = time.perf_counter()
            rows = self.run(tokens.take(batch))
            self.budget.learn(len(batch) * tokens.lengths[batch[0]], time.perf_counter() - started)
            for i, row in zip(batch, rows, strict=True):
                index, count = missing[i], tokens.counts[i]
                found[index] = vector = Vector(row, count.read, count.total, count.cut)
                stores.vectors.put(keys[index], vector, vector.n_bytes)
            progress.done += len(batch)
            yield
        return [vector for vector in found if vector is not None], len(missing)

    def forward(self, role: str, texts: list[str]) -> np.ndarray:
        """Embeddings of texts in one padded batch, float32 (texts, dimension)."""
        return self.run(self.tokenise(role, texts))

    def tokenise(self, role: str, texts: Sequence[str]) -> Tokens:
        """The tokens of texts, the role's prompt before each, for ``run``; see ``CrossEncoderScorer.tokenise``."""
        return self._tokeniser(role)(texts)

    def tokens_in_pieces(self, role: str, texts: Sequence[str]) -> Generator[None, None, Tokens]:
        """The same, a short piece at a time however much text there is."""
        return (yield from self._tokeniser(role).pieces(texts))

    def run(self, tokens: Tokens) -> np.ndarray:
        """The embeddings of one batch of texts, float32 (texts, dimension), by a forward pass or parts side by side."""
        return self._passes(tokens)

    def _tokeniser(self, role: str) -> Tokeniser:
        if role not in self._tokenisers:
            self._tokenisers[role] = Tokeniser(self.model, self._info.max_tokens, self.prompt(role))
        return self._tokenisers[role]

    def prompt(self, role: str) -> str:
        """What this model's authors put before a text of this role; empty for most."""
        return dict(self._info.prompts).get(role, "")

    def token_spans(self, texts: list[str]) -> list[list[tuple[int, int]]]:
        """The tokens of each text as spans of characters, in order; special tokens and prompt left out."""
        return token_spans(self.model.tokenizer, texts)


def similarity_column(
    scorer: Embeds, query: str, documents: Sequence[str], stores: Stores, progress: Progress
) -> Generator[None, None, Column]:
    """The column of whatever embeds: query and distinct documents in pieces, then their similarities."""
    import numpy as np

    info, before = scorer.info, progress.done
    distinct = list(dict.fromkeys(documents))
    query_vectors, query_new = yield from scorer.embed("query", [query], stores, progress)
    progress.done = before  # it is documents that are counted
    vectors, new = yield from scorer.embed("document", distinct, stores, progress)
    progress.done += len(documents) - len(distinct)
    matrix = np.stack([vector.values for vector in vectors])  # (distinct documents, dimension)
    similarities = compare(info.unit, query_vectors[0].values, matrix)
    by_text = {
        text: PairScore(float(value), vector.tokens_read, vector.tokens_total, vector.cut)
        for text, vector, value in zip(distinct, vectors, similarities, strict=True)
    }
    return Column(
        info,
        tuple(by_text[text] for text in documents),
        computed=new,
        texts_embedded=new + query_new,
        vectors_kept=len(distinct) - new,
    )


def compare(unit: str, query: np.ndarray, documents: np.ndarray) -> np.ndarray:
    """Similarity of one query vector (dimension,) with document vectors (documents, dimension) -> (documents,).

    ``unit`` is sentence-transformers' ``similarity_fn_name``: cosine, dot, euclidean or manhattan (the last two
    negated, so that more is nearer). A zero vector has cosine 0 with everything.
    """
    import numpy as np

    if unit == "dot":
        return documents @ query
    if unit == "euclidean":
        return -np.linalg.norm(documents - query, axis=1)
    if unit == "manhattan":
        return -np.abs(documents - query).sum(axis=1)
    if unit != "cosine":
        raise ValueError(f"unknown similarity {unit!r}: cosine, dot, euclidean or manhattan")
    norms = np.linalg.norm(documents, axis=1) * np.linalg.norm(query)
    return np.divide(documents @ query, norms, out=np.zeros(len(documents), dtype=documents.dtype), where=norms > 0)
