"""What a race runs over: the documents themselves, other numbers and lengths of them, and the batches they go in."""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.scoring.batching import PIECE_S
from components.scoring.bi_encoder import BiEncoderScorer
from components.timing import stages
from components.timing.made_up import made_up_words
from components.timing.records import Asked, Leg, Part, Source, Way, Work
from components.timing.stages import Plan, Runner, Stopwatch

if TYPE_CHECKING:
    import numpy as np

SIZES_UP_TO = 32  # fewer documents than this are repeated, so that the line is not drawn through a handful
SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)  # of the largest number of documents
LENGTHS = (16, 64, 192)  # tokens
LENGTH_DOCUMENTS = 2
PROBE_LENGTH = 64  # a leg with the same documents in every race: its wall over processor time tells a busy machine
BATCHES = (64, 125, 250, 500, 1_000)  # padded tokens a batch may have: the largest that takes less than PIECE_S
BATCHES_GPU = (*BATCHES, 2_000, 4_000)


@dataclass(frozen=True)
class Track:
    """A leg with its texts in batches, for each model; ``vectors`` are the documents' embeddings (documents, dim).

    There are none for legs of other lengths: no index is searched there.
    """

    leg: Leg
    documents: Plan
    pairs: Plan
    vectors: np.ndarray | None

    @property
    def ways(self) -> tuple[Way, ...]:
        """Which ways are timed: reasons need neither the query alone nor, for lengths, an index."""
        if self.leg.part is Part.RACE:
            return tuple(Way)
        both = (Way.CROSS, Way.NOTHING)
        return (*both, Way.DOCUMENTS) if self.leg.part is Part.SIZE else both

    @property
    def is_warmed(self) -> bool:
        """Whether the warm-up runs over it. Long legs of other sizes are left out: their shapes are the race's."""
        return self.leg.part is not Part.SIZE or self.leg.documents <= SIZES_UP_TO


Laid = tuple[Plan, list[Track]]


def choose_batch(scorer: BiEncoderScorer, cross: Runner) -> Generator[None, None, int]:
    """The largest batch (padded tokens) whose pass fits into a piece; it stays the same for the whole race."""
    chosen = BATCHES[0]
    for tokens in BATCHES if cross.device == "cpu" else BATCHES_GPU:
        rows = max(1, tokens // PROBE_LENGTH)
        pairs = [("", text) for text in made_up(scorer, rows, min(tokens, PROBE_LENGTH) - 3)]
        took = []
        for _ in range(2):  # the first of a shape may be slow
            watch = Stopwatch()
            with watch.piece():
                cross.run(cross.features(pairs))
            took.append(watch.total)
            yield
        if min(took) > PIECE_S:
            break
        chosen = tokens
    return chosen


def made_up(scorer: BiEncoderScorer, count: int, length: int, seed: int = 0) -> list[str]:
    """Made-up documents of exactly ``length`` tokens, special tokens not counted."""
    texts = made_up_words(count, length, seed)  # a token is never more than a word: there is enough to cut from
    return [text[: spans[length - 1][1]] for text, spans in zip(texts, scorer.token_spans(texts), strict=True)]


def lay(
    asked: Asked,
    query: str,
    texts: Sequence[str],
    scorer: BiEncoderScorer,
    models: tuple[Runner, Runner],
    batch_tokens: int,
) -> Generator[None, None, Laid]:
    """The query's plan and all tracks, the race's first and those of other lengths last. ``models``: bi, cross."""
    if asked.source is Source.MADE_UP:
        texts = made_up(scorer, asked.count, asked.length)
    query_plan = stages.plan([query], models[0].lengths([query]), batch_tokens)
    wanted = [(Part.RACE, list(texts)), *((Part.SIZE, some) for some in _of_other_sizes(texts))]
    wanted += [(Part.LENGTH, made_up(scorer, LENGTH_DOCUMENTS, length, seed=length)) for length in LENGTHS]
    lengths = yield from _count([text for _, some in wanted for text in some], query, models)
    own = stages.plan(list(dict.fromkeys(texts)), [lengths[text][0] for text in dict.fromkeys(texts)], batch_tokens)
    vectors = yield from stages.embed_all(models[0], own)
    laid: list[Track] = []
    for part, some in wanted:
        documents = stages.plan(some, [lengths[text][0] for text in some], batch_tokens)
        pairs = stages.plan([(query, text) for text in some], [lengths[text][1] for text in some], batch_tokens)
        leg = Leg(len(laid), part, len(some), _works(query_plan, documents, pairs, models))
        laid.append(Track(leg, documents, pairs, _stacked(vectors, some)))
    return query_plan, laid


def probe(laid: Sequence[Track]) -> Track:
    """The track whose documents are the same in every race (the query is the race's own)."""
    return laid[len(laid) - len(LENGTHS) + LENGTHS.index(PROBE_LENGTH)]


def _of_other_sizes(texts: Sequence[str]) -> list[list[str]]:
    """Fewer of the documents, and more by repeating them where they are few: a repeated one is computed again."""
    pool = list(texts)
    random.Random(1).shuffle(pool)  # not the first ones: they may be the short ones
    most = max(len(texts), SIZES_UP_TO)
    pool *= -(-most // len(texts))
    return [pool[:size] for size in sorted({max(1, round(most * share)) for share in SHARES} - {len(texts)})]


def _count(
    texts: Sequence[str], query: str, models: tuple[Runner, Runner]
) -> Generator[None, None, dict[str, tuple[int, int]]]:
    """Tokens of each text, alone for the bi-encoder and with the query for the cross-encoder."""
    bi, cross = models
    distinct = list(dict.fromkeys(texts))
    lengths: dict[str, tuple[int, int]] = {}
    for start in range(0, len(distinct), 16):
        some = distinct[start : start + 16]
        of_pairs = cross.lengths([(query, text) for text in some])
        lengths |= dict(zip(some, zip(bi.lengths(some), of_pairs, strict=True), strict=True))
        yield
    return lengths


def _works(query: Plan, documents: Plan, pairs: Plan, models: tuple[Runner, Runner]) -> tuple[tuple[Way, Work], ...]:
    bi, cross = models
    of_query = query.work(bi.shape())
    return (
        (Way.CROSS, pairs.work(cross.shape())),
        (Way.NOTHING, stages.together(of_query, documents.work(bi.shape()))),
        (Way.DOCUMENTS, of_query),
        (Way.QUERY, of_query),
    )


def _stacked(vectors: dict[stages.Text, np.ndarray], texts: Sequence[str]) -> np.ndarray | None:
    """The vectors of texts as (documents, dimension); None for made-up ones, which no index is searched for."""
    import numpy as np

    return np.stack([vectors[text] for text in texts]) if all(text in vectors for text in texts) else None
