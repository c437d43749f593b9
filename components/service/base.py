"""What served scorers share: who answers, what is said of it, and who takes over when nobody does."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from components.errors import ServiceProblem
from components.records import Column, ScorerInfo
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.forward import Forwarded
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores
from components.scoring.tokens import TokenCount
from components.service import wire
from components.service.asking import question_budget
from components.service.client import Answered, Down, ServiceClient
from components.service.scale import SAME, Scale
from components.service.wire import Form

Values = TypeVar("Values")
Own = TypeVar("Own", CrossEncoderScorer, BiEncoderScorer)
Work = Generator[None, None, Column]
logger = logging.getLogger("relevance_lab")


class Served(ABC, Generic[Own]):
    """What both kinds share: who answers, and what happens when nobody does."""

    def __init__(self, own: Own, client: ServiceClient, form: Form, model: str, falls_back: bool):
        self._own: Own = own
        self._model = model
        self._client = client
        self._form = form
        self._falls_back = falls_back
        self._budget = question_budget()
        self._scale: Scale | None = None  # None: not asked yet, or not since it failed
        self._info = replace(own.info, service=f"the scoring service ({wire.NAMES[form]})")

    @property
    def info(self) -> ScorerInfo:
        return self._info

    def warm_up(self) -> None:
        """See ``Scorer.warm_up``: that is the service's own business."""

    def score(
        self, query: str, documents: Sequence[str], stores: Stores, progress: Progress
    ) -> Generator[None, None, Column]:
        """See ``Scorer.score``."""
        served = self._score(query, documents, stores, progress)
        return (yield from self._or_own(served, lambda: self._own.score(query, documents, stores, progress), progress))

    def token_spans(self, texts: list[str]) -> list[list[tuple[int, int]]]:
        """See ``CrossEncoderScorer.token_spans``."""
        return self._own.token_spans(texts)

    @abstractmethod
    def _score(self, query: str, documents: Sequence[str], stores: Stores, progress: Progress) -> Work:
        """The column by the service alone."""

    def _raise_if_resting(self) -> None:
        """Raise where the service was down a moment ago, so that nobody waits for it once more."""
        resting = self._client.resting()
        if resting is not None:
            raise resting

    def takes_over(self, problem: ServiceProblem) -> str:
        """The sentence with which the own model takes over; raises the problem again where it may not."""
        self._scale = None
        is_news = self._client.resting() is None
        if is_news:
            logger.warning("scoring service for %s %s", self._info.key, problem.what)
        if not self._falls_back:
            raise problem
        if is_news and isinstance(problem, Down):
            self._client.rest(problem)
        own = f"{self._info.kind} {self._info.name}"
        return f"The scoring service {problem.what}: this server's own {own} scored instead."

    def _or_own(
        self,
        served: Work,
        own: Callable[[], Work],
        progress: Progress,
    ) -> Work:
        """The service's column, or a whole one by the own model: a column has one maker."""
        before = progress.done
        try:
            self._raise_if_resting()
            return (yield from served)
        except ServiceProblem as problem:
            note = self.takes_over(problem)
        progress.done = before
        column = yield from own()
        return replace(column, note=note)

    def _learn_speed(self, answer: Answered, counts: Sequence[TokenCount]) -> None:
        self._budget.learn(len(counts) * max(count.sequence for count in counts), answer.seconds)

    def _forward_or_own(
        self, served: Generator[None, None, Forwarded[Values]], own: Callable[[], Values]
    ) -> Generator[None, None, Forwarded[Values]]:
        """The service's values for one batch, or the own model's."""
        try:
            self._raise_if_resting()
            return (yield from served)
        except ServiceProblem as problem:
            note = self.takes_over(problem)
        started = time.perf_counter()
        return Forwarded(own(), time.perf_counter() - started, note)

    def _column(self, column: Column, scale: Scale | None) -> Column:
        """A served column, with what is to be said of its numbers."""
        info, note = self._info, ""
        if scale is not None and scale.is_sigmoid:
            info = replace(info, service=f"{info.service.rstrip(')')}, sigmoid values turned into logits)")
        if scale is not None and scale.deviation > SAME:
            note = (
                f"The scoring service's {info.name} differs from this server's own by up to {scale.deviation:.1g} on "
                "known texts: it computes in another number type."
            )
        return replace(column, scorer=info, note=note)

    def _another_model(self) -> ServiceProblem:
        return ServiceProblem(f"runs another model than {self._info.name}, or another version of it")
