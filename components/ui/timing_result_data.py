"""What the view "timing_result" is sent: every figure of the race on the screen, with its table."""

from __future__ import annotations

from statistics import median
from typing import Any

from components.timing import budget, findings, flops
from components.timing.fit import Estimate, Line
from components.timing.records import STAGES, Part, RaceResult, Way, p95
from components.timing.words import interval_words, number_words, time_words
from components.ui.explain import TERMS
from components.ui.timing_data import LANES, TERM_NAMES
from components.ui.timing_flow import TimingView

LINES = (*LANES, (Way.DOCUMENTS, "bi-encoder, documents embedded"))
DEFINITIONS = {
    Way.CROSS: "every pair through the model, sorted",
    Way.NOTHING: "query and every document embedded now, compared, sorted",
    Way.DOCUMENTS: "query embedded now, compared with vectors made before, sorted",
    Way.QUERY: "query embedded, nothing else",
}


def result_data(view: TimingView) -> dict[str, Any]:
    """The data of the view ``timing_result``: every figure of the result on the screen with its table."""
    shown, download = view.shown, view.download
    file = None if download is None else {"count": download.count, "name": download.name, "text": download.text}
    if shown is None:
        return {"id": "", "download": None}
    return {
        "id": f"{shown.environment.measured_at} {shown.complete} {shown.stopped} {len(shown.laps)}",
        "stale": view.stale or view.other,
        "stored": shown.stored is not None,
        "raced": findings.asked_words(shown.asked, shown.documents, shown.stored is not None),
        "replicates": _replicates(shown),
        "stages": _stages(shown),
        "why": _why(shown),
        "budget": _budget(shown),
        "collection": _collection(shown),
        "environment": findings.environment_line(shown) + " " + findings.load_sentence(shown),
        "environment_short": findings.environment_short(shown),
        "terms": {name: TERMS[name] for name in TERM_NAMES},
        "download": file,
    }


def _kind(way: Way) -> str:
    return "cross-encoder" if way is Way.CROSS else "bi-encoder"


def _replicates(shown: RaceResult) -> dict[str, Any]:
    rows = []
    for way in shown.ways:
        times = shown.totals(way)
        warm = [lap.total for lap in shown.laps if lap.way is way and lap.leg == 0 and lap.round == 0]
        rows.append(
            {
                "way": way.value,
                "kind": _kind(way),
                "what": DEFINITIONS[way],
                "values": [round(time, 3) for time in times],
                "warm": [round(time, 3) for time in warm],
                "median": round(median(times), 3),
                "p95": round(p95(times), 3),
                "words": [time_words(median(times)), time_words(p95(times)), time_words(min(times))],
                "most": time_words(max(times)),
                "warm_words": time_words(warm[0]) if warm else "none",
            }
        )
    return {"rows": rows, "sentence": findings.spread_sentence(shown), "rounds": shown.rounds}


def _stages(shown: RaceResult) -> dict[str, Any]:
    """The stages of each way's replicate nearest the median."""
    rows = []
    for way in shown.ways:
        lap = shown.typical(way)
        rows.append(
            {
                "way": way.value,
                "kind": _kind(way),
                "values": [round(value, 4) for value in lap.stages],
                "words": [time_words(value) for value in lap.stages],
                "total": round(lap.total, 4),
                "total_words": time_words(lap.total),
                "sum": f"{100 * sum(lap.stages) / lap.total:.1f} %",
            }
        )
    return {"names": list(STAGES), "rows": rows, "sentence": findings.stages_sentence(shown)}


def _why(shown: RaceResult) -> dict[str, Any]:
    sentences = findings.fit_sentences(shown)
    return {
        "work": findings.work_sentence(shown),
        "growth": findings.growth_sentence(shown),
        "counted": _counted(shown),
        "formula": f"Operations of one sequence: {flops.FORMULA}. {flops.SOURCE}",
        "figures": [
            _figure(shown, "documents", "number of documents", LINES, sentences["documents"]),
            _figure(shown, "tokens", "tokens through the model, padding included", LANES, sentences["tokens"]),
        ],
    }


def _counted(shown: RaceResult) -> list[list[str]]:
    """A row a way: passes, batches, tokens, operations, operations a second."""
    rows = []
    for way in shown.ways:
        work = shown.legs[0].work_of(way)
        forward = median([lap.forward for lap in shown.laps_of(way)])
        speed = work.flops / (forward / 1000) if forward > 0 else 0.0
        counted = [f"{work.passes:,}", f"{work.batches:,}", f"{work.tokens:,}", f"{work.padded:,}"]
        rows.append([way.value, *counted, f"{number_words(work.flops)}FLOP", f"{number_words(speed)}FLOP/s"])
    return rows


