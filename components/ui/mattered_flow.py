"""Where one visitor's "what mattered" stands: what was found for the pair on the table, what is running, how far it is.

No Streamlit in here: the page calls ``step`` on every run and draws what it returns. All work is jobs of the scheduler.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from components.attention.extract import extract
from components.attention.pair import PairAttention
from components.attribution.agreement import Agreement, attention_with_occlusion
from components.attribution.cosine_split import CosineSplit, split
from components.attribution.curves import CurveSet, measure_curves
from components.attribution.export import Table, attribution_table, curves_table, heads_table, split_table
from components.attribution.heads import rank_heads
from components.attribution.methods import METHODS
from components.attribution.records import STEPS, Attribution, Baseline, HeadEffect, Knobs, Operator
from components.errors import InputProblem
from components.records import Kind
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Job, JobState, Progress
from components.scoring.scorer import Scorer
from components.texts import limits
from components.texts.language import pair_note
from components.ui.compare_flow import WAIT_S, Tools
from components.ui.tokens_flow import NO_MODEL, ExportFile, wanted_model
from components.workspace import Workspace

KEPT_PAIRS = 6
STOPPED = "The work was stopped; what was found before it stays."
NO_BI_ENCODER = "There is no bi-encoder on this machine."
CURVES, HEADS, SPLIT = "curves", "heads", "split"
AS_AT_FIRST = Knobs()


@dataclass(frozen=True)
class Asked:
    """What to find: the name of a method, or "curves", "heads" or "split"; and how."""

    what: str = next(iter(METHODS))
    knobs: Knobs = AS_AT_FIRST


# The orders that the curves try: each method's, its knobs as they are at first.
CURVE_METHODS = tuple(Asked(name) for name in METHODS)


@dataclass
class Found:
    """All that was found for one pair."""

    pair: PairAttention | None = None
    attributions: dict[Asked, Attribution] = field(default_factory=dict)
    agreement: Agreement | None = None
    heads: tuple[HeadEffect, ...] = ()
    curves: CurveSet | None = None
    split: CosineSplit | None = None
    language: str = ""  # a sentence where a text seems not to be English

    def has(self, asked: Asked) -> bool:
        if asked.what == HEADS:
            return bool(self.heads)
        if asked.what == CURVES:
            return self.curves is not None
        return self.split is not None if asked.what == SPLIT else asked in self.attributions


@dataclass(frozen=True)
class MatteredView:
    """What the page draws now; ``found`` is of this pair and may lack what was asked for."""

    asked: Asked
    found: Found | None = None
    problem: str = ""
    waiting: str = ""
    done: int = 0
    total: int = 0
    stoppable: bool = False
    retry: bool = False
    polling: bool = False
    file: ExportFile | None = None


Key = tuple[str, str, str]  # model, query, document
Work = Generator[None, None, None]


class MatteredFlow:
    """From the pair and what is asked about it to results, a job at a time. The last few pairs are kept."""

    def __init__(self) -> None:
        self.asked = Asked()
        self._kept: OrderedDict[Key, Found] = OrderedDict()
        self._job: Job | None = None
        self._job_for: tuple[Key, Asked] | None = None
        self._shown: tuple[Key, Asked, Found] | None = None  # what was drawn last: an export is of it
        self._file: ExportFile | None = None

    def ask(self, asked: Asked) -> None:
        """Ask for something else (or once more for what was stopped)."""
        self.asked = asked
        self.retry()

    def retry(self) -> None:
        if self._job is not None and (self._job.ended or self._job.stopping):
            self._job = None

    def stop(self) -> None:
        """Give up what is running; what was found stays."""
        if self._job is not None and not self._job.ended:
            self._job.stop()

    def export(self, kind: str, count: int) -> None:
        """Make a file of what is on the screen, in full precision; ``count`` tells one request from another."""
        if self._shown is None or not self._shown[2].has(self._shown[1]):
            return
        (_, query, document), asked, found = self._shown
        self._file = asked_file(_table(asked, found, query, document), kind, count)

    def step(self, workspace: Workspace, number: int, tools: Tools, asked: Asked | None = None) -> MatteredView:
        """Take one look: start or finish a job as asked (``asked`` goes before what was asked last)."""
        asked = asked or self.asked
        documents = workspace.pasted.documents
        try:
            limits.check(workspace.clean_query, documents)
        except InputProblem as problem:
            self.stop()
            return MatteredView(asked, problem=str(problem))
        model = bi_encoder_key(workspace, tools) if asked.what == SPLIT else wanted_model(workspace, tools.room)
        if model is None:
            return MatteredView(asked, problem=NO_BI_ENCODER if asked.what == SPLIT else NO_MODEL)
        scorer = tools.room.scorer(model)
        if scorer is None:
            words = tools.room.step or "The models are loading."
            return MatteredView(asked, waiting=f"The result appears by itself. {words}", polling=True)
        place = max(1, min(number, len(documents))) - 1
        return self._with_model((model, workspace.clean_query, documents[place].text), asked, scorer, tools)

    def _with_model(self, key: Key, asked: Asked, scorer: Scorer, tools: Tools) -> MatteredView:
        found = self._kept.setdefault(key, Found())
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT_PAIRS:
            self._kept.popitem(last=False)
        if found.has(asked):
            return self._ready(key, asked, found)
        # A job that is done and left nothing belonged to a pair that was dropped meanwhile.
        if self._job is None or self._job_for != (key, asked) or self._job.state is JobState.DONE:
            self.stop()
            work = self._work(key, asked, scorer, found)
            self._job = tools.scheduler.submit(Job(tools.visitor, "attribution", work, tools.alive))
            self._job_for = (key, asked)
            self._job.wait(WAIT_S)
        job = self._job
        if job.ended and job.state is JobState.DONE:
            return self._ready(key, asked, found)
        if job.ended or job.stopping:
            return MatteredView(asked, found, problem=job.message or STOPPED, retry=True)
        progress = job.progress
        words = f"Working on {asked.what}: {progress.done} of {progress.total} {progress.unit}."
        return MatteredView(asked, found, "", words, progress.done, progress.total, stoppable=True, polling=True)

    def _ready(self, key: Key, asked: Asked, found: Found) -> MatteredView:
        if self._shown is None or self._shown[:2] != (key, asked):
            self._file = None
        self._shown = (key, asked, found)
        return MatteredView(asked, found, file=self._file)

    def _work(self, key: Key, asked: Asked, scorer: Scorer, found: Found) -> Callable[[Progress], Iterator[None]]:
        _, query, document = key

        def work(progress: Progress) -> Iterator[None]:
            found.language = pair_note(query, document)
            if isinstance(scorer, BiEncoderScorer):
                found.split = split(scorer, query, document)
            elif isinstance(scorer, CrossEncoderScorer):
                if found.pair is None:
                    found.pair = extract(scorer.model, scorer.info, query, document)
                    yield
                yield from _find(scorer, found.pair, asked, found, progress)
            yield

        return work


def _find(scorer: CrossEncoderScorer, pair: PairAttention, asked: Asked, found: Found, progress: Progress) -> Work:
    """The generator of what was asked for; its result is put into ``found``."""
    if asked.what == HEADS:
        found.heads = yield from rank_heads(scorer, pair, progress)
    elif asked.what == CURVES:
        for method in CURVE_METHODS:
            if method not in found.attributions:
                yield from _find(scorer, pair, method, found, progress)
        orders = [found.attributions[method] for method in CURVE_METHODS]
        found.curves = yield from measure_curves(scorer, pair, orders, progress)
    else:
        found.attributions[asked] = yield from METHODS[asked.what].find(scorer, pair, asked.knobs, progress)
        if asked == Asked():  # words really removed
            found.agreement = attention_with_occlusion(pair, found.attributions[asked])


def asked_file(table: Table, kind: str, count: int) -> ExportFile:
    """A table as the file that was asked for."""
    if kind == "json":
        return ExportFile(count, f"{table.name}.json", "application/json", table.to_json())
    return ExportFile(count, f"{table.name}.csv", "text/csv;charset=utf-8", table.to_csv())


def _table(asked: Asked, found: Found, query: str, document: str) -> Table:
    """What was asked for, as rows."""
    if asked.what == SPLIT:
        assert found.split is not None
        return split_table(found.split, query, document)
    assert found.pair is not None
    if asked.what == HEADS:
        return heads_table(found.heads, found.pair.scorer, found.pair.logit, query, document)
    if asked.what == CURVES:
        assert found.curves is not None
        return curves_table(found.curves, query, document)
    return attribution_table(found.attributions[asked], query, document)


def bi_encoder_key(workspace: Workspace, tools: Tools) -> str | None:
    """The bi-encoder to look into: the first among the columns, else the first there is."""
    possible = tools.room.columns()
    known = [key for key, one in tools.room.statuses.items() if one.spec.kind is Kind.BI_ENCODER and key in possible]
    return next((key for key in workspace.columns if key in known), next(iter(known), None))


def read_asked(sent: dict[str, object]) -> Asked:
    """What the view sent, with anything unknown, and what the method does not heed, replaced by its default."""
    what = str(sent.get("what"))
    if what not in METHODS:
        return Asked(what) if what in (HEADS, CURVES) else Asked()
    known: dict[str, tuple[Any, ...]] = {"operator": (*Operator,), "baseline": (*Baseline,), "steps": STEPS}
    asked = ((name, one) for name in METHODS[what].knobs for one in known[name] if one == sent.get(name))
    return Asked(what, replace(AS_AT_FIRST, **dict(asked)))
