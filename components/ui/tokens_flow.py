"""Where one visitor's token map stands: which pair is wanted, what is running, what is on the screen.

No Streamlit in here: the page calls ``step`` on every run and draws what it returns.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.attention.extract import extract
from components.attention.pair import PairAttention
from components.attention.words import merge_pieces
from components.errors import InputProblem
from components.models.room import ModelRoom
from components.records import Document, Kind, ScorerInfo
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Job, JobState, Progress
from components.texts import limits
from components.texts.language import pair_note
from components.ui.compare_flow import WAIT_S, Tools
from components.workspace import Workspace

KEPT_MAPS = 6
NO_MODEL = (
    "There is no cross-encoder on this machine, and only a cross-encoder has attention between query and document."
)
STOPPED = "Reading the pair was stopped."


@dataclass(frozen=True)
class Wanted:
    """The pair a map is of, and the model that reads it."""

    model: str
    query: str
    document: str


@dataclass(frozen=True)
class MadeMap:
    """One pair's map, ready to be sent. ``id`` is another one for each map, also after a restart of the server."""

    id: str
    scorer: ScorerInfo
    payload: bytes
    logit: float
    language: str = ""  # a sentence where a text seems not to be English


@dataclass(frozen=True)
class InnerMap:
    """One head's attention within the document of the map ``id``; ``count`` tells one request from another."""

    id: str
    count: int
    payload: bytes


@dataclass(frozen=True)
class ExportFile:
    """A file asked for, or why there is none. The browser saves it once: ``count`` tells one request from another."""

    count: int
    name: str = ""
    mime: str = ""
    text: str = ""
    problem: str = ""


@dataclass(frozen=True)
class TokensView:
    """What the page draws now.

    ``shown`` is the map of ``number``, None while there is none; ``problem`` a sentence about the input or a failure,
    ``waiting`` one about the work, ``polling`` whether the page has to look again, ``retry`` whether it can be asked
    once more, ``download`` and ``inner`` what was asked for last.
    """

    number: int
    shown: MadeMap | None = None
    problem: str = ""
    waiting: str = ""
    polling: bool = False
    retry: bool = False
    download: ExportFile | None = None
    inner: InnerMap | None = None


