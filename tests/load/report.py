"""What a run of many visitors came to: percentiles, the verdict, the table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.load.roles import Seen


@dataclass(frozen=True)
class Figures:
    """One run. Times in seconds, memory in MB; ``script_s`` and ``piece_s`` are those of a single visitor."""

    sessions: int
    minutes: float
    first: tuple[float, ...]
    own: tuple[float, ...]
    troubles: tuple[str, ...]
    turned_away: int
    warm_mb: float
    end_mb: float
    cpu_share: float  # processor seconds of the server a second, all cores
    load: float  # the machine's load average at the end
    extra: dict[str, float] = field(default_factory=dict)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all do not exceed (nearest rank); nan of nothing."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def gather(met: Sequence[Seen]) -> dict[str, tuple[object, ...]]:
    """What all visitors met, together."""
    return {
        "first": tuple(one for seen in met for one in seen.first),
        "own": tuple(one for seen in met for one in seen.own),
        "troubles": tuple(one for seen in met for one in seen.troubles),
    }


def verdict(single: Figures, many: Figures, script_s: float, piece_s: float) -> str:
    """The bar: with n visitors p95 of "something is on the page" is at most twice a single visitor's plus their fair
    share of the work ahead, n x (script CPU + one piece), all from the same run."""
    one, all_ = percentile(single.first, 0.95), percentile(many.first, 0.95)
    bar = 2 * one + many.sessions * (script_s + piece_s)
    held = "held" if all_ <= bar else "MISSED"
    return (
        f"{held}: p95({many.sessions}) {all_:.2f} s, bar {bar:.2f} s = 2 x {one:.2f} s + {many.sessions} x "
        f"({script_s * 1000:.0f} ms script + {piece_s * 1000:.0f} ms piece)"
    )


def memory_words(figures: Figures) -> str:
    """Whether memory stayed flat after the warm-up, within 5 %."""
    growth = figures.end_mb / figures.warm_mb - 1
    return f"{'flat' if growth <= 0.05 else 'GREW'}: {figures.warm_mb:.0f} -> {figures.end_mb:.0f} MB ({growth:+.1%})"


def cost_s(figures: Figures) -> float:
    """Processor seconds of the server for one own result, pages and polling included: other work changes it little."""
    return figures.cpu_share * figures.minutes * 60 / len(figures.own) if figures.own else math.nan


HEAD = (
    "sessions | minutes | page p50 | p95 | own p50 | p95 | results | failures | full | warm MB | end MB | CPU | "
    "CPU a result | load\n" + " | ".join(["---"] * 14)
)


def row(figures: Figures) -> str:
    """One line of the table."""
    cells = [
        f"{figures.sessions}",
        f"{figures.minutes:g}",
        *(f"{percentile(figures.first, share):.2f} s" for share in (0.5, 0.95)),
        *(f"{percentile(figures.own, share):.2f} s" for share in (0.5, 0.95)),
        f"{len(figures.own)}",
        f"{len(figures.troubles)}",
        f"{figures.turned_away}",
        f"{figures.warm_mb:.0f}",
        f"{figures.end_mb:.0f}",
        f"{figures.cpu_share:.2f}",
        f"{cost_s(figures):.2f} s",
        f"{figures.load:.1f}",
    ]
    return " | ".join(cells)