def _figure(
    shown: RaceResult, name: str, axis: str, lines: tuple[tuple[Way, str], ...], sentences: tuple[str, ...]
) -> dict[str, Any]:
    series = []
    for way, label in lines:
        by_documents = name == "documents"
        line = budget.line_of_documents(shown, way) if by_documents else budget.line_of_tokens(shown, way)
        series.append(
            {
                "way": way.value,
                "label": label,
                "kind": _kind(way),
                "dashed": way is Way.DOCUMENTS,
                "points": _points(shown, way, by_documents),
                "line": None if line is None else [line.a, line.b],
            }
        )
    return {"name": name, "axis": axis, "series": series, "sentences": list(sentences)}


def _points(shown: RaceResult, way: Way, by_documents: bool) -> list[list[float]]:
    """[x, lap 1, lap 2 ...] for each leg, smallest x first."""
    rows = []
    for leg in shown.legs:
        times = shown.totals(way, leg.index)
        if times and (not by_documents or leg.part is not Part.LENGTH):
            x = leg.documents if by_documents else leg.work_of(way).padded
            rows.append([float(x), *(round(time, 3) for time in times)])
    return sorted(rows)


def _budget(shown: RaceResult) -> dict[str, Any]:
    line = budget.p95_line(shown, Way.CROSS)
    steps = []
    for ms in budget.BUDGETS:
        within = None if line is None else budget.documents_within(line, ms)
        steps.append(
            {
                "ms": ms,
                "words": time_words(ms),
                "documents": None if within is None else within.documents,
                "extrapolated": within is not None and within.extrapolated,
                "sentence": findings.budget_sentence(shown, ms),
            }
        )
    timed = [[float(n), round(p95(times), 3)] for n, times in budget.sizes(shown, Way.CROSS)]
    return {"steps": steps, "line": _ab(line), "timed": timed, "method": _p95_method(line)}


def _ab(line: Line | None) -> list[float] | None:
    return None if line is None else [line.a, line.b]


def _p95_method(line: Line | None) -> str:
    if line is None:
        return ""
    equation = findings.fit_sentence(line, "Line through the 95th percentiles", "n").replace(" laps", " sizes")
    return f"{equation} Timed up to {line.largest:.0f} documents."


def _collection(shown: RaceResult) -> dict[str, Any] | None:
    costs = budget.costs(shown)
    if costs is None:
        return None
    queries = (1, 2, 5, 10, 100, 1_000)
    largest = budget.COLLECTIONS[-1]
    embedding, per_query, over_all = costs.embedding(largest), costs.index(largest), costs.cross_over_all(largest)
    return {
        "sizes": list(budget.COLLECTIONS),
        "kept": list(budget.KEPT),
        "all": [_estimate(costs.cross_over_all(n)) for n in budget.COLLECTIONS],
        "index": [_estimate(costs.index(n)) for n in budget.COLLECTIONS],
        "two": [[_estimate(costs.two_stage(n, k)) for n in budget.COLLECTIONS] for k in budget.KEPT],
        "sentences": [[findings.collection_sentence(costs, n, k) for n in budget.COLLECTIONS] for k in budget.KEPT],
        "break_even": [findings.break_even_sentence(costs, n) for n in budget.COLLECTIONS],
        "queries": [
            [f"{q:,}", time_words(over_all.value * q), time_words(embedding.value + per_query.value * q)]
            for q in queries
        ],
        "measured": [f"{costs.cross.largest:.0f}", f"{costs.scan.largest:,.0f}"],
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "ms": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "words": time_words(estimate.value),
        "interval": interval_words(estimate),
        "extrapolated": estimate.extrapolated,
    }


def findings_of(shown: RaceResult) -> dict[str, str]:
    """The sentences that go into the JSON file."""
    said = {
        "race": findings.race_sentence(shown),
        "spread": findings.spread_sentence(shown),
        "stages": findings.stages_sentence(shown),
        "work": findings.work_sentence(shown),
        "growth": findings.growth_sentence(shown),
        "load": findings.load_sentence(shown),
        "environment": findings.environment_line(shown),
    }
    if (costs := budget.costs(shown)) is not None:
        largest = budget.COLLECTIONS[-1]
        said["collection"] = findings.collection_sentence(costs, largest, 100)
        said["break_even"] = findings.break_even_sentence(costs, largest)
    return said
