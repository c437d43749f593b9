"""What the view "timing" is sent: what to race, how far it is, the lanes and the finding."""

from __future__ import annotations

from statistics import median
from typing import Any

from components.timing import findings
from components.timing.load import is_busy
from components.timing.made_up import COUNTS, LENGTHS
from components.timing.race import Live
from components.timing.records import RaceResult, Way
from components.timing.words import time_words
from components.ui.explain import TERMS
from components.ui.timing_flow import FRESH_S, REPLICATES, TimingView

LANES = ((Way.CROSS, "cross-encoder"), (Way.NOTHING, "bi-encoder, nothing embedded"))
NOTHING_YET = "Race both models on this machine: which is faster, and by how much?"
TERM_NAMES = (
    *("bi-encoder", "cross-encoder", "replicate", "median", "p95", "warm-up", "forward pass", "FLOP", "R²", "index"),
    *("two-stage", "break-even", "extrapolated"),
)


def timing_data(view: TimingView) -> dict[str, Any]:
    """The data of the view ``timing``: what to race, how far it is, the lanes, the finding."""
    shown, live = view.shown, view.live
    running_first = live is not None and (shown is None or view.stale)
    return {
        "asked": {
            "source": view.asked.source.value,
            "count": view.asked.count,
            "length": view.asked.length,
            "replicates": view.asked.replicates,
        },
        "choices": {"counts": list(COUNTS), "lengths": list(LENGTHS), "replicates": list(REPLICATES)},
        "workspace": f"your {findings.count(view.documents, 'document')}",
        "query": view.query,
        "problem": view.problem,
        "waiting": view.waiting,
        "left": "" if view.left_s is None else f"about {time_words(max(1.0, round(view.left_s)) * 1000)} left",
        "done": view.done,
        "total": view.total,
        "can_race": view.can_race,
        "stoppable": view.stoppable,
        "running": live is not None,
        "finding": NOTHING_YET if shown is None else findings.race_sentence(shown),
        "mark": mark(view),
        "stale": view.stale or view.other,
        "busy": "" if shown is None else findings.load_sentence(shown),
        "is_busy": shown is not None and is_busy(shown.load),
        "before": findings.agreement_sentence(shown, view.before) if shown and view.before else "",
        "lanes": _live_lanes(live, shown) if live is not None and running_first else _lanes_of(shown),
        "lanes_note": "live" if running_first else "the replicate nearest the median",
        "terms": {name: TERMS[name] for name in TERM_NAMES},
    }


def mark(view: TimingView) -> str:
    """Whether what is shown was measured now, is kept from before, came with the app, or is of something else."""
    shown = view.shown
    if shown is None:
        return ""
    at = shown.environment.measured_at[11:16] + " UTC"
    if shown.stored is not None:
        return f"Stored: raced on {shown.stored} on the machine named below, not on this one now."
    parts = [f"Measured here at {at}."]
    if view.other:
        parts = [f"Kept from {at}: of other documents or settings than those chosen now."]
    elif view.kept_s is not None and view.kept_s > FRESH_S:
        parts = [f"Kept: measured here at {at}, {time_words(view.kept_s * 1000)} ago, not anew."]
    if shown.stopped:
        parts.append(f"Stopped: the figures are of the {findings.count(shown.rounds, 'replicate')} that were complete.")
    elif not shown.complete:
        parts.append("What the time grows with is still being measured.")
    return " ".join(parts)


def _live_lanes(live: Live, shown: RaceResult | None) -> dict[str, Any]:
    times = [time for totals in live.totals.values() for time in totals]
    ticks = [at for lane in live.ticks.values() for at, _ in lane]
    documents = live.documents or (shown.documents if shown else 0)
    return {
        "scale": max([*times, *ticks, 1.0]),
        "documents": documents,
        "rows": [
            _lane(way, label, live.ticks.get(way, ()), documents, live.totals.get(way, ())) for way, label in LANES
        ],
    }


def _lanes_of(shown: RaceResult | None) -> dict[str, Any]:
    if shown is None:
        return {"scale": 1.0, "documents": 0, "rows": [_lane(way, label, (), 0, ()) for way, label in LANES]}
    rows, scale = [], 1.0
    for way, label in LANES:
        totals = shown.totals(way)
        typical = shown.typical(way)
        scale = max(scale, typical.total)
        rows.append(_lane(way, label, typical.ticks, shown.documents, totals))
    return {"scale": scale, "documents": shown.documents, "rows": rows}


def _lane(
    way: Way, label: str, ticks: tuple[tuple[float, int], ...], documents: int, totals: tuple[float, ...]
) -> dict[str, Any]:
    done = sum(number for _, number in ticks)
    last = f"{done} of {documents} documents" + (f", {time_words(ticks[-1][0])}" if ticks else "")
    return {
        "way": way.value,
        "label": label,
        "kind": "cross-encoder" if way is Way.CROSS else "bi-encoder",
        "ticks": [[round(at, 3), number] for at, number in ticks],
        "words": last if documents else "",
        "median": f"median {time_words(median(totals))} of {len(totals)}" if totals else "",
    }
