"""``python -m components.benchmark.large_collection FOLDER``: a large collection, through the app's own code.

Made-up passages with made-up vectors in groups (``--passages``), or real ones with the packaged model (``--file``).
Time a step, the process's memory at its highest, disk, and how fast and how well is searched. ``--kill-at N`` kills the
process itself in the middle: the same command again goes on from there.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import signal
import statistics
import sys
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from components.benchmark.report import load_average
from components.models.loading import load, prepare_torch
from components.models.registry import neural_models
from components.records import Kind, ScorerInfo
from components.retrieval import line_file
from components.retrieval.collection import Collection
from components.retrieval.indexing import Embedder, Indexer, Opened, OpenIndexes
from components.retrieval.shelf import Shelf
from components.retrieval.word_index import words_of
from components.scoring.scheduler import Job, JobState, Progress, Scheduler

if TYPE_CHECKING:
    import numpy as np

DIMENSION, GROUPS, SPREAD = 384, 2_000, 0.7
QUERIES = 30
_VOCABULARY = 60_000


class MadeUp:
    """An embedder whose vectors are one of ``GROUPS`` centres and noise, from the text alone."""

    def __init__(self) -> None:
        import numpy as np

        centres = np.random.default_rng(0).normal(size=(GROUPS, DIMENSION)).astype(np.float32)
        self._centres = centres / np.linalg.norm(centres, axis=1, keepdims=True)

    @property
    def info(self) -> ScorerInfo:
        """As a bi-encoder has it."""
        return ScorerInfo("bi-encoder:made-up", Kind.BI_ENCODER, "made-up", "cosine", 256, "0")

    def forward(self, _role: str, texts: list[str]) -> np.ndarray:
        """Vectors (texts, ``DIMENSION``) of about length 1."""
        import numpy as np

        rows = []
        for text in texts:
            chance = np.random.default_rng(list(text.encode()[:40]))
            noise = chance.normal(size=DIMENSION).astype(np.float32) * (SPREAD / DIMENSION**0.5)
            rows.append(self._centres[chance.integers(GROUPS)] + noise)
        return np.stack(rows)

    def token_spans(self, texts: list[str]) -> list[list[tuple[int, int]]]:
        """A token a word."""
        return [[(0, 1)] * (text.count(" ") + 1) for text in texts]


def write_made_up(path: Path, count: int) -> None:
    """``count`` passages of 12 to 60 words, frequent and rare ones as in a language (Zipf)."""
    chance = random.Random(0)
    words = [f"w{number:x}" for number in range(_VOCABULARY)]
    weights = list(itertools.accumulate(1 / (number + 1) for number in range(_VOCABULARY)))
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            some = chance.choices(words, cum_weights=weights, k=chance.randint(12, 60))
            file.write(json.dumps({"id": f"d{number}", "text": f"{number:x} {' '.join(some)}"}) + "\n")


class Steps:
    """Seconds of each step of a job, by looking at its progress between two pieces."""

    def __init__(self, kill_at: int) -> None:
        self.seconds: dict[str, float] = {}
        self.longest: dict[str, float] = {}  # piece
        self._kill_at = kill_at

    def watch(self, work: Callable[[Progress], Iterator[None]]) -> Callable[[Progress], Iterator[None]]:
        """The same work, watched."""

        def pieces(progress: Progress) -> Iterator[None]:
            last = time.monotonic()
            for _ in work(progress):
                name = progress.step or ("Embedding and writing." if progress.unit == "passages" else "Reading.")
                spent = time.monotonic() - last
                self.seconds[name] = self.seconds.get(name, 0.0) + spent
                self.longest[name] = max(self.longest.get(name, 0.0), spent)
                if self._kill_at and not progress.step and progress.done - progress.kept >= self._kill_at:
                    print(f"killed at {progress.done:,}", flush=True)
                    os.kill(os.getpid(), signal.SIGKILL)
                yield
                last = time.monotonic()

        return pieces


def run(path: Path, embedder: Embedder, options: argparse.Namespace) -> dict[str, Any]:
    """Read, index and search one file; the figures."""
    before, averages = _rss(), load_average()
    scheduler, steps, found = Scheduler(), Steps(options.kill_at), []

    def reading(progress: Progress) -> Generator[None, None, None]:
        found.append((yield from line_file.read(path, progress)))

    read = _done(scheduler, steps.watch(reading))
    collection: Collection = found[0]
    limit = None if options.index_mb is None else options.index_mb * 1_000_000
    opened: list[Opened] = []
    indexes = OpenIndexes(Shelf(options.folder), most_index_bytes=limit)
    made = _done(scheduler, steps.watch(Indexer(embedder, indexes).work(collection, opened.append)))
    index = opened[0]
    figures: dict[str, Any] = {
        "passages": len(collection),
        "file_mb": collection.text_bytes / 1e6,
        "how": index.how,
        "on_disk": index.on_disk,
        "steps_s": {name: round(value, 1) for name, value in steps.seconds.items()},
        "busy_s": round(read.busy_s + made.busy_s, 1),
        "longest_piece_s": {name: round(value, 2) for name, value in steps.longest.items()},
        "disk_mb": {"vectors": index.vectors.disk_bytes / 1e6, "words": index.words.disk_bytes / 1e6},
        "index_in_memory_mb": index.n_bytes / 1e6,
        "rss_mb": {"before": before, "after_indexing": _rss(), "highest_while_indexing": _highest()},
    }
    figures |= searched(collection, index, embedder)
    figures["rss_mb"] |= {"after_searching": _rss(), "highest": _highest()}
    if options.check_words:
        figures["bm25_beside_bm25s"] = same_top_ten(collection, index)
    figures["load_average"] = {"before": averages, "after": load_average()}
    return figures


def searched(collection: Collection, index: Opened, embedder: Embedder) -> dict[str, Any]:
    """Milliseconds a query (median) of each search, and the recall that was measured."""
    chance = random.Random(1)
    texts = [collection.texts[chance.randrange(len(collection))] for _ in range(QUERIES)]
    queries = [" ".join(text.split()[:8]) for text in texts]
    vectors = [embedder.forward("query", [query])[0] for query in queries]
    recall = index.vectors.recall
    return {
        "exact_ms": _median_ms([lambda v=v: index.vectors.search(v, 10) for v in vectors]),  # type: ignore[misc]
        "approximate_ms": _median_ms([lambda v=v: index.vectors.search(v, 10, exact=False) for v in vectors]),  # type: ignore[misc]
        "bm25_ms": _median_ms([lambda q=q: index.words.search(q, 10) for q in queries]),  # type: ignore[misc]
        "recall_at_10": recall.value if recall else None,
        "recall_sample": recall.sample if recall else None,
        "approximate": index.vectors.how,
    }


def same_top_ten(collection: Collection, index: Opened) -> str:
    """BM25 on disk beside bm25s with the same parameters: for how many queries the ten best are the same."""
    import bm25s
    import numpy as np

    reference = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    reference.index([words_of(text) for text in collection.texts], show_progress=False)
    chance, same, tied = random.Random(2), 0, 0
    for _ in range(QUERIES):
        words = words_of(collection.texts[chance.randrange(len(collection))])
        query = chance.sample(words, min(3, len(words)))
        scores = reference.get_scores(query)
        order = np.argsort(-scores, kind="stable")
        hits = index.words.search(" ".join(query), 10).places
        is_same = set(hits) == {int(place) for place in order[:10]}
        is_tie = not is_same and np.allclose(np.sort(scores[list(hits)]), np.sort(scores[order[:10]]), rtol=1e-5)
        same, tied = same + is_same, tied + bool(is_tie)
    return f"{same} of {QUERIES} sets equal, {tied} more but for equal scores at the cut"


def _done(scheduler: Scheduler, work: Callable[[Progress], Iterator[None]]) -> Job:
    job = scheduler.submit(Job("benchmark", "benchmark", work))
    while not job.wait(5):
        done = job.progress
        print(f"  {done.done:,} of {done.total:,} {done.unit} {done.step} {_rss():.0f} MB", file=sys.stderr, flush=True)
    if job.state is not JobState.DONE:
        raise SystemExit(job.message or str(job.state))
    return job


def _median_ms(calls: list[Callable[[], object]]) -> float:
    times = []
    for call in calls:
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return round(1000 * statistics.median(times), 1)


def _rss() -> float:
    return round(psutil.Process().memory_info().rss / 1e6, 0)


def _highest() -> float:
    """MB the process has held at most so far; for Linux, which counts in kB."""
    import resource

    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, 0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m components.benchmark.large_collection", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the file and the index are kept")
    parser.add_argument("--passages", type=int, default=200_000, help="how many to make up")
    parser.add_argument("--file", type=Path, help="real passages instead (.jsonl, .tsv, .txt), and the packaged model")
    parser.add_argument("--index-mb", type=int, default=None, help="RELEVANCE_LAB_ARRAY_MB of this run")
    parser.add_argument("--kill-at", type=int, default=0, metavar="N", help="die after N passages have been embedded")
    parser.add_argument("--check-words", action="store_true", help="compare BM25 with bm25s, which takes memory")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.file or options.folder / f"made-up-{options.passages}.jsonl"
    if not path.exists():
        write_made_up(path, options.passages)
    embedder: Any = MadeUp()
    if options.file:
        embedder = load(next(spec for spec in neural_models() if spec.kind is Kind.BI_ENCODER), prepare_torch())
    figures = run(path, embedder, options)
    text = json.dumps(figures, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
