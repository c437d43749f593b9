"""Any neural scorer, reading long documents chunk by chunk.

A chunk with the query is an ordinary pair: it is scored and kept like any other, so that after an edit only the chunks
that changed go through the model.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Protocol, cast

from components.records import Column, PairScore, ScorerInfo
from components.scoring.scheduler import Progress
from components.scoring.scorer import Scorer, Stores
from components.texts.chunks import CHUNK_TOKENS, SHARED_TOKENS, Pooling, Span, cut_chunks


class TokenReader(Scorer, Protocol):
    """A scorer that has a tokenizer."""

    def token_spans(self, texts: list[str]) -> list[list[Span]]:
        """The tokens of each text as spans of characters."""


class ChunkedScorer:
    """Scores each document by its chunks: the highest, the first or the mean of their scores.

    Documents of one chunk have the score they would have whole.
    """

    def __init__(self, inner: TokenReader, pooling: Pooling) -> None:
        if pooling is Pooling.WHOLE:
            raise ValueError("a whole document has no chunks: use the scorer itself")
        self._inner = inner
        self._pooling = pooling
        words = {Pooling.MAX: "highest", Pooling.FIRST: "first", Pooling.MEAN: "mean"}[pooling]
        rule = f"{words} of chunks of {CHUNK_TOKENS} tokens that share {SHARED_TOKENS}"
        self._info = replace(inner.info, pooling=rule)

    @property
    def info(self) -> ScorerInfo:
        return self._info

    def warm_up(self) -> None:
        """See ``Scorer.warm_up``."""
        self._inner.warm_up()

    def score(
        self, query: str, documents: Sequence[str], stores: Stores, progress: Progress
    ) -> Generator[None, None, Column]:
        """See ``Scorer.score``."""
        tokens = self._inner.token_spans(list(documents))
        cuts = [_whole_text(cut_chunks(spans), text) for spans, text in zip(tokens, documents, strict=True)]
        used = [cut[:1] if self._pooling is Pooling.FIRST else cut for cut in cuts]
        chunks = [text[start:end] for text, spans in zip(documents, used, strict=True) for start, end in spans]
        progress.total += len(chunks) - len(documents)
        inner = yield from self._inner.score(query, chunks, stores, progress)
        scores, place = [], 0
        for spans, all_spans, of_tokens in zip(used, cuts, tokens, strict=True):
            of_chunks = inner.scores[place : place + len(spans)]
            scores.append(self._pool(of_chunks, spans, len(all_spans), of_tokens))
            place += len(spans)
        return replace(inner, scorer=replace(inner.scorer, pooling=self._info.pooling), scores=tuple(scores))

    def _pool(self, scores: Sequence[PairScore], spans: list[Span], chunks: int, tokens: list[Span]) -> PairScore:
        values = [score.value for score in scores]
        best = max(range(len(values)), key=values.__getitem__)
        value = sum(values) / len(values) if self._pooling is Pooling.MEAN else values[best]
        if chunks == 1:
            return scores[0]
        end = spans[-1][1]
        read = sum(token_end <= end for _, token_end in tokens)
        cut = end if read < len(tokens) else None
        return PairScore(value, read, len(tokens), cut, spans[best], chunks)


def _whole_text(chunks: list[Span], text: str) -> list[Span]:
    """The chunks, the outer ones stretched to the ends of the text: a document of one chunk is itself."""
    starts = [0, *(start for start, _ in chunks[1:])]
    ends = [*(end for _, end in chunks[:-1]), len(text)]
    return list(zip(starts, ends, strict=True))


def with_chunks(scorer: Scorer, pooling: Pooling) -> Scorer:
    """The scorer reading by chunks, where that is wanted and it has a window: BM25 reads documents whole anyway."""
    if pooling is Pooling.WHOLE or scorer.info.max_tokens is None or not hasattr(scorer, "token_spans"):
        return scorer
    return ChunkedScorer(cast(TokenReader, scorer), pooling)
