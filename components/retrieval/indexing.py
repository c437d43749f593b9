"""Making an index: the work of a job, in pieces, taken up where an earlier run was stopped or killed."""

from __future__ import annotations

import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from components.errors import InputProblem
from components.models import machine_memory
from components.records import ScorerInfo
from components.retrieval.collection import Collection
from components.retrieval.index import ArrayIndex, Index, Words
from components.retrieval.lance_index import LanceIndex
from components.retrieval.lance_store import StoreMissing, is_store
from components.retrieval.lance_words import LanceWords
from components.retrieval.shelf import VERSION, Manifest, Shelf, index_key
from components.retrieval.word_index import WordIndex
from components.scoring.aside import LOOK_S, aside
from components.scoring.batching import TokenBudget, cut_batches
from components.scoring.forward import forwarded
from components.scoring.scheduler import Progress

if TYPE_CHECKING:
    import numpy as np

BLOCK = 256  # passages between two writes: what a kill can cost
STORE_BLOCK = 1_024  # the same on disk, where a write costs more
KEPT_BYTES = 256 * 1024 * 1024  # opened indexes a server keeps in memory
SHARE = 8  # making an index may take an eighth of the machine's memory, unless the operator says otherwise
STORE_TAKES = 500_000_000  # bytes of memory, measured: an index of less is no lighter on disk
WORD_SHARE = 10  # measured: bm25s took 517 MB more to count the words of 200,000 short passages of 47 MB
LARGEST_DIMENSION = 4_096  # numbers in a vector of the largest models
WAITING = "Somebody else has this collection indexed just now: waiting for it."
COUNTING = "Counting words."
GROUPING = "Every passage is embedded. Sorting vectors into groups for the approximate search."
UNWRITABLE = (
    "The index could not be written to disk ({reason}): see that there is room, then go on; what is there stays."
)
MEASURING = "Measuring what the approximate search finds of the exact one."


class Embedder(Protocol):
    """What of a bi-encoder is needed here; ``BiEncoderScorer`` is one, a service may be another."""

    @property
    def info(self) -> ScorerInfo:
        """What the vectors are and what makes them."""

    def forward(self, role: str, texts: list[str]) -> np.ndarray:
        """Vectors of texts, float32 (texts, dimension); ``role`` is "query" or "document"."""

    def token_spans(self, texts: list[str]) -> list[list[tuple[int, int]]]:
        """The tokens of each text as spans of characters."""


@dataclass(frozen=True)
class Opened:
    """A collection's index, ready for searching. ``how`` says where it came from; ``note`` is a sentence or ""."""

    key: str
    vectors: Index
    words: Words
    how: str = ""
    note: str = ""
    exact: bool = True  # whether a search has to find the nearest vectors for sure

    @property
    def n_bytes(self) -> int:
        return self.vectors.n_bytes + self.words.n_bytes

    @property
    def on_disk(self) -> bool:
        """Whether it is searched where it lies on disk: it was too large for memory."""
        return self.vectors.disk_bytes > 0


class OpenIndexes:
    """The indexes a server has open, shared by its visitors; what was used longest ago is closed first."""

    def __init__(self, shelf: Shelf | None, max_bytes: int = KEPT_BYTES, most_index_bytes: int | None = None) -> None:
        self.shelf = shelf
        if most_index_bytes is None:
            most_index_bytes = max(machine_memory.total_bytes() // SHARE, STORE_TAKES)
        self.most_index_bytes = most_index_bytes
        self._max_bytes = max_bytes
        self._open: OrderedDict[str, Opened] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, collection: Collection, info: ScorerInfo) -> Opened | None:
        """The index of a collection if it is open, or on disk as arrays. Fast: it is asked in a page's own thread."""
        key = index_key(collection.digest, info)
        with self._lock:
            if key in self._open:
                self._open.move_to_end(key)
                return self._open[key]
        return self.reopen(collection, info, arrays_only=True)

    def put(self, opened: Opened) -> None:
        """Keep an index open."""
        with self._lock:
            self._open[opened.key] = opened
            self._open.move_to_end(opened.key)
            while len(self._open) > 1 and sum(one.n_bytes for one in self._open.values()) > self._max_bytes:
                self._open.popitem(last=False)

    def reopen(self, collection: Collection, info: ScorerInfo, arrays_only: bool = False) -> Opened | None:
        """What is on disk; a store takes a while to open the first time, so it can be left to a job."""
        key = index_key(collection.digest, info)
        found = self.shelf.find(key) if self.shelf else None
        if found is None or self.shelf is None or (arrays_only and is_store(found[0])):
            return None
        folder, manifest = found
        try:
            vectors, words = _read(folder, collection, info)
        except StoreMissing:
            return None
        except (OSError, ValueError, KeyError):
            self.shelf.drop(key)
            return None
        if not manifest.passages == len(vectors) == len(words) == len(collection):
            self.shelf.drop(key)
            return None
        opened = Opened(key, vectors, words, "opened from disk")
        self.put(opened)
        return opened

    def must_be_on_disk(self, collection: Collection, dimension: int) -> bool:
        """Whether making the index in memory would take more of it than an index may.

        Vectors of 4 bytes a number stand there twice for a moment; counting words takes ``WORD_SHARE`` times the texts.
        """
        needed = len(collection) * dimension * 8 + WORD_SHARE * collection.text_bytes + collection.n_bytes
        return needed > self.most_index_bytes


