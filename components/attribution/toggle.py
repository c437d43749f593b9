"""The word toggle: a changed pair is scored by all models at once, then ranked among the other documents.

A changed pair is scored by the very scorers of Compare from the changed text, so a change equals a fresh paste.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from components.attention.words import cut_words
from components.attribution.strike import strike
from components.ranking.ranks import competition_ranks
from components.records import ScorerInfo
from components.scoring.scheduler import Progress
from components.scoring.scorer import Scorer, Stores


@dataclass(frozen=True)
class Change:
    """What was done to a pair: an edited text each (the original where nothing was edited) and struck words of it.

    ``query_struck`` and ``document_struck`` count the words of ``cut_words``.
    """

    query: str
    document: str
    query_struck: tuple[int, ...] = ()
    document_struck: tuple[int, ...] = ()

    @property
    def texts(self) -> tuple[str, str]:
        """Query and document as the models read them."""
        return _without(self.query, self.query_struck), _without(self.document, self.document_struck)


@dataclass(frozen=True)
class ModelEffect:
    """One model before and after: scores in its own unit, ranks among the documents once these are known."""

    scorer: ScorerInfo
    before: float
    after: float
    rank_before: int | None = None
    rank_after: int | None = None
    documents: int = 0


def rescore(
    original: tuple[str, Sequence[str], int],
    change: Change,
    scorers: Sequence[Scorer],
    stores: Stores,
    deliver: Callable[[tuple[ModelEffect, ...]], None],
) -> Callable[[Progress], Iterator[None]]:
    """The work of a job: this pair first, delivered at once; then the ranking, delivered again.

    ``original``: the query, all documents, and the place (from 0) of the document that is looked at.
    """
    query, documents, place = original
    new_query, new_document = change.texts

    def work(progress: Progress) -> Iterator[None]:
        progress.total = len(scorers) * (2 + 2 * len(documents))
        effects = []
        for scorer in scorers:
            after = yield from scorer.score(new_query, [new_document], stores, progress)
            before = yield from scorer.score(query, [documents[place]], stores, progress)
            effects.append(ModelEffect(scorer.info, before.values[0], after.values[0]))
        deliver(tuple(effects))
        others = [*documents[:place], new_document, *documents[place + 1 :]]
        for index, scorer in enumerate(scorers):
            was = yield from scorer.score(query, documents, stores, progress)
            now = yield from scorer.score(new_query, others, stores, progress)
            effects[index] = replace(
                effects[index],
                rank_before=competition_ranks(was.values)[place],
                rank_after=competition_ranks(now.values)[place],
                documents=len(documents),
            )
        deliver(tuple(effects))

    return work


def _without(text: str, struck: Sequence[int]) -> str:
    words = cut_words(text)
    return strike(text, [words[index] for index in struck if 0 <= index < len(words)]) if struck else text
