"""Making an index: the work of a job, in pieces, taken up where an earlier run was stopped or killed."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from components.records import ScorerInfo
from components.retrieval.collection import Collection
from components.retrieval.index import ArrayIndex, Index
from components.retrieval.shelf import VERSION, Manifest, Shelf, index_key
from components.retrieval.word_index import WordIndex
from components.scoring.batching import TokenBudget, cut_batches
from components.scoring.forward import forwarded
from components.scoring.scheduler import Progress

if TYPE_CHECKING:
    import numpy as np

BLOCK = 256  # passages between two writes: what a kill can cost
KEPT_BYTES = 256 * 1024 * 1024  # opened indexes a server keeps in memory


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
    words: WordIndex
    how: str = ""
    note: str = ""

    @property
    def n_bytes(self) -> int:
        return self.vectors.n_bytes + self.words.n_bytes


class OpenIndexes:
    """The indexes a server has open, shared by its visitors; what was used longest ago is closed first."""

    def __init__(self, shelf: Shelf | None, max_bytes: int = KEPT_BYTES) -> None:
        self.shelf = shelf
        self._max_bytes = max_bytes
        self._open: OrderedDict[str, Opened] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, collection: Collection, info: ScorerInfo) -> Opened | None:
        """The index of a collection if it is open or on disk, else None. Fast: it is asked in a page's own thread."""
        key = index_key(collection.digest, info)
        with self._lock:
            if key in self._open:
                self._open.move_to_end(key)
                return self._open[key]
        opened = self._from_disk(key, collection, info)
        if opened is not None:
            self.put(opened)
        return opened

    def put(self, opened: Opened) -> None:
        """Keep an index open."""
        with self._lock:
            self._open[opened.key] = opened
            self._open.move_to_end(opened.key)
            while len(self._open) > 1 and sum(one.n_bytes for one in self._open.values()) > self._max_bytes:
                self._open.popitem(last=False)

    def _from_disk(self, key: str, collection: Collection, info: ScorerInfo) -> Opened | None:
        found = self.shelf.find(key) if self.shelf else None
        if found is None or self.shelf is None:
            return None
        folder, manifest = found
        try:
            vectors = ArrayIndex.reopen(folder, info.unit)
            words = WordIndex.reopen(folder, len(collection), collection.digest)
        except (OSError, ValueError, KeyError):
            self.shelf.drop(key)
            return None
        if not manifest.passages == len(vectors) == len(collection):
            self.shelf.drop(key)
            return None
        return Opened(key, vectors, words, "opened from disk")


class Indexer:
    """Makes indexes with one bi-encoder; it remembers how much of them fits into a piece on this machine."""

    def __init__(self, embedder: Embedder, indexes: OpenIndexes) -> None:
        self.embedder = embedder
        self.indexes = indexes
        self._budget = TokenBudget()

    def work(self, collection: Collection, deliver: Callable[[Opened], None]) -> Callable[[Progress], Iterator[None]]:
        """The work of a job: count words, embed every passage, write it all, ``deliver`` the open index.

        A disk that cannot be written costs nothing but being kept: the index is delivered with a sentence.
        """

        def pieces(progress: Progress) -> Iterator[None]:
            progress.unit, progress.total = "passages", len(collection)
            started = time.monotonic()
            key = index_key(collection.digest, self.embedder.info)
            if self.indexes.shelf:
                self.indexes.shelf.tidy(keep=key)
            words = yield from WordIndex.build(collection.texts, collection.digest, Progress())
            vectors, problem, reused = yield from self._embed(key, collection, progress)
            problem = self._publish(key, vectors, words) or problem
            again = f", {reused:,} of them kept from an earlier run" if reused else ""
            how = f"made in {time.monotonic() - started:.1f} s{again}"
            opened = Opened(key, vectors, words, how, problem)
            self.indexes.put(opened)
            deliver(opened)

        return pieces

    def _embed(
        self, key: str, collection: Collection, progress: Progress
    ) -> Generator[None, None, tuple[ArrayIndex, str, int]]:
        """The vectors; why blocks could not be kept ("": they could); and how many passages were kept from before."""
        shelf, problem, reused = self.indexes.shelf, "", 0
        index = ArrayIndex(self.embedder.info.unit)
        for number, start in enumerate(range(0, len(collection), BLOCK)):
            texts = list(collection.texts[start : start + BLOCK])
            vectors = shelf.block(key, number, len(texts)) if shelf and not problem else None
            if vectors is not None:
                reused += len(texts)
                progress.done += len(texts)
            else:
                vectors = yield from self._embed_block(texts, progress)
                if shelf and not problem and len(collection) > BLOCK:
                    problem = _tried(partial(shelf.keep_block, key, number, vectors))
            index.add(vectors)
            yield
        return index, problem, reused

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
