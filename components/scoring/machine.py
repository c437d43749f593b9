"""What else the machine does while something is measured, and what its processor is called."""

from __future__ import annotations

import platform
import time
from pathlib import Path

BUSY_SHARE = 0.25  # of all cores in other processes' hands: from here on a machine counts as busy


class OthersWatch:
    """The share of all cores that other processes used since the last look."""

    def __init__(self) -> None:
        self._last = _read()

    def look(self) -> float:
        """The share, 0 to 1, since the last look (or since this was made)."""
        import psutil

        (clock, used, own), now = self._last, _read()
        self._last = now
        whole = (now[0] - clock) * (psutil.cpu_count() or 1)
        return min(1.0, max(0.0, ((now[1] - used) - (now[2] - own)) / whole)) if whole > 0 else 0.0


def free_threads(most: int, others: float) -> int:
    """How many threads to start with where others use this share of the cores; all of them where they are quiet."""
    return most if others <= BUSY_SHARE else max(1, int(most * (1 - others)))


def _read() -> tuple[float, float, float]:
    """Seconds: the clock, what all processes have used of the cores, and what this one has."""
    import psutil

    times, own = psutil.cpu_times(), psutil.Process().cpu_times()
    in_user = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # counted in user and nice, too
    used = sum(times) - times.idle - getattr(times, "iowait", 0.0) - in_user
    return time.monotonic(), used, own.user + own.system


def processor_name() -> str:
    """The processor as its maker calls it, where the system says so; else its architecture."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
