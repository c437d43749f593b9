"""A call that cannot be cut into pieces runs in a thread of its own, and the pieces only look whether it has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import TypeVar

Result = TypeVar("Result")
LOOK_S = 0.05  # how long a piece waits for the thread


def aside(call: Callable[[], Result]) -> Generator[None, None, Result]:
    """The result of ``call``, in pieces of ``LOOK_S``; what it raises is raised here.

    Only for calls that let other threads run (a database's, long array operations). A job that is stopped meanwhile
    leaves the thread to its end: what it makes must do no harm when nobody waits for it any more.
    """
    made: list[Result] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            made.append(call())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="aside", daemon=True)
    thread.start()
    thread.join(LOOK_S)
    while thread.is_alive():
        yield
        thread.join(LOOK_S)
    if failed:
        raise failed[0]
    return made[0]
