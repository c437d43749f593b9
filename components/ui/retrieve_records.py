"""What the page Retrieve & re-rank works with: what a server shares, what a look at it needs, what is drawn."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from components.models.room import ModelRoom
from components.records import ScorerInfo
from components.retrieval.collection import Collection
from components.retrieval.evaluation import Evaluation, Judged
from components.retrieval.indexing import Indexer, Opened, OpenIndexes
from components.retrieval.pipeline import Pipeline, QueryRun
from components.scoring.scheduler import Job, Scheduler
from components.scoring.store import BoundedStore


@dataclass
class Shared:
    """What the visitors of a server have in common here: open indexes, runs of queries with their times."""

    indexes: OpenIndexes
    runs: BoundedStore[QueryRun] = field(default_factory=lambda: BoundedStore(16 * 1024 * 1024))
    pipelines: dict[str, Pipeline] = field(default_factory=dict)
    indexer: Indexer | None = None
    folder: Path | None = None  # the operator's large collections
    files: dict[tuple[str, int, int], Collection] = field(default_factory=dict)  # those that were opened


@dataclass(frozen=True)
class Tools:
    """What the flow needs from the server and the session."""

    room: ModelRoom
    scheduler: Scheduler
    shared: Shared
    visitor: str
    alive: Callable[[], bool]


@dataclass(frozen=True)
class Work:
    """How far a job is. ``left_s`` is None until there is a rate to go by."""

    done: int
    total: int
    rate: float = 0.0
    left_s: float | None = None
    unit: str = "passages"


@dataclass(frozen=True)
class RetrieveView:
    """What the page draws now.

    ``run`` is the one on the screen, ``stale`` when it is not of the present query; ``judged`` its measures, None
    without judgments. ``problem`` is a sentence about the input, ``waiting`` one about the work.
    """

    opened: Opened | None = None
    run: QueryRun | None = None
    judged: Judged | None = None
    stale: bool = False
    problem: str = ""
    waiting: str = ""
    indexing: Work | None = None
    evaluating: Work | None = None
    evaluation: Evaluation | None = None
    stopped: str = ""  # "index" or "query": what can be gone on with
    notes: tuple[str, ...] = ()
    embedder: ScorerInfo | None = None
    reranker: ScorerInfo | None = None
    polling: bool = False


def work_of(job: Job) -> Work:
    """How far a job is, how fast, and how long still, by the wall clock since it was handed in."""
    spent = time.monotonic() - job.submitted_at
    done, total = job.progress.done, job.progress.total
    fresh = done - job.progress.kept
    rate = fresh / spent if fresh > 0 and spent > 0 else 0.0
    return Work(done, total, rate, (total - done) / rate if rate else None, job.progress.unit)
