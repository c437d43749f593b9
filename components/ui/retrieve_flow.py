"""Where one visitor stands in Retrieve & re-rank: collection, index, query, measures. No Streamlit in here.

The page calls ``step`` on every run and draws what it returns. Three kinds of jobs may run beside each other: making an
index, one query, all judged queries; each has its own place in the worker's line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from components.errors import InputProblem
from components.judging.trec import trec_ids
from components.models.registry import DEFAULT_BI_ENCODER
from components.models.room import ModelRoom
from components.records import Kind
from components.retrieval.collection import Collection, Query, built_in
from components.retrieval.evaluation import Judged, grid, judge
from components.retrieval.export import Taken, taken_evaluation
from components.retrieval.indexing import Embedder, Indexer, Opened
from components.retrieval.pipeline import PairScorer, Pipeline, QueryRun, Stage
from components.scoring.scheduler import Job, JobState, Progress
from components.scoring.store import digest
from components.service.served import maker_of
from components.texts import limits
from components.texts.clean import clean, one_line
from components.texts.language import language_note
from components.ui.retrieve_measuring import Measuring
from components.ui.retrieve_records import RetrieveView, Tools, work_of
from components.workspace import Workspace

WAIT_S = 0.3  # so long a page waits for a result before it starts to poll
DEEPEST = (20, 50, 100, 200)  # how far re-ranking may be asked to go
FIRST_K = 20
_RUN_BYTES = 16_000  # what a run with 200 candidates takes, about
STOPPED_INDEX = "Indexing was stopped. What is embedded so far is kept: go on when you like."
STOPPED_RUN = "Re-ranking was stopped; what you see is the result before it."


class RetrieveFlow:
    """From a collection and a query to two columns and their measures, step by step."""

    def __init__(self) -> None:
        self.collection: Collection = built_in()
        self.source = "built-in"  # or "compare", "file"
        self.stage = Stage.BI_ENCODER
        self.most = 50
        self.k = FIRST_K
        self.query = self.collection.judged[0].text
        self.reranker_key = ""
        self.said = ""  # what was read from a file
        self.measuring = Measuring()
        self.unread: tuple[object, list[dict[str, Any]]] | None = None  # what models do not read of the texts shown
        self._index_job: Job | None = None
        self._index_stopped = False
        self._run_job: Job | None = None
        self._run_job_for: tuple[object, ...] | None = None
        self._run_stopped: tuple[object, ...] | None = None
        self._shown: QueryRun | None = None
        self._shown_of = ""  # digest of the collection the shown run is of
        self._judged: tuple[object, Judged | None] | None = None
        self._language: dict[str, str] = {}  # query -> what is to be said about its language

    # What the visitor does

    def take_collection(self, collection: Collection, source: str, said: str = "") -> None:
        """Go on with another collection; what belongs to the old one is dropped."""
        self.stop_all()
        self.collection, self.source, self.said = collection, source, said
        if collection.queries and self.query not in collection.by_text:
            self.query = (collection.judged or collection.queries)[0].text
        elif not collection.queries and source == "file":
            self.query = ""
        self.measuring = Measuring()
        self._index_stopped = False
        self._shown = None

    def take_compare(self, workspace: Workspace) -> None:
        """The documents of Compare become the collection, with its query; nothing happens where there are none."""
        documents = workspace.pasted.documents
        if documents:
            self.query = workspace.clean_query
            texts = tuple(document.text for document in documents)
            self.take_collection(Collection("Documents of Compare", trec_ids(documents), texts), "compare")

    def take_queries(self, collection: Collection, said: str) -> None:
        """The same passages with other queries or judgments."""
        self.collection, self.said = collection, said
        self.measuring.stop()
        self.measuring = Measuring()
        if collection.queries and self.query not in collection.by_text:
            self.query = (collection.judged or collection.queries)[0].text

    def ask(self, query: str) -> None:
        """Another query."""
        self.query = one_line(clean(query))
        self._run_stopped = None

    def choose(self, stage: Stage | None = None, most: int | None = None, k: int | None = None) -> None:
        """Another first stage, another depth, another k."""
        if stage is not None and stage is not self.stage:
            self.measuring.stop()
            self.stage = stage
        if most in DEEPEST and most is not None:
            self.most = most
        if k is not None and k >= 1:
            self.k = k
        self.k = min(self.k, self.most)
        self._run_stopped = None

    def choose_reranker(self, key: str) -> None:
        """Another cross-encoder; what the old one measured is dropped."""
        if key != self.reranker_key:
            self.measuring.stop()
            self.reranker_key, self.measuring = key, Measuring()

    @property
    def shown(self) -> QueryRun | None:
        """The run on the screen."""
        return self._shown if self._shown_of == self.collection.digest else None

    def judge(self, passage: str, grade: int | None) -> None:
        """Judge a passage for the present query."""
        if passage in self.collection.places and self.query:
            self.collection = self.collection.judge(self.query, passage, grade)
            self.measuring.outdated = bool(self.measuring.evaluations)

    def go_on(self) -> None:
        """Take up what was stopped or has failed."""
        self._index_stopped, self._run_stopped = False, None
        for name in ("_index_job", "_run_job"):
            job = getattr(self, name)
            if job is not None and job.ended:
                setattr(self, name, None)

    def stop_index(self) -> None:
        """Give up making the index; blocks that are done stay on disk."""
        if self._index_job is not None and not self._index_job.ended:
            self._index_job.stop()
            self._index_stopped = True

    def stop_run(self) -> None:
        """Give up the query that is running."""
        if self._run_job is not None and not self._run_job.ended:
            self._run_job.stop()
            self._run_stopped = self._run_job_for

    def stop_all(self) -> None:
        """Another collection: nothing of the old one is to go on."""
        self.measuring.stop()
        for job in (self._index_job, self._run_job):
            if job is not None:
                job.stop()
        self._index_job = self._run_job = None

    # What is drawn

    def step(self, tools: Tools) -> RetrieveView:
        """Take one look: start, replace or finish jobs, and say what to draw."""
        room = tools.room
        notes = room.problems() if room.settled else ()
        embedder = room.scorer(DEFAULT_BI_ENCODER)
        reranker = room.scorer(self.reranker(room))
        if not room.settled and (embedder is None or reranker is None):
            return RetrieveView(waiting=room.step or "The models are loading.", polling=True)
        if embedder is None:
            return RetrieveView(problem="Without the bi-encoder there is nothing to search with.", notes=notes)
        makers = maker_of(embedder), reranker and maker_of(reranker)
        pipeline = self._pipeline(cast(Embedder, makers[0]), cast(PairScorer | None, makers[1]), tools)
        infos = (pipeline.embedder.info, pipeline.reranker.info if pipeline.reranker else None)
        view = self._with_models(pipeline, tools)
        return replace(view, notes=(*notes, *view.notes), embedder=infos[0], reranker=infos[1])

    def reranker(self, room: ModelRoom) -> str:
        """The cross-encoder in use: the chosen one where it can be had, else the first."""
        known = self.rerankers(room)
        return self.reranker_key if self.reranker_key in known else next(iter(known), "")

    def rerankers(self, room: ModelRoom) -> dict[str, str]:
        """The cross-encoders one can choose: key and name."""
        possible = room.columns()
        return {
            key: status.spec.name
            for key, status in room.statuses.items()
            if status.spec.kind is Kind.CROSS_ENCODER and key in possible
        }

    def readers(self, room: ModelRoom) -> list[Embedder | PairScorer]:
        """The models in use, as far as they are there."""
        found = [room.scorer(DEFAULT_BI_ENCODER), room.scorer(self.reranker(room))]
        return [cast(Embedder | PairScorer, scorer) for scorer in found if scorer is not None]

    def taken(self, view: RetrieveView) -> Taken | None:
        """What an export holds: all measured queries where there are some, else the one on the screen."""
        if view.embedder is None:
            return None
        if view.evaluation is not None and view.evaluation.queries:
            k = max(k for k in view.evaluation.ks if k <= max(self.k, view.evaluation.ks[0]))
            return taken_evaluation(self.collection, view.evaluation, k, view.embedder, view.reranker)
        if view.run is None or view.stale:
            return None
        query = self.collection.by_text.get(view.run.query) or Query("q1", view.run.query)
        judged = (replace(view.judged, query=query),) if view.judged else ()
        runs = ((query, view.run),)
        return Taken(
            self.collection, self.stage, self.k, runs, judged, self.collection.qrels, view.embedder, view.reranker
        )

    def _pipeline(self, embedder: Embedder, reranker: PairScorer | None, tools: Tools) -> Pipeline:
        key = reranker.info.key if reranker else ""
        if key not in tools.shared.pipelines:
            tools.shared.pipelines[key] = Pipeline(embedder, reranker)
        return tools.shared.pipelines[key]

    def _with_models(self, pipeline: Pipeline, tools: Tools) -> RetrieveView:
        opened = tools.shared.indexes.get(self.collection, pipeline.embedder.info)
        if opened is None:
            return self._without_index(pipeline.embedder, tools)
        view = self._with_index(pipeline, opened, tools)
        work, note = self.measuring.look(self.collection, self.stage, self.most, pipeline, opened, tools)
        notes = (*view.notes, *(part for part in (opened.note, note) if part))
        return replace(
            view,
            opened=opened,
            notes=notes,
            evaluating=work,
            evaluation=self.measuring.evaluations.get(self.stage),
            polling=view.polling or work is not None,
        )

    def _without_index(self, embedder: Embedder, tools: Tools) -> RetrieveView:
        if self._index_stopped:
            return RetrieveView(waiting=STOPPED_INDEX, stopped="index")
        if self._index_job is None:
            shared = tools.shared
            if shared.indexer is None or shared.indexer.embedder is not embedder:
                shared.indexer = Indexer(embedder, shared.indexes)
            work = shared.indexer.work(self.collection, lambda _: None)
            self._index_job = tools.scheduler.submit(Job(f"{tools.visitor} index", "index", work, tools.alive))
            self._index_job.wait(WAIT_S)
        job = self._index_job
        if job.ended and job.state is JobState.DONE:
            self._index_job = None
            return RetrieveView(waiting="Opening the index.", polling=True)
        if job.ended:
            return RetrieveView(waiting=job.message or STOPPED_INDEX, stopped="index")
        words = (
            "Counting words." if not job.progress.done else "Indexing: each passage goes through the bi-encoder once."
        )
        return RetrieveView(waiting=words, indexing=work_of(job), polling=True)

    def _with_index(self, pipeline: Pipeline, opened: Opened, tools: Tools) -> RetrieveView:
        shown = self.shown
        problem = self._query_problem()
        if problem:
            return RetrieveView(run=shown, stale=True, problem=problem)
        wanted = (self.collection.digest, self.query, self.stage, pipeline.reranker and pipeline.reranker.info.key)
        key = digest(*(str(part) for part in wanted), opened.key, self._fingerprint(pipeline))
        run = self._known(key, tools)
        if run is not None and self._is_enough(run, pipeline):
            return self._standing(run)
        return self._run(key, (*wanted, self.most), run, pipeline, opened, tools)

    def _standing(self, run: QueryRun) -> RetrieveView:
        """Both stages stand; the page looks again while something is still to be said about the language."""
        self._shown, self._shown_of = run, self.collection.digest
        note = self._language.get(run.query, "")
        later = self._run_job is not None and not self._run_job.ended
        notes = tuple(words for words in (run.note, note) if words)
        return RetrieveView(run=run, judged=self._measured(run), notes=notes, polling=later)

    def _query_problem(self) -> str:
        try:
            if not self.query:
                raise InputProblem("The query is empty: type what you would search for, or choose one of the list.")
            if len(self.query) > limits.MAX_QUERY_CHARACTERS:
                raise InputProblem(
                    f"The query has {len(self.query):,} characters, and {limits.MAX_QUERY_CHARACTERS:,} is the limit: "
                    "shorten it."
                )
        except InputProblem as problem:
            return str(problem)
        return ""

    def _is_enough(self, run: QueryRun, pipeline: Pipeline) -> bool:
        return pipeline.reranker is None or run.depth >= min(self.most, len(run.hits))

    def _known(self, key: bytes, tools: Tools) -> QueryRun | None:
        found = tools.shared.runs.get(key)
        return None if found is None else replace(found, query=self.query)

    def _run(
        self,
        key: bytes,
        wanted: tuple[object, ...],
        known: QueryRun | None,
        pipeline: Pipeline,
        opened: Opened,
        tools: Tools,
    ) -> RetrieveView:
        shown = self.shown
        stale = RetrieveView(run=shown, stale=True)
        if self._run_stopped == wanted:
            return replace(stale, waiting=STOPPED_RUN, stopped="query")
        if self._run_job is None or self._run_job_for != wanted:
            if self._run_job is not None:
                self._run_job.stop()
            self._run_job = tools.scheduler.submit(self._new_run(key, known, pipeline, opened, tools))
            self._run_job_for = wanted
            self._run_job.wait(WAIT_S)
        job = self._run_job
        run = self._known(key, tools)
        if run is not None and self._is_enough(run, pipeline):
            return self._standing(run)
        if not job.ended:
            done, total = job.progress.done, job.progress.total
            words = f"Re-ranking: {done} of {total} pairs." if total else "Searching."
            return replace(stale, waiting=words, polling=True)
        return replace(stale, waiting=job.message or STOPPED_RUN, stopped="query")

    def _new_run(self, key: bytes, known: QueryRun | None, pipeline: Pipeline, opened: Opened, tools: Tools) -> Job:
        collection, query, stage, most = self.collection, self.query, self.stage, self.most

        def work(progress: Progress):  # type: ignore[no-untyped-def]
            run = known
            if run is None:
                run = yield from pipeline.run(query, stage, most, collection, opened, progress)
            else:
                progress.total = min(most, len(run.hits))
                run = yield from pipeline.deepen(run, most, collection, progress)
            tools.shared.runs.put(key, replace(run, query=""), _RUN_BYTES)
            yield  # it can be shown; the library that knows languages takes a while to load the first time
            first = [collection.texts[place] for place in run.hits.places[:10]]
            self._language = {query: language_note(query, first)}

        return Job(tools.visitor, "retrieve", work, tools.alive)

    def _measured(self, run: QueryRun) -> Judged | None:
        """The measures of the run on the screen; computed again only when run or judgments change."""
        grades = self.collection.grades(run.query)
        key = (run, tuple(sorted(grades.items())), self.most)
        if self._judged is None or self._judged[0] != key:
            query = self.collection.by_text.get(run.query)
            ks = grid(min(self.most, max(1, run.depth)))
            made = judge(query, run, grades, self.collection.ids, ks) if query and any(grades.values()) else None
            self._judged = (key, made)
        return self._judged[1]

    @staticmethod
    def _fingerprint(pipeline: Pipeline) -> str:
        return pipeline.reranker.info.fingerprint if pipeline.reranker else ""
