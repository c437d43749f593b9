"""How busy the machine is, from two sources: what other processes use, and how long a pass waits for its processor.

No ``getloadavg``: Windows lacks it, and it counts what waits for the disk as well.
"""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from components.timing.records import Load

BUSY_SHARE = 0.25  # of all cores, used by other processes
BUSY_RATIO = 1.5  # wall time over processor time, against the idle measurement
LOOK_BACK_S = 1.0  # so long before the first timed run the machine is watched


@dataclass(frozen=True)
class Reading:
    """Seconds: the clock, what all processes together have used of the processors, what this one has."""

    at: float
    all_used: float
    own_used: float


def read_processors() -> Reading:
    """What the system's and this process's processor clocks say now."""
    import psutil

    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    guest = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # contained in user and nice
    own = psutil.Process().cpu_times()
    return Reading(time.monotonic(), sum(times) - idle - guest, own.user + own.system)


class LoadWatch:
    """Measures between two looks which share of all cores other processes used."""

    def __init__(self, cores: int, read: Callable[[], Reading] = read_processors) -> None:
        self._cores = cores
        self._read = read
        self._last = read()

    @property
    def seconds(self) -> float:
        """How long ago the last look was."""
        return self._read().at - self._last.at

    def look(self) -> float:
        """The share (0 to 1) used by others since the last look."""
        before, now = self._last, self._read()
        self._last = now
        others = (now.all_used - before.all_used) - (now.own_used - before.own_used)
        whole = (now.at - before.at) * self._cores
        return min(1.0, max(0.0, others / whole)) if whole > 0 else 0.0


@dataclass
class IdleMark:
    """The smallest wall time over processor time seen for each set-up: what an undisturbed pass takes here."""

    _seen: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lowest(self, key: str, ratio: float) -> float:
        """Take in a ratio and return the smallest so far."""
        with self._lock:
            self._seen[key] = min(ratio, self._seen.get(key, ratio))
            return self._seen[key]


IDLE = IdleMark()  # of this server


def busy_rounds(load: Load) -> int:
    """Before how many rounds other processes used more than ``BUSY_SHARE`` of the cores."""
    return sum(share > BUSY_SHARE for share in load.others)


def slowed(load: Load) -> float | None:
    """How many times as long as an undisturbed one the median pass waited; None where nothing is known."""
    return load.wall_over_cpu / load.idle if load.idle > 0 else None


def is_busy(load: Load) -> bool:
    """Either source is enough."""
    ratio = slowed(load)
    return busy_rounds(load) > 0 or (ratio is not None and ratio > BUSY_RATIO)


def cores() -> int:
    """Logical processors of this machine."""
    import psutil

    return psutil.cpu_count() or 1


def processor_name() -> str:
    """The processor as its maker calls it, where the system says so; else its architecture."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
