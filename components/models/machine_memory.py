"""How much memory this machine, or the container it is, has and has free."""

from __future__ import annotations

from pathlib import Path

GIGABYTE = 1_000_000_000
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_USED = (Path("/sys/fs/cgroup/memory.current"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"))


def total_bytes() -> int:
    """The machine's memory, or the container's limit where that is lower."""
    import psutil

    return min([int(psutil.virtual_memory().total), *_numbers(_LIMITS)])


def free_bytes() -> int:
    """What can still be taken: of the machine, or up to the container's limit where that is less."""
    import psutil

    available = int(psutil.virtual_memory().available)
    limits, used = _numbers(_LIMITS), _numbers(_USED)
    return min(available, max(0, limits[0] - used[0])) if limits and used else available


def _numbers(paths: tuple[Path, ...]) -> list[int]:
    """The number in the first of these files that holds one; none where there is no limit."""
    for path in paths:
        try:
            return [int(path.read_text(encoding="ascii"))]
        except (OSError, ValueError):
            continue
    return []
