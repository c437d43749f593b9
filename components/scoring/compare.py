"""Several scorers judge the same documents for the same query: the work behind the Compare page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from components.records import Column, Comparison, Document, Kind
from components.scoring.scheduler import Progress
from components.scoring.scorer import Scorer, Stores, pair_key
from components.scoring.store import SeenBefore
from components.texts.language import language_note


def compare(
    query: str,
    documents: tuple[Document, ...],
    scorers: Sequence[Scorer],
    stores: Stores,
    seen: SeenBefore,
    deliver: Callable[[Comparison], None],
) -> Callable[[Progress], Iterator[None]]:
    """The work of a job: every scorer's column in turn, then ``deliver`` with the comparison.

    A document counts as kept when this visitor (``seen``) has been shown its pair by every model in use; the count of
    what was really computed is in the columns.
    """

    def work(progress: Progress) -> Iterator[None]:
        started = time.perf_counter()
        texts = [document.text for document in documents]
        progress.total = len(texts) * len(scorers)
        columns: list[Column] = []
        for scorer in scorers:
            columns.append((yield from scorer.score(query, texts, stores, progress)))
        seconds = time.perf_counter() - started
        note = language_note(query, texts)
        yield
        kept = _count_kept(query, texts, scorers, seen)
        deliver(
            Comparison(
                query,
                documents,
                tuple(columns),
                scored=len(texts) - kept,
                kept=kept,
                seconds=seconds,
                notes=tuple(words for words in (*(column.note for column in columns), note) if words),
            )
        )

    return work


def score_all(
    query: str,
    documents: tuple[Document, ...],
    scorers: Sequence[Scorer],
    stores: Stores,
    deliver: Callable[[tuple[Column, ...]], None],
) -> Callable[[Progress], Iterator[None]]:
    """The work of a job that only wants the columns: nothing counts as shown to the visitor."""

    def work(progress: Progress) -> Iterator[None]:
        texts = [document.text for document in documents]
        progress.total = len(texts) * len(scorers)
        columns: list[Column] = []
        for scorer in scorers:
            columns.append((yield from scorer.score(query, texts, stores, progress)))
        deliver(tuple(columns))

    return work


def _count_kept(query: str, texts: list[str], scorers: Sequence[Scorer], seen: SeenBefore) -> int:
    """How many documents this visitor had been shown with this query and these models; all are marked as shown now."""
    models = [scorer.info for scorer in scorers if scorer.info.kind is not Kind.BM25]
    keys = [[pair_key(info, query, text) for info in models] for text in texts]
    kept = sum(bool(of_text) and all(key in seen for key in of_text) for of_text in keys)
    for of_text in keys:
        for key in of_text:
            seen.add(key)
    return kept
