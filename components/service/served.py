"""Scorers whose forward passes run in a service: the same model elsewhere, the tokenizer and everything else here.

Before its first scores count, a service is asked for known texts that the own model reads, too. That tells logits
from sigmoid values, and a service that runs another model. Attention, attribution and the word toggle need the model
itself: they stay with the own one.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from components.records import Column, PairScore
from components.scoring.bi_encoder import BiEncoderScorer, similarity_column
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.forward import Forwarded, driven
from components.scoring.precision import Precision, with_precision
from components.scoring.scheduler import Progress, awaited
from components.scoring.scorer import Scorer, Stores, Vector, pair_key, text_key
from components.scoring.store import SCORE_BYTES
from components.service import wire
from components.service.asking import question_batches, rows_of, under_way, usable
from components.service.base import Served
from components.service.client import Answered, ServiceClient
from components.service.scale import KNOWN_QUERY, KNOWN_TEXTS, Scale, logit_of, scale_of, scale_of_vectors
from components.service.wire import Form, WrongAnswer

if TYPE_CHECKING:
    import numpy as np

logger = logging.getLogger("relevance_lab")


class ServedCrossEncoder(Served[CrossEncoderScorer]):
    """Pairs scored by ``POST /rerank``; see ``Scorer``."""

    def forward_beside(
        self, pairs: list[tuple[str, str]], progress: Progress
    ) -> Generator[None, None, Forwarded[list[float]]]:
        """See ``forwarded``: the logits of pairs of one query, or the own model's with a sentence."""
        texts = [text for _, text in pairs]

        def served() -> Generator[None, None, Forwarded[list[float]]]:
            scale = yield from self._learn(progress)
            logits: list[float] = []
            seconds = yield from under_way(
                rows_of(len(texts)),
                lambda batch: self._ask(pairs[0][0], [texts[index] for index in batch]),
                lambda batch, answer: logits.extend(self._read(answer.content, len(batch), scale)),
                progress,
            )
            return Forwarded(logits, seconds)

        return (yield from self._forward_or_own(served(), lambda: self._own.forward(pairs)))

    def forward(self, pairs: list[tuple[str, str]]) -> list[float]:
        """See ``CrossEncoderScorer.forward``; it waits."""
        return driven(self.forward_beside(pairs, Progress())).values

    def _score(
        self, query: str, documents: Sequence[str], stores: Stores, progress: Progress
    ) -> Generator[None, None, Column]:
        keys = [pair_key(self._info, query, document) for document in documents]
        known, todo = stores.known_scores(keys, documents, progress)
        scale = (yield from self._learn(progress)) if todo else self._scale
        counts = (yield from self._own.tokens_in_pieces([(query, text) for _, text in todo])).counts

        def take(batch: list[int], answer: Answered) -> None:
            self._learn_speed(answer, [counts[index] for index in batch])
            for index, value in zip(batch, self._read(answer.content, len(batch), scale), strict=True):
                count = counts[index]
                known[todo[index][0]] = result = PairScore(value, count.read, count.total, count.cut)
                stores.scores.put(todo[index][0], result, SCORE_BYTES)
            progress.done += len(batch)

        def ask(batch: list[int]) -> Future[Answered]:
            return self._ask(query, [todo[index][1] for index in batch])

        batches = question_batches([count.sequence for count in counts], self._budget)
        yield from under_way(batches, ask, take, progress)
        scores = tuple(score for key in keys if (score := known[key]) is not None)
        return self._column(Column(self._info, scores, computed=len(todo)), scale)

    def _ask(self, query: str, documents: Sequence[str]) -> Future[Answered]:
        return self._client.ask(wire.rerank_question(self._form, self._model, query, documents))

    def _read(self, answer: Any, count: int, scale: Scale | None) -> list[float]:
        values = wire.read_scores(self._form, answer, count)
        if scale is not None and scale.is_sigmoid:
            if not all(0 <= value <= 1 for value in values):
                raise WrongAnswer("scores beyond 0 to 1 where sigmoid values were expected")
            return [logit_of(value) for value in values]
        return values

    def _learn(self, progress: Progress) -> Generator[None, None, Scale]:
        """Find out with known pairs what the service's scores are, once and again after it has failed."""
        if self._scale is not None:
            return self._scale
        answer = yield from awaited(self._ask(KNOWN_QUERY, KNOWN_TEXTS), progress)
        here = self._own.forward([(KNOWN_QUERY, text) for text in KNOWN_TEXTS])
        yield
        with usable():
            there = wire.read_scores(self._form, answer.content, len(KNOWN_TEXTS))
        scale = scale_of(there, here)
        if scale is None:
            raise self._another_model()
        logger.info("scoring service for %s: %s", self._info.key, scale)
        self._scale = scale
        return scale


