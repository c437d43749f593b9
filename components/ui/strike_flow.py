"""Where one visitor's word toggle stands: the change that is wanted, the scores of the last one, what is running."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.attention.words import cut_words
from components.attribution.toggle import Change, ModelEffect, rescore
from components.errors import InputProblem
from components.records import Document
from components.scoring.scheduler import Job, JobState
from components.scoring.scorer import Scorer
from components.texts import limits
from components.texts.clean import clean, one_line
from components.ui.compare_flow import WAIT_S, Tools
from components.ui.mattered_flow import bi_encoder_key
from components.ui.tokens_flow import wanted_model
from components.workspace import Workspace

Wanted = tuple[str, tuple[str, ...], int, Change, tuple[str, ...]]  # query, documents, place, change, models
STOPPED = "The ranking was stopped; the pair's own scores stay."


@dataclass(frozen=True)
class StrikeView:
    """What the page draws now: ``effects`` are of the change ``count``; without ranks while those are awaited."""

    change: Change | None
    count: int = 0
    effects: tuple[ModelEffect, ...] = ()
    is_new: bool = True  # the effects are of this very change
    problem: str = ""
    waiting: str = ""
    stoppable: bool = False
    polling: bool = False


class StrikeFlow:
    """From a change to its scores and ranks. The history of changes is the visitor's, kept while they are here."""

    def __init__(self) -> None:
        self.history: list[dict[str, Any]] = []  # as the browser sent it last, for when the view is mounted anew
        self._pair: tuple[str, str] | None = None
        self._change: Change | None = None
        self._count = 0
        self._effects: tuple[ModelEffect, ...] = ()
        self._effects_for: Wanted | None = None
        self._job: Job | None = None
        self._job_for: Wanted | None = None

    def take(self, sent: Mapping[str, Any]) -> None:
        """A change from the browser: texts, struck words, its count and the history it belongs to."""
        if self._pair is None:
            return
        query, document = self._pair
        new_query = sent.get("query") if isinstance(sent.get("query"), str) else query
        new_document = sent.get("document") if isinstance(sent.get("document"), str) else document
        self._change = Change(
            one_line(clean(str(new_query))),
            clean(str(new_document)).strip() if new_document != document else document,
            _indices(sent.get("query_struck"), str(new_query)),
            _indices(sent.get("document_struck"), str(new_document)),
        )
        self._count = int(sent.get("count") or 0)
        history = sent.get("history")
        self.history = list(history)[-100:] if isinstance(history, list) else []

    def stop(self) -> None:
        if self._job is not None and not self._job.ended:
            self._job.stop()

    def step(self, workspace: Workspace, number: int, tools: Tools) -> StrikeView:
        """Take one look: start, replace or finish a job as the change asks, and say what to draw."""
        documents = workspace.pasted.documents
        try:
            limits.check(workspace.clean_query, documents)
        except InputProblem as problem:
            self.stop()
            return StrikeView(None, problem=str(problem))
        place = max(1, min(number, len(documents))) - 1
        pair = (workspace.clean_query, documents[place].text)
        if self._pair != pair:
            self._pair, self._change, self.history = pair, None, []
            self._effects, self._effects_for = (), None
        change = self._change or Change(*pair)
        models = tuple(
            key for key in (bi_encoder_key(workspace, tools), wanted_model(workspace, tools.room)) if key is not None
        )
        scorers = [scorer for key in models if (scorer := tools.room.scorer(key)) is not None]
        if len(scorers) < len(models):
            words = tools.room.step or "The models are loading."
            return StrikeView(change, self._count, waiting=f"Scores appear by themselves. {words}", polling=True)
        query, text = change.texts
        try:
            limits.check(query, (Document(1, text),) if text.strip() else ())
        except InputProblem:
            self.stop()
            empty = "query" if not query.strip() else "document"
            words = f"Nothing of the {empty} is left to score: undo, or bring a word back."
            return StrikeView(change, self._count, self._effects, False, words)
        texts = tuple(one.text for one in documents)
        return self._with_models((pair[0], texts, place, change, models), scorers, tools)

    def _with_models(self, wanted: Wanted, scorers: list[Scorer], tools: Tools) -> StrikeView:
        query, texts, place, change, _ = wanted
        if self._job is None or self._job_for != wanted:
            self.stop()

            def deliver(effects: tuple[ModelEffect, ...]) -> None:
                if self._job_for in (wanted, None):
                    self._effects, self._effects_for = effects, wanted

            self._job_for = wanted
            work = rescore((query, texts, place), change, scorers, tools.stores, deliver)
            self._job = tools.scheduler.submit(Job(tools.visitor, "toggle", work, tools.alive))
            self._job.wait(WAIT_S)
        job = self._job
        is_new = self._effects_for == wanted
        view = StrikeView(change, self._count, self._effects, is_new)
        if job.ended:
            problem = "" if job.state is JobState.DONE else job.message or STOPPED
            return StrikeView(change, self._count, self._effects, is_new, problem)
        words = f"Ranking: {job.progress.done} of {job.progress.total} scores." if is_new else "Scoring this pair."
        return StrikeView(change, view.count, view.effects, is_new, "", words, stoppable=True, polling=True)


def _indices(value: object, text: str) -> tuple[int, ...]:
    """Whole numbers that count words of the text, in order."""
    if not isinstance(value, list):
        return ()
    count = len(cut_words(text))
    return tuple(sorted({int(one) for one in value if isinstance(one, int | float) and 0 <= int(one) < count}))