def _read(folder: Path, collection: Collection, info: ScorerInfo) -> tuple[Index, Words]:
    if is_store(folder):
        return LanceIndex.reopen(folder, info.unit), LanceWords.reopen(folder, collection.digest)
    words = WordIndex.reopen(folder, len(collection), collection.digest)
    return ArrayIndex.reopen(folder, info.unit), words


class Indexer:
    """Makes indexes with one bi-encoder; it remembers how much of them fits into a piece on this machine."""

    def __init__(self, embedder: Embedder, indexes: OpenIndexes) -> None:
        self.embedder = embedder
        self.indexes = indexes
        self._budget = TokenBudget()
        self._making: set[str] = set()  # only the worker's thread looks at it
        self._saving: dict[str, threading.Lock] = {}

    def work(self, collection: Collection, deliver: Callable[[Opened], None]) -> Callable[[Progress], Iterator[None]]:
        """The work of a job: count words, embed every passage, write it all, ``deliver`` the open index.

        A disk that cannot be written costs nothing but being kept: the index is delivered with a sentence. Only an
        index that is too large for memory needs it.
        """

        def pieces(progress: Progress) -> Iterator[None]:
            progress.unit, progress.total = "passages", len(collection)
            key = index_key(collection.digest, self.embedder.info)
            while key in self._making:
                progress.step = WAITING
                time.sleep(LOOK_S)
                yield
            self._making.add(key)
            try:
                progress.step = ""
                opened = yield from aside(partial(self.indexes.reopen, collection, self.embedder.info))
                deliver(opened or (yield from self._make(key, collection, progress)))
            finally:
                self._making.discard(key)

        return pieces

    def _make(self, key: str, collection: Collection, progress: Progress) -> Generator[None, None, Opened]:
        """Make the index, in memory or on disk."""
        started = time.monotonic()
        if self.indexes.shelf:
            self.indexes.shelf.tidy(keep=key)
        dimension = LARGEST_DIMENSION
        if self.indexes.must_be_on_disk(collection, dimension):  # else no model's vectors are too large
            first = yield from forwarded(self.embedder, "document", [collection.texts[0]], progress=progress)
            dimension = int(first.values.shape[1])
            yield
        if self.indexes.must_be_on_disk(collection, dimension):
            try:
                made = yield from self._on_disk(key, collection, dimension, progress)
            except (OSError, RuntimeError) as error:  # the store's own errors are of the second kind
                reason = getattr(error, "strerror", None) or type(error).__name__
                raise InputProblem(UNWRITABLE.format(reason=reason)) from error
        else:
            made = yield from self._in_memory(key, collection, progress)
        kept = f", {progress.kept:,} of them kept from an earlier run" if progress.kept else ""
        opened = replace(made, how=f"made in {time.monotonic() - started:.1f} s{kept}")
        self.indexes.put(opened)
        return opened

    def _in_memory(self, key: str, collection: Collection, progress: Progress) -> Generator[None, None, Opened]:
        words = yield from WordIndex.build(collection.texts, collection.digest, Progress())
        vectors, problem = yield from self._embed(key, collection, progress)
        problem = (yield from aside(partial(self._publish, key, vectors, words))) or problem
        return Opened(key, vectors, words, note=problem)

    def _on_disk(
        self, key: str, collection: Collection, dimension: int, progress: Progress
    ) -> Generator[None, None, Opened]:
        """Made where it will be searched. What is there of an earlier run is gone on with: it is in order and whole."""
        import numpy as np

        shelf, info = self.indexes.shelf, self.embedder.info
        if shelf is None:
            raise InputProblem(
                f"This collection needs more than the {self.indexes.most_index_bytes / 1e9:.1f} GB of memory that an "
                "index may take here, and nothing is kept on disk (RELEVANCE_LAB_CACHE=off): ask who runs this server."
            )
        place = shelf.workplace(key)
        words = yield from aside(partial(LanceWords, place, collection.digest, is_new=True))
        progress.step = COUNTING
        yield from words.fill(collection.texts, progress)
        yield from aside(partial(self._saved, key, words.save))
        vectors = yield from aside(partial(LanceIndex, place, info.unit, dimension))
        progress.step, progress.done, progress.kept = "", len(vectors), len(vectors)
        while (start := len(vectors)) < len(collection):
            rows = []
            for at in range(start, min(start + STORE_BLOCK, len(collection)), BLOCK):
                texts = list(collection.texts[at : at + BLOCK])
                rows.append((yield from self._embed_block(texts, progress)))
            yield from aside(partial(vectors.add, np.concatenate(rows)))
        progress.step = GROUPING
        yield
        yield from aside(partial(self._saved, key, partial(vectors.save, place)))
        progress.step = MEASURING
        yield
        yield from vectors.measure()
        if not len(words) == len(vectors) == len(collection):
            shutil.rmtree(place, ignore_errors=True)
            raise InputProblem("Another server has written to the same index meanwhile: try again.")
        manifest = Manifest(VERSION, len(collection), dimension, info.unit, info.name, {})
        folder = yield from aside(partial(shelf.publish_workplace, key, manifest))
        shelf.tidy(keep=key)
        return Opened(key, *(yield from aside(partial(_read, folder, collection, info))))

    def _saved(self, key: str, save: Callable[[], None]) -> None:
        """Save in a thread that a Stop leaves to its end: whoever goes on waits for it and finds it done."""
        with self._saving.setdefault(key, threading.Lock()):
            save()

    def _embed(
        self, key: str, collection: Collection, progress: Progress
    ) -> Generator[None, None, tuple[ArrayIndex, str]]:
        """The vectors, and why blocks could not be kept ("": they could)."""
        shelf, problem = self.indexes.shelf, ""
        index = ArrayIndex(self.embedder.info.unit)
        for number, start in enumerate(range(0, len(collection), BLOCK)):
            texts = list(collection.texts[start : start + BLOCK])
            vectors = shelf.block(key, number, len(texts)) if shelf and not problem else None
            if vectors is not None:
                progress.kept += len(texts)
                progress.done += len(texts)
            else:
                vectors = yield from self._embed_block(texts, progress)
                if shelf and not problem and len(collection) > BLOCK:
                    problem = _tried(partial(shelf.keep_block, key, number, vectors))
            index.add(vectors)
            yield
        return index, problem

    def _embed_block(self, texts: list[str], progress: Progress) -> Generator[None, None, np.ndarray]:
        """Vectors of a block, float32 (texts, dimension), texts of like length together."""
        import numpy as np

        window = self.embedder.info.max_tokens or 10**9
        lengths = [min(len(spans) + 2, window) for spans in self.embedder.token_spans(texts)]
        found: dict[int, np.ndarray] = {}
        yield
        for batch in cut_batches(lengths, self._budget):
            made = yield from forwarded(self.embedder, "document", [texts[place] for place in batch], progress=progress)
            self._budget.learn(len(batch) * lengths[batch[0]], made.seconds)
            found.update(zip(batch, made.values, strict=True))
            progress.done += len(batch)
            yield
        return np.stack([found[place] for place in range(len(texts))])

    def _publish(self, key: str, vectors: ArrayIndex, words: WordIndex) -> str:
        if self.indexes.shelf is None:
            return ""
        info = self.embedder.info
        manifest = Manifest(VERSION, len(vectors), int(vectors.vectors.shape[1]), info.unit, info.name, {})
        shelf = self.indexes.shelf

        def write() -> None:
            def save(folder: Path) -> None:
                vectors.save(folder)
                words.save(folder)

            shelf.publish(key, manifest, save)
            shelf.tidy(keep=key)

        return _tried(write)


def _tried(write: Callable[[], None]) -> str:
    """Write; a sentence for the visitor where the disk does not take it, "" where it does."""
    try:
        write()
    except OSError as error:
        reason = error.strerror or "it takes no more"  # numpy names no reason where a write ends short
        return f"The index works, but could not be kept on disk ({reason}): it will have to be made again next time."
    return ""
