"""Who is in the room: so many active visitors at once; who comes later waits before the door, in turn.

A place is held by who does something, or waits for work: after a quiet minute it can go to somebody else. Whoever was
in once comes in again at any time: nobody loses what they were doing to a newcomer.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

STAYS_S = 60.0  # after so long without doing anything a place can be had by who waits
MOST_KNOWN = 20_000  # visitors that are remembered as having been in


@dataclass(frozen=True)
class Full:
    """There is no place: how many are in, how many wait ahead, and about how many seconds it takes."""

    inside: int
    ahead: int
    wait_s: float

    def sentence(self) -> str:
        """What a visitor before the door reads."""
        seconds = max(1, round(self.wait_s))
        line = f", {self.ahead} before you" if self.ahead else ""
        inside = "1 visitor is" if self.inside == 1 else f"{self.inside} visitors are"
        return (
            f"The room is full, about {seconds} s{line}: {inside} working here. "
            "This page opens by itself as soon as there is a place."
        )


@dataclass
class _Place:
    alive: Callable[[], bool]
    active_at: float


class Door:
    """Lets visitors in, at most ``most`` active ones (0: any number). Called from any thread.

    ``has_work`` tells whether a visitor waits for something, ``seconds_waiting`` how much work all of them wait for.
    """

    def __init__(
        self,
        most: int,
        has_work: Callable[[str], bool],
        seconds_waiting: Callable[[], float],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.most = most
        self._has_work = has_work
        self._seconds_waiting = seconds_waiting
        self._now = now
        self._places: dict[str, _Place] = {}
        self._known: OrderedDict[str, None] = OrderedDict()
        self._line: dict[str, Callable[[], bool]] = {}  # who waits, in the order they came
        self._lock = threading.Lock()

    def enter(self, visitor: str, alive: Callable[[], bool]) -> Full | None:
        """Come in, or come back to it; None where there is a place, else what to say. Asked at every run of a page."""
        if not self.most:
            return None
        with self._lock:
            if visitor not in self._known:
                self._clear()
                ahead = self._ahead(visitor)
                free = self.most - len(self._places)
                if ahead >= free:
                    self._line.setdefault(visitor, alive)
                    return Full(len(self._places), ahead, self._wait_s(ahead - free))
                self._line.pop(visitor, None)
            self._known[visitor] = None
            self._known.move_to_end(visitor)
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
            self._places[visitor] = _Place(alive, self._now())
            return None

    def waiting(self) -> int:
        """How many stand before the door."""
        with self._lock:
            return len(self._line)

    def _ahead(self, visitor: str) -> int:
        order = list(self._line)
        return order.index(visitor) if visitor in self._line else len(order)

    def _clear(self) -> None:
        """Free the places of those who have gone or have been quiet for a while, and drop who has left the line."""
        now = self._now()
        for visitor, place in list(self._places.items()):
            is_quiet = now - place.active_at >= STAYS_S and not self._has_work(visitor)
            if is_quiet or not place.alive():
                del self._places[visitor]
        self._line = {visitor: alive for visitor, alive in self._line.items() if alive()}

    def _wait_s(self, place: int) -> float:
        """When the ``place``-th place from now will be free if nobody does anything new: an estimate, rather low."""
        now, work = self._now(), self._seconds_waiting()
        times = sorted(
            work + STAYS_S if self._has_work(visitor) else max(0.0, STAYS_S - (now - held.active_at))
            for visitor, held in self._places.items()
        )
        rounds, place = divmod(place, max(1, len(times)))
        return (times[place] if times else 0.0) + rounds * STAYS_S
