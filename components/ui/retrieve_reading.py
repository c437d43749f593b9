"""A collection of the operator's folder on its way in: its file is gone through once, in pieces, for all visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from components.retrieval import line_file
from components.retrieval.collection import Collection
from components.scoring.scheduler import Job, JobState, Progress
from components.ui.retrieve_records import RetrieveView, Shared, Tools, work_of

WAIT_S = 0.3  # so long a page waits for a small file before it starts to poll


class Reading:
    """Where one visitor stands with a collection they have chosen from the folder."""

    def __init__(self) -> None:
        self.problem = ""
        self._path: Path | None = None
        self._job: Job | None = None

    def ask(self, folder: Path | None, name: str) -> None:
        """Ask for a file of the folder; a name that is not in it is refused with a sentence."""
        self.stop()
        if folder is None or name not in line_file.names(folder):
            self.problem = f"{name[:60]} is not among this server's collections any more: choose another one."
            return
        self._path = folder / name

    def stop(self) -> None:
        """Give it up; the collection on the screen stays."""
        self.problem = ""
        if self._job is not None:
            self._job.stop()
        self._path = self._job = None

    def look(self, tools: Tools) -> Collection | RetrieveView | None:
        """None where nothing was asked for; what to draw while it is read; at last the collection."""
        if self._path is None:
            return None
        known = tools.shared.files.get(_stamp(self._path))
        if known is not None:
            self.stop()
            return known
        if self._job is None:
            work = _work(self._path, tools.shared)
            self._job = tools.scheduler.submit(Job(f"{tools.visitor} index", "read", work, tools.alive))
            self._job.wait(WAIT_S)
        job = self._job
        if not job.ended:
            return RetrieveView(waiting=f"Reading {self._path.name}.", indexing=work_of(job), polling=True)
        if job.state is JobState.DONE and _stamp(self._path) in tools.shared.files:
            return self.look(tools)
        self._failed(job.message)
        return None

    def _failed(self, message: str) -> None:
        name = self._path.name if self._path else ""
        self.stop()
        self.problem = message or f"{name} has changed while it was read: choose it again."


def _work(path: Path, shared: Shared) -> Callable[[Progress], Iterator[None]]:
    def pieces(progress: Progress) -> Iterator[None]:
        stamp = _stamp(path)
        found = yield from line_file.read(path, progress)
        for older in [one for one in shared.files if one[0] == stamp[0]]:
            shared.files.pop(older, None)
        shared.files[stamp] = found

    return pieces


def _stamp(path: Path) -> tuple[str, int, int]:
    """The file as it is now: written to, it is another one."""
    try:
        found = path.stat()
    except OSError:
        return str(path), -1, -1
    return str(path), found.st_size, found.st_mtime_ns
