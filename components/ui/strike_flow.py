"""Where one visitor's word toggle stands: the changes of the last pairs, the scores of the last one, what is running.

Tokens and Compare look at the same flow, so what is struck on one page is struck on the other.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from components.attention.words import cut_words
from components.attribution.export import toggle_table
from components.attribution.toggle import Change, ModelEffect, rescore
from components.errors import InputProblem
from components.records import Document, Kind
from components.scoring.chunked import with_chunks
from components.scoring.scheduler import Job, JobState, Progress
from components.scoring.scorer import Scorer
from components.texts import limits
from components.texts.chunks import Pooling
from components.texts.clean import clean, one_line
from components.texts.language import pair_note
from components.ui.compare_flow import WAIT_S, Tools
from components.ui.mattered_flow import asked_file, bi_encoder_key
from components.ui.tokens_flow import ExportFile, wanted_model
from components.workspace import Workspace

KEPT_PAIRS = 50
MOST_STEPS = 100  # that can be undone
RANKING_S = 0.05  # so long the page waits for the ranks of documents whose scores are known
STOPPED = "The ranking was stopped; the pair's own scores stay."

Pair = tuple[str, str]  # query and document as they were pasted


@dataclass(frozen=True)
class Wanted:
    """What is to be scored: when any of it changes, something else is wanted."""

    query: str
    documents: tuple[str, ...]
    place: int
    change: Change
    models: tuple[str, ...]
    pooling: Pooling


@dataclass
class Edited:
    """What the visitor did to one pair. ``history`` is the browser's, as it was sent last."""

    id: int
    change: Change
    count: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    language: str | None = None  # a sentence where a text seems not to be English; None: not looked at yet


@dataclass(frozen=True)
class StrikeView:
    """What the page draws now: ``effects`` are of the change ``count``; without ranks while those are awaited."""

    pair: int = 0  # which pair this is; 0: none
    change: Change | None = None
    count: int = 0
    history: tuple[dict[str, Any], ...] = ()
    effects: tuple[ModelEffect, ...] = ()
    is_new: bool = True  # the effects are of this very change
    problem: str = ""
    waiting: str = ""
    stoppable: bool = False
    retry: bool = False
    polling: bool = False
    file: ExportFile | None = None
    language: str = ""


