"""One batch through a model, wherever it runs: at once where it is in this process, else waited for."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from components.scoring.scheduler import Progress

Values = TypeVar("Values")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Forwarded(Generic[Values]):
    """What came out of a batch, the seconds it took without other visitors' turns, and a sentence or ""."""

    values: Values
    seconds: float
    note: str = ""


class Forwards(Protocol):
    """A model that takes a batch at once."""

    @property
    def forward(self) -> Any:
        """The batch in, its values out: logits of pairs, or vectors of texts of a role."""


def forwarded(reader: Forwards, *batch: Any, progress: Progress) -> Generator[None, None, Forwarded[Any]]:
    """What ``reader.forward(*batch)`` gives; ``progress`` is the job's own, see ``scheduler.awaited``.

    A reader that waits for somebody else has ``forward_beside``, which leaves the worker to others meanwhile.
    """
    beside = getattr(reader, "forward_beside", None)
    if beside is not None:
        return (yield from beside(*batch, progress))
    started = time.perf_counter()
    values = reader.forward(*batch)
    return Forwarded(values, time.perf_counter() - started)


def driven(pieces: Generator[None, None, Result]) -> Result:
    """Run pieces to their end without a worker."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            made: Result = end.value
            return made
