"""What one can take away from Compare: which files there are, and the one that was asked for."""

from __future__ import annotations

import datetime
from typing import Any

from components.errors import InputProblem
from components.export import chart, report, script, table
from components.judging.metrics import measure
from components.judging.trec import qrels_file, run_file
from components.models.room import ModelRoom
from components.ranking.findings import column_names, finding
from components.records import Comparison
from components.ui.compare_judging import quality_sentences
from components.workspace import Workspace

_TITLES = {
    "csv": "table (CSV)",
    "json": "everything (JSON)",
    "html": "report (HTML, works offline)",
    "py": "Python script",
    "svg": "chart (SVG)",
    "png": "chart (PNG)",
    "qrels": "judgments (qrels)",
}
_MIME = {"csv": "text/csv;charset=utf-8", "json": "application/json", "html": "text/html;charset=utf-8"}
_MIME |= {"svg": "image/svg+xml", "png": "image/svg+xml", "py": "text/x-python;charset=utf-8"}


def export_choices(shown: Comparison, has_judgments: bool) -> list[dict[str, str]]:
    """The files one can have: id and title. A chart needs two columns and two documents, qrels a judgment."""
    has_chart = len(shown.columns) > 1 and len(shown.documents) > 1
    offered = [id_ for id_ in _TITLES if (has_chart or id_ not in ("svg", "png")) and (has_judgments or id_ != "qrels")]
    runs = [
        {"id": f"run {place}", "title": f"run of the {name}"} for place, name in enumerate(column_names(shown.columns))
    ]
    return [*({"id": id_, "title": _TITLES[id_]} for id_ in offered), *runs]


def export_file(which: str, workspace: Workspace, shown: Comparison, room: ModelRoom, made: str) -> dict[str, Any]:
    """Name, kind and content of a file, or ``problem``, why there is none. ``made`` says what made the figures.

    A PNG is asked for as SVG: the browser turns it into pixels, with the fonts it has.
    """
    grades = workspace.judgments.of(shown.query, shown.documents)
    try:
        if which == "qrels":
            return {"name": "judgments.qrels", "mime": "text/plain", "text": qrels_file(shown.documents, grades)}
        if which.startswith("run "):
            return _run(which, shown)
        if which not in _TITLES:
            return {"problem": "This file is not offered: choose another one."}
        text = _text(which, workspace, shown, room, made)
    except InputProblem as problem:
        return {"problem": str(problem)}
    name = "reproduce" if which == "py" else "comparison"
    return {"name": f"{name}.{which}", "mime": _MIME[which], "text": text, "png": which == "png"}


def _text(which: str, workspace: Workspace, shown: Comparison, room: ModelRoom, made: str) -> str:
    grades = workspace.judgments.of(shown.query, shown.documents)
    if which == "csv":
        return table.to_csv(shown, grades)
    if which == "py":
        return script.ranking_script(shown, {key: status.spec.place for key, status in room.statuses.items()})
    if which in ("svg", "png"):
        return chart.slope_chart(shown, finding(shown), made)
    quality = measure(shown.columns, shown.documents, grades, workspace.cutoff)
    if which == "json":
        return table.to_json(shown, grades, quality)
    sentences = tuple(quality_sentences(quality, shown, grades)) if quality else ()
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return report.html_report(shown, grades, quality, report.ReportWords(made, sentences, today))


def _run(which: str, shown: Comparison) -> dict[str, Any]:
    names = {f"run {place}": name for place, name in enumerate(column_names(shown.columns))}
    if which not in names:
        return {"problem": "This column is not there any more: choose another one."}
    column = shown.columns[int(which.removeprefix("run "))]
    tag = names[which].replace(" ", "-").replace("/", "-")
    return {"name": f"{tag}.run", "mime": "text/plain", "text": run_file(column, shown.documents, tag)}
