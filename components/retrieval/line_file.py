"""A collection that stays in its file: a passage a line, read when it is asked for.

Memory holds where each line begins and a digest of each id, 24 bytes a passage, and the lines read last. For the
files of ``RELEVANCE_LAB_COLLECTIONS``: what a visitor uploads is read whole (``files``).
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
import weakref
from array import array
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from components.errors import InputProblem
from components.retrieval.collection import Collection, Digest
from components.scoring.scheduler import Progress
from components.texts import limits
from components.texts.clean import clean
from components.texts.readers import ID_NAMES, TEXT_NAMES

if TYPE_CHECKING:
    import numpy as np

ENDINGS = (".jsonl", ".tsv", ".txt")
MOST_PASSAGES = 1_000_000  # what the index cache of 2 GB holds at 384 numbers a passage
_PIECE_S = 0.1
_KEPT_LINES = 1_024
Parse = Callable[[str], tuple[str, str]]


def names(folder: Path | None) -> tuple[str, ...]:
    """The files of a folder that can be collections, by name."""
    try:
        found = [] if folder is None else [path for path in folder.iterdir() if path.suffix.lower() in ENDINGS]
        return tuple(sorted(path.name for path in found if path.is_file()))
    except OSError:
        return ()


def read(path: Path, progress: Progress) -> Generator[None, None, Collection]:
    """Go through a file once, in pieces. Raises ``InputProblem`` with the line that cannot be used.

    .jsonl: an object a line, its text and id found by their names, a title put before; .tsv: id and text; .txt: a text
    a line. Lines without text are passed over. Ids are the file's where each passage has one of its own.
    """
    try:
        lines = _Lines(path)
        yield from lines.scan(progress)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputProblem(f"{path.name} cannot be read ({reason}): ask who runs this server.") from error
    texts = _Texts(lines)
    places = _own_ids(lines)
    ids = _Ids(lines) if places is not None else _MadeIds(len(lines))
    collection = Collection(path.name, ids, texts)
    collection.know(
        digest=lines.digest, places=places or _MadePlaces(ids), n_bytes=lines.n_bytes, text_bytes=lines.size
    )
    return collection


class _Lines:
    """The lines of a file that hold a text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("rb")
        self._lock = threading.Lock()
        self._stamp = self._now()
        self._starts, self._sizes = array("q"), array("i")
        self.hashes = array("Q")  # of the ids; empty when a line has none
        self.digest = ""
        self._parse: Parse = _parser(path.suffix.lower())
        weakref.finalize(self, self._file.close)
        self._kept: OrderedDict[int, tuple[str, str]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._starts)

    def _now(self) -> tuple[int, int]:
        """Size and time of the file that is open."""
        found = os.fstat(self._file.fileno())
        return found.st_size, found.st_mtime_ns

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._stamp[0]

    @property
    def n_bytes(self) -> int:
        """Memory: not the texts, but where they begin."""
        return 24 * len(self._starts)

    def scan(self, progress: Progress) -> Generator[None, None, None]:
        """Find the lines, digest ids and texts."""
        progress.unit, progress.total = "MB", max(1, self._stamp[0] // 1_000_000)
        digest, has_ids, start = Digest(), True, 0
        until = time.monotonic() + _PIECE_S
        for number, line in enumerate(self._file, 1):
            id_, text = self._parsed(line, number)
            if text:
                self._take(start, len(line), number, text)
                digest.add(text)
                has_ids = has_ids and bool(id_)
                if has_ids:
                    self.hashes.append(_hash(id_))
            start += len(line)
            progress.done = start // 1_000_000
            if time.monotonic() > until:
                yield
                until = time.monotonic() + _PIECE_S
        if not len(self):
            raise InputProblem(f"{self._path.name} holds no text: ask who runs this server to look at it.")
        if not has_ids:
            self.hashes = array("Q")
        self.digest = digest.hex()

    def _take(self, start: int, size: int, number: int, text: str) -> None:
        if len(text) > limits.MAX_DOCUMENT_CHARACTERS:
            raise InputProblem(
                f"Line {number:,} of {self._path.name} has {len(text):,} characters, and "
                f"{limits.MAX_DOCUMENT_CHARACTERS:,} is the limit: it has to be split into several passages."
            )
        if len(self) == MOST_PASSAGES:
            raise InputProblem(f"{self._path.name} holds more than {MOST_PASSAGES:,} passages: it has to be split.")
        self._starts.append(start)
        self._sizes.append(size)

    def _parsed(self, line: bytes, number: int) -> tuple[str, str]:
        try:
            return self._parse(line.decode("utf-8").lstrip("\ufeff"))
        except ValueError as error:  # also JSON and UTF-8
            raise InputProblem(f"Line {number:,} of {self._path.name} is broken: it has to be mended first.") from error

    def at(self, place: int) -> tuple[str, str]:
        """Id and text of a passage."""
        with self._lock:
            if place not in self._kept:
                self._kept[place] = self._read(place)
                if len(self._kept) > _KEPT_LINES:
                    self._kept.popitem(last=False)
            return self._kept[place]

    def _read(self, place: int) -> tuple[str, str]:
        """From the file as it was opened. Raises ``InputProblem`` when it was written to since."""
        try:
            is_same = self._now() == self._stamp
            self._file.seek(self._starts[place])
            line = self._file.read(self._sizes[place])
            if is_same:
                return self._parse(line.decode("utf-8").lstrip("\ufeff"))
        except (OSError, ValueError):
            pass
        raise InputProblem(f"{self._path.name} has changed since it was opened: choose the collection again.")


class _Sequence(Sequence[str]):
    """What all three share: slices, and counting from the end."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def _one(self, place: int) -> str:
        raise NotImplementedError

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        places = range(self._count)[index]
        return self._one(places) if isinstance(places, int) else tuple(self._one(place) for place in places)


class _Texts(_Sequence):
    def __init__(self, lines: _Lines) -> None:
        super().__init__(len(lines))
        self._lines = lines

    def _one(self, place: int) -> str:
        return self._lines.at(place)[1]


class _Ids(_Sequence):
    def __init__(self, lines: _Lines) -> None:
        super().__init__(len(lines))
        self._lines = lines

    def _one(self, place: int) -> str:
        return self._lines.at(place)[0]


class _MadeIds(_Sequence):
    """p000001, p000002 ..."""

    def _one(self, place: int) -> str:
        return f"p{place + 1:06d}"


class _MadePlaces(Mapping[str, int]):
    """The place of a made id, read from the id itself."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = ids

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __getitem__(self, id_: str) -> int:
        digits = id_[1:]
        place = int(digits) - 1 if digits.isascii() and digits.isdigit() and len(digits) < 12 else -1
        if 0 <= place < len(self._ids) and self._ids[place] == id_:
            return place
        raise KeyError(id_)


class _Places(Mapping[str, int]):
    """The place of an id by binary search among the digests; the id is compared in the file."""

    def __init__(self, lines: _Lines, order: np.ndarray, hashes: np.ndarray) -> None:
        self._ids = _Ids(lines)
        self._order, self._hashes = order, hashes

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __getitem__(self, id_: str) -> int:
        at = int(self._hashes.searchsorted(_hash(id_)))
        if at < len(self._order) and self._ids[int(self._order[at])] == id_:
            return int(self._order[at])
        raise KeyError(id_)


def _own_ids(lines: _Lines) -> _Places | None:
    """Where the ids of the file are; None when some are missing or double."""
    import numpy as np

    if len(lines.hashes) != len(lines):
        return None
    hashes = np.frombuffer(lines.hashes, dtype=np.uint64)
    order = np.argsort(hashes).astype(np.int32)
    hashes = hashes[order]
    lines.hashes = array("Q")  # their memory: from here on the sorted copy is used
    if bool((hashes[1:] == hashes[:-1]).any()):
        return None
    return _Places(lines, order, hashes)


def _hash(id_: str) -> int:
    return int.from_bytes(hashlib.blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _parser(ending: str) -> Parse:
    return {".jsonl": _from_json, ".tsv": _from_tabs}.get(ending, lambda line: ("", clean(line).strip()))


def _from_tabs(line: str) -> tuple[str, str]:
    id_, tab, text = line.rstrip("\r\n").partition("\t")
    return ("_".join(id_.split()), clean(text).strip()) if tab else ("", clean(id_).strip())


def _from_json(line: str) -> tuple[str, str]:
    """Id and text of an object; the first of the known names that holds something counts."""
    if not line.strip():
        return "", ""
    row: Any = json.loads(line)
    if isinstance(row, str):
        return "", clean(row).strip()
    if not isinstance(row, dict):
        raise ValueError("neither an object nor a text")
    by_name = {str(name).strip().lower(): value for name, value in row.items()}
    text = next((str(by_name[name]) for name in TEXT_NAMES if by_name.get(name)), "")
    title = str(by_name.get("title") or "")
    whole = text if title in ("", text) else f"{title} {text}"
    id_ = next((str(by_name[name]) for name in ID_NAMES if by_name.get(name) not in (None, "")), "")
    return "_".join(clean(id_).split()), clean(whole).strip()