class StrikeFlow:
    """From a change to its scores and ranks."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Pair, Edited] = OrderedDict()
        self._pairs = 0
        self._effects: tuple[ModelEffect, ...] = ()
        self._effects_for: Wanted | None = None
        self._job: Job | None = None
        self._job_for: Wanted | None = None
        self._file: ExportFile | None = None

    def take(self, sent: Mapping[str, Any]) -> None:
        """A change from the browser: texts, struck words, its count, the pair and the history it belongs to."""
        found = next((item for item in self._kept.items() if item[1].id == sent.get("pair")), None)
        count = int(sent.get("count") or 0)
        if found is None or count < found[1].count:
            return
        (query, document), edited = found
        new_query = sent.get("query") if isinstance(sent.get("query"), str) else query
        new_document = sent.get("document") if isinstance(sent.get("document"), str) else document
        edited.change = Change(
            one_line(clean(str(new_query))) if new_query != query else query,
            clean(str(new_document)).strip() if new_document != document else document,
            _indices(sent.get("query_struck"), str(new_query)),
            _indices(sent.get("document_struck"), str(new_document)),
        )
        edited.count = count
        history = sent.get("history")
        edited.history = list(history)[-MOST_STEPS:] if isinstance(history, list) else []

    def stop(self) -> None:
        """Give up the ranking; scores that were found stay."""
        if self._job is not None and not self._job.ended:
            self._job.stop()

    def retry(self) -> None:
        """Forget that the ranking was stopped or failed, so that the next step asks for it once more."""
        if self._job is not None and (self._job.ended or self._job.stopping):
            self._job = None

    def export(self, kind: str, count: int) -> None:
        """Make a file of the last change that was scored; ``count`` tells one request from another."""
        wanted = self._effects_for
        if wanted is None:
            return
        table = toggle_table(wanted.change, wanted.query, wanted.documents[wanted.place], self._effects)
        self._file = asked_file(table, kind, count)

    def step(self, workspace: Workspace, number: int, tools: Tools) -> StrikeView:
        """Take one look: start, replace or finish a job as the change asks, and say what to draw."""
        documents = workspace.pasted.documents
        try:
            limits.check(workspace.clean_query, documents)
        except InputProblem as problem:
            self.stop()
            return StrikeView(problem=str(problem))
        place = max(1, min(number, len(documents))) - 1
        edited = self._edited((workspace.clean_query, documents[place].text))
        view = StrikeView(edited.id, edited.change, edited.count, tuple(edited.history), language=edited.language or "")
        models = neural_models(workspace, tools)
        scorers = [scorer for key in models if (scorer := tools.room.scorer(key)) is not None]
        if len(scorers) < len(models):
            words = tools.room.step or "The models are loading."
            return replace(view, waiting=f"Scores appear by themselves. {words}", polling=True)
        if problem_words := _problem(*edited.change.texts):
            self.stop()
            return replace(view, effects=self._effects, is_new=False, problem=problem_words)
        texts = tuple(one.text for one in documents)
        wanted = Wanted(workspace.clean_query, texts, place, edited.change, models, workspace.pooling)
        return self._with_models(view, wanted, [with_chunks(one, workspace.pooling) for one in scorers], tools)

    def _edited(self, pair: Pair) -> Edited:
        if pair not in self._kept:
            self._pairs += 1
            self._kept[pair] = Edited(self._pairs, Change(*pair))
        self._kept.move_to_end(pair)
        while len(self._kept) > KEPT_PAIRS:
            self._kept.popitem(last=False)
        return self._kept[pair]

    def _with_models(self, view: StrikeView, wanted: Wanted, scorers: list[Scorer], tools: Tools) -> StrikeView:
        if self._job is None or self._job_for != wanted:
            self._start(wanted, scorers, tools)
        job = self._job
        assert job is not None
        is_same_pair = self._effects_for is not None and _pair_of(self._effects_for) == _pair_of(wanted)
        effects, is_new = self._effects if is_same_pair else (), self._effects_for == wanted
        view = replace(view, effects=effects, is_new=is_new, file=self._file)
        if job.ended and job.state is JobState.DONE:
            return view
        if job.ended or job.stopping:
            return replace(view, problem=job.message or STOPPED, retry=True)
        words = f"Ranking: {job.progress.done} of {job.progress.total} scores." if is_new else "Scoring this pair."
        return replace(view, waiting=words, stoppable=True, polling=True)

    def _start(self, wanted: Wanted, scorers: list[Scorer], tools: Tools) -> None:
        """Submit the job and wait a moment: the pair's own scores come first, the ranks of known documents at once."""
        self.stop()
        self._file = None
        has_pair = threading.Event()

        def deliver(effects: tuple[ModelEffect, ...]) -> None:
            if self._job_for == wanted:
                self._effects, self._effects_for = effects, wanted
            has_pair.set()

        self._job_for = wanted
        scoring = rescore((wanted.query, wanted.documents, wanted.place), wanted.change, scorers, tools.stores, deliver)
        edited = self._edited((wanted.query, wanted.documents[wanted.place]))

        def work(progress: Progress) -> Iterator[None]:
            yield from scoring(progress)
            if edited.language is None:
                edited.language = pair_note(wanted.query, wanted.documents[wanted.place])
                yield

        self._job = tools.scheduler.submit(Job(tools.visitor, "toggle", work, tools.alive))
        has_pair.wait(WAIT_S)
        self._job.wait(RANKING_S)


def neural_models(workspace: Workspace, tools: Tools) -> tuple[str, ...]:
    """The models a change goes through: Compare's neural columns, and of a kind without a column the first there is."""
    statuses = tools.room.statuses
    possible = tools.room.columns()
    neural = (Kind.BI_ENCODER, Kind.CROSS_ENCODER)
    chosen = [
        key for key in workspace.columns if key in possible and key in statuses and statuses[key].spec.kind in neural
    ]
    first = [key for key in (bi_encoder_key(workspace, tools), wanted_model(workspace, tools.room)) if key is not None]
    keys = dict.fromkeys([*chosen, *first])
    return tuple(sorted(keys, key=lambda key: neural.index(statuses[key].spec.kind)))


def _problem(query: str, document: str) -> str:
    """A sentence where the changed pair cannot be scored."""
    for name, text in (("query", query), ("document", document)):
        if not text.strip():
            return f"Nothing of the {name} is left to score: undo, or bring a word back."
    try:
        limits.check(query, (Document(1, document),))
    except InputProblem as problem:
        return str(problem)
    return ""


def _pair_of(wanted: Wanted) -> tuple[str, str, tuple[str, ...]]:
    return wanted.query, wanted.documents[wanted.place], wanted.models


def _indices(value: object, text: str) -> tuple[int, ...]:
    """Whole numbers that count words of the text, in order."""
    if not isinstance(value, list):
        return ()
    count = len(cut_words(text))
    return tuple(sorted({int(one) for one in value if isinstance(one, int | float) and 0 <= int(one) < count}))
