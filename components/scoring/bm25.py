"""BM25 over the documents at hand (library bm25s): the baseline that counts words and understands nothing.

A document's score depends on all the others (how rare a word is here), so nothing of it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence

from components.records import Column, Kind, PairScore, ScorerInfo
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores

_WORD = re.compile(r"(?u)\b\w+\b")  # as bm25s, but single characters count: "vitamin c", "5 g"


class BM25Scorer:
    """Scores with bm25s: Lucene's variant, k1 1.5, b 0.75, lower case, no stemming, no stop words."""

    def __init__(self) -> None:
        self._info = ScorerInfo("bm25", Kind.BM25, "BM25", "BM25")

    @property
    def info(self) -> ScorerInfo:
        return self._info

    def warm_up(self) -> None:
        """See ``Scorer.warm_up``: importing is what takes its time here."""
        _bm25s_scores([["warm", "up"], ["now"]], ["warm"])

    def score(
        self, query: str, documents: Sequence[str], stores: Stores, progress: Progress
    ) -> Generator[None, None, Column]:
        """See ``Scorer.score``."""
        words = [_WORD.findall(text.lower()) for text in documents]
        wanted = [word for word in _WORD.findall(query.lower()) if any(word in text for text in words)]
        values = _bm25s_scores(words, wanted) if wanted else [0.0] * len(documents)
        progress.done += len(documents)
        yield
        scores = tuple(PairScore(value, len(text), len(text)) for value, text in zip(values, words, strict=True))
        return Column(self._info, scores)


def _bm25s_scores(documents: list[list[str]], query: list[str]) -> list[float]:
    import bm25s

    index = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    index.index(documents, show_progress=False)
    return [float(value) for value in index.get_scores(query)]