class ServedBiEncoder(Served[BiEncoderScorer]):
    """Texts embedded by ``POST /embeddings``; what is compared, and how, is as in ``BiEncoderScorer``."""

    def __init__(self, own: BiEncoderScorer, client: ServiceClient, form: Form, model: str, falls_back: bool):
        super().__init__(own, client, form, model, falls_back)
        # As the model's own files have it: a service may leave the last step out
        self._normalises = any(type(part).__name__ == "Normalize" for part in own.model)

    def forward_beside(
        self, role: str, texts: list[str], progress: Progress
    ) -> Generator[None, None, Forwarded[np.ndarray]]:
        """See ``forwarded``: the vectors of texts, or the own model's with a sentence."""

        def served() -> Generator[None, None, Forwarded[np.ndarray]]:
            import numpy as np

            yield from self._learn(progress)
            rows: list[np.ndarray] = []
            seconds = yield from under_way(
                rows_of(len(texts)),
                lambda batch: self._ask(role, [texts[index] for index in batch]),
                lambda batch, answer: rows.extend(self._read(answer.content, len(batch))),
                progress,
            )
            return Forwarded(np.stack(rows), seconds)

        return (yield from self._forward_or_own(served(), lambda: self._own.forward(role, texts)))

    def forward(self, role: str, texts: list[str]) -> np.ndarray:
        """See ``BiEncoderScorer.forward``; it waits."""
        return driven(self.forward_beside(role, texts, Progress())).values

    def _score(
        self, query: str, documents: Sequence[str], stores: Stores, progress: Progress
    ) -> Generator[None, None, Column]:
        column = yield from similarity_column(self, query, documents, stores, progress)
        return self._column(column, self._scale)

    def embed(
        self, role: str, texts: list[str], stores: Stores, progress: Progress
    ) -> Generator[None, None, tuple[list[Vector], int]]:
        """See ``Embeds.embed``."""
        keys = [text_key(self._info, role, text) for text in texts]
        found, missing = stores.known_vectors(keys, progress)
        if missing:
            yield from self._learn(progress)
        counts = (yield from self._own.tokens_in_pieces(role, [texts[index] for index in missing])).counts

        def take(batch: list[int], answer: Answered) -> None:
            self._learn_speed(answer, [counts[i] for i in batch])
            for i, row in zip(batch, self._read(answer.content, len(batch)), strict=True):
                index, count = missing[i], counts[i]
                found[index] = vector = Vector(row, count.read, count.total, count.cut)
                stores.vectors.put(keys[index], vector, vector.n_bytes)
            progress.done += len(batch)

        def ask(batch: list[int]) -> Future[Answered]:
            return self._ask(role, [texts[missing[i]] for i in batch])

        batches = question_batches([count.sequence for count in counts], self._budget)
        yield from under_way(batches, ask, take, progress)
        return [vector for vector in found if vector is not None], len(missing)

    def _ask(self, role: str, texts: Sequence[str]) -> Future[Answered]:
        prompt = self._own.prompt(role)
        return self._client.ask(wire.embeddings_question(self._model, [prompt + text for text in texts]))

    def _read(self, answer: Any, count: int) -> np.ndarray:
        """Vectors of one answer, float32 (texts, dimension), of length 1 where the model's own are."""
        import numpy as np

        vectors = wire.read_vectors(answer, count)
        if not self._normalises:
            return vectors
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)

    def _learn(self, progress: Progress) -> Generator[None, None, None]:
        """See that it is the same model, with known texts; once, and again after it has failed."""
        if self._scale is not None:
            return
        answer = yield from awaited(self._ask("document", KNOWN_TEXTS), progress)
        here = self._own.forward("document", list(KNOWN_TEXTS))
        yield
        with usable():
            there = self._read(answer.content, len(KNOWN_TEXTS))
        self._scale = scale_of_vectors(there, here)
        if self._scale is None:
            raise self._another_model()
        logger.info("scoring service for %s: %s", self._info.key, self._scale)


def served_form(scorer: Scorer) -> ServedCrossEncoder | ServedBiEncoder | None:
    """The form of a scorer that a service serves, kept with it; None where it is scored here."""
    found = getattr(scorer, "served", None)
    return found if isinstance(found, ServedCrossEncoder | ServedBiEncoder) else None


def maker_of(scorer: Scorer, precision: Precision = Precision.EXACT) -> Scorer:
    """What scores: the service where it serves this model, else the model here, exact or fast as wanted."""
    return served_form(scorer) or with_precision(scorer, precision)
