"""How times, numbers and intervals are written."""

from __future__ import annotations

from components.timing.fit import Estimate


def time_words(ms: float) -> str:
    """A time in the unit in which it is read most easily."""
    if ms < 0:
        return f"−{time_words(-ms)}"
    if ms < 0.1:
        return f"{ms * 1000:.0f} µs" if ms >= 0.001 else f"{ms * 1_000_000:.0f} ns"
    if ms < 9.95:
        return f"{ms:.1f} ms"
    if ms < 999.5:
        return f"{ms:.0f} ms"
    seconds = ms / 1000
    if seconds < 120:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s" if seconds < 99.95 else f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


def interval_words(estimate: Estimate) -> str:
    """The 95 % interval of a time."""
    low = max(0.0, estimate.low)
    return f"{time_words(low)} to {time_words(estimate.high)}" if low > 0 else f"up to {time_words(estimate.high)}"


def times_words(ratio: float) -> str:
    """A ratio of at least 1: "1.5 times", "24 times"."""
    return f"{ratio:.1f} times" if ratio < 9.95 else f"{ratio:,.0f} times"


def number_words(value: float) -> str:
    """A large number with its prefix: 27.3 G."""
    for limit, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            scaled = value / limit
            return f"{scaled:.2f} {prefix}" if scaled < 9.995 else f"{scaled:,.0f} {prefix}"
    return f"{value:.0f} "


def line_words(a: float, b: float, variable: str) -> str:
    """The equation of a line."""
    return f"T = {time_words(a)} {'+' if b >= 0 else '−'} {time_words(abs(b))} × {variable}"
