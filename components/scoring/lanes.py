"""Passes side by side: a batch is cut into as many parts as there are lanes, and each runs in a thread on one core.

Threads inside an operation meet at its end and wait for the slowest, some hundred times a pass; parts in lanes meet
once. Which of the two is faster is measured, see ``tuning``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")

_lock = threading.Lock()
_chosen: int | None = None
_pool: ThreadPoolExecutor | None = None
_pool_size = 0


def use(lanes: int | None) -> None:
    """Let this many passes run side by side from now on; None: as many as torch has threads (the first guess)."""
    global _chosen
    _chosen = lanes


def count() -> int:
    """How many passes run side by side on a processor."""
    import torch

    return torch.get_num_threads() if _chosen is None else _chosen


def cut(lengths: Sequence[int], most: int) -> list[range]:
    """Rows of these lengths in at most ``most`` runs with about as many tokens each, none of them empty."""
    parts: list[range] = []
    whole, start, tokens = sum(lengths), 0, 0
    for row, length in enumerate(lengths):
        tokens += length
        if len(parts) < most - 1 and tokens * most >= whole * (len(parts) + 1):
            parts.append(range(start, row + 1))
            start = row + 1
    return [part for part in [*parts, range(start, len(lengths))] if part]


def side_by_side(call: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """``call`` of each part, in order. A part alone runs in the caller's thread, with all of torch's threads."""
    if len(parts) == 1:
        return [call(parts[0])]
    with _lock:  # a pool that somebody else outgrows meanwhile would take nothing more
        results = _lanes(len(parts)).map(call, parts)
    return list(results)


def _lanes(size: int) -> ThreadPoolExecutor:
    """A pool with this many threads at least, all of them started."""
    global _pool, _pool_size
    if _pool is None or _pool_size < size:
        if _pool is not None:
            _pool.shutdown(wait=False)
        _pool, _pool_size = _started(size), size
    return _pool


def _started(size: int) -> ThreadPoolExecutor:
    """All threads are started at once, since what one of them sets becomes torch's default for threads to come.

    Raises ``RuntimeError`` where not all can be started (at the end of the program, say); those that were then end.
    """
    import torch

    before = torch.get_num_threads()
    together = threading.Barrier(size)
    pool = ThreadPoolExecutor(size, thread_name_prefix="lane")

    def start(_: int) -> None:
        torch.get_num_threads()  # a thread's first such call sets it to the default, and would do so later
        torch.set_num_threads(1)
        together.wait()

    try:
        list(pool.map(start, range(size)))
    except RuntimeError:
        together.abort()  # else the first would wait for the others for good, and the program's end for the first
        pool.shutdown(wait=False)
        raise
    finally:
        torch.set_num_threads(before)
    return pool