class TokensFlow:
    """From the workspace and a document's number to a map, step by step. The last few maps are kept."""

    def __init__(self) -> None:
        self.number = 1
        self._kept: OrderedDict[Wanted, MadeMap] = OrderedDict()
        self._job: Job | None = None
        self._job_for: Wanted | None = None
        self._more: Job | None = None  # a further pass of the pair on the screen: an export, a look inside
        self._more_count, self._more_words = 0, ""
        self._inner: InnerMap | None = None
        self._file: tuple[str, ExportFile] | None = None  # the map it is of, and the file

    def choose(self, number: int) -> None:
        """Look at another document; numbers that are not there are brought into range by ``step``."""
        self.number = number

    def retry(self) -> None:
        """Ask for the pair once more after it failed."""
        if self._job is not None and self._job.ended:
            self._job = None

    def stop(self) -> None:
        """Give up what is being read."""
        if self._job is not None and not self._job.ended:
            self._job.stop()

    def step(self, workspace: Workspace, tools: Tools) -> TokensView:
        """Take one look: start or finish a job as the workspace asks, and say what to draw."""
        documents = workspace.pasted.documents
        self.number = max(1, min(self.number, len(documents)))
        try:
            limits.check(workspace.clean_query, documents)
        except InputProblem as problem:
            self.stop()
            return TokensView(self.number, problem=str(problem))
        wanted = self._wanted(workspace, tools.room)
        if wanted is None:
            problems = " ".join(tools.room.problems())
            return TokensView(self.number, problem=f"{NO_MODEL} {problems}".strip())
        if wanted in self._kept:
            self._kept.move_to_end(wanted)
            return self._with_map(self._kept[wanted])
        scorer = tools.room.scorer(wanted.model)
        if scorer is None:
            words = tools.room.step or "The models are loading."
            return TokensView(self.number, waiting=f"The map appears by itself. {words}", polling=True)
        if not isinstance(scorer, CrossEncoderScorer):
            return TokensView(self.number, problem=NO_MODEL)
        return self._with_model(wanted, scorer, tools)

    def export(self, kind: str, sent: Mapping[str, Any], count: int, workspace: Workspace, tools: Tools) -> None:
        """Make the CSV or JSON of a view in full precision: the pair goes through the model once more."""
        number = self.number

        def use(pair: PairAttention, made: MadeMap) -> None:
            from components.attention import export

            view = export.read_view(sent, pair.n_layers, pair.n_heads)
            write = export.to_json if kind == "json" else export.to_csv
            text = write(pair, view, merge_pieces(pair), bool(sent.get("pieces")))
            name = f"token-map-document-{number}.{'json' if kind == 'json' else 'csv'}"
            mime = "application/json" if kind == "json" else "text/csv;charset=utf-8"
            self._file = (made.id, ExportFile(count, name, mime, text))

        self._again(use, count, "Computing the table in full precision.", workspace, tools)

    def look_inside(self, layer: int, head: int, count: int, workspace: Workspace, tools: Tools) -> None:
        """Fetch one head's attention within the document, which is too large to be sent for all heads."""

        def use(pair: PairAttention, made: MadeMap) -> None:
            from components.attention.payload import encode_inner

            if not (0 <= layer < pair.n_layers and 0 <= head < pair.n_heads):
                raise InputProblem("This model has no such head: choose one of the overview.")
            self._inner = InnerMap(made.id, count, encode_inner(pair, layer, head))

        self._again(use, count, "Reading the document's own attention.", workspace, tools)

    def _again(
        self, use: Callable[[PairAttention, MadeMap], None], count: int, words: str, workspace: Workspace, tools: Tools
    ) -> None:
        """Run the pair on the screen once more and use what the model did; nothing happens where there is no map."""
        wanted = self._wanted(workspace, tools.room)
        made = self._kept.get(wanted) if wanted else None
        scorer = tools.room.scorer(wanted.model) if wanted else None
        if made is None or wanted is None or not isinstance(scorer, CrossEncoderScorer):
            return
        if self._more is not None:
            self._more.stop()

        def work(progress: Progress) -> Iterator[None]:
            progress.total = 1
            pair = extract(scorer.model, scorer.info, wanted.query, wanted.document)
            yield
            use(pair, made)
            progress.done = 1

        self._more_count, self._more_words = count, words
        self._more = tools.scheduler.submit(Job(tools.visitor, "tokens-more", work, tools.alive))
        self._more.wait(WAIT_S)

    def keep_file(self, file: ExportFile, made: MadeMap) -> None:
        """Take a file that needed no model."""
        self._file = (made.id, file)

    def _with_map(self, made: MadeMap) -> TokensView:
        if self._more is not None and not self._more.ended:
            return TokensView(self.number, made, waiting=self._more_words, polling=True)
        if self._more is not None and self._more.state is not JobState.DONE:
            self._file = (made.id, ExportFile(self._more_count, problem=self._more.message or STOPPED))
        self._more = None
        file = self._file[1] if self._file is not None and self._file[0] == made.id else None
        inner = self._inner if self._inner is not None and self._inner.id == made.id else None
        return TokensView(self.number, made, download=file, inner=inner)

    def _wanted(self, workspace: Workspace, room: ModelRoom) -> Wanted | None:
        """The pair the visitor looks at; None without a model or documents."""
        documents = workspace.pasted.documents
        key = wanted_model(workspace, room)
        if key is None or not 1 <= self.number <= len(documents):
            return None
        return Wanted(key, workspace.clean_query, documents[self.number - 1].text)

    def _with_model(self, wanted: Wanted, scorer: CrossEncoderScorer, tools: Tools) -> TokensView:
        if self._job is None or self._job_for != wanted:
            self.stop()
            work = self._work(wanted, scorer)
            self._job = tools.scheduler.submit(Job(tools.visitor, "tokens", work, tools.alive))
            self._job_for = wanted
            self._job.wait(WAIT_S)
        if not self._job.ended:
            return TokensView(self.number, waiting="Reading the pair: one forward pass, every head kept.", polling=True)
        if self._job.state is JobState.DONE:
            return self._with_map(self._kept[wanted])
        return TokensView(self.number, problem=self._job.message or STOPPED, retry=True)

    def _work(self, wanted: Wanted, scorer: CrossEncoderScorer) -> Callable[[Progress], Iterator[None]]:
        def work(progress: Progress) -> Iterator[None]:
            from components.attention.payload import encode  # numpy: not before the first paint

            progress.total = 1
            pair: PairAttention = extract(scorer.model, scorer.info, wanted.query, wanted.document)
            yield
            language = pair_note(wanted.query, wanted.document)
            payload = encode(pair, merge_pieces(pair), {})
            made = MadeMap(secrets.token_hex(8), scorer.info, payload, pair.logit, language)
            self._kept[wanted] = made
            while len(self._kept) > KEPT_MAPS:
                self._kept.popitem(last=False)
            progress.done = 1

        return work


def cross_encoders(room: ModelRoom) -> list[str]:
    """The keys of the cross-encoders that can be had."""
    possible = room.columns()
    return [key for key, status in room.statuses.items() if status.spec.kind is Kind.CROSS_ENCODER and key in possible]


def wanted_model(workspace: Workspace, room: ModelRoom) -> str | None:
    """The cross-encoder to look into: the chosen one, else the first among the columns, else the first there is."""
    neural = cross_encoders(room)
    first = next(iter(neural), None)
    return next((key for key in (workspace.looked_into, *workspace.columns) if key in neural), first)


def label(document: Document, count: int) -> str:
    """A document's entry in the chooser: "2 of 4: Herons eat fish ..."."""
    start = " ".join(document.text.split())
    return f"{document.number} of {count}: " + (start if len(start) <= 60 else start[:59] + "…")
