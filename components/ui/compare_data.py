"""From a comparison to what the result view draws: words and numbers ready to be shown, nothing left to guess."""

from __future__ import annotations

from typing import Any

from components import settings
from components.models import cards
from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, MAX_COLUMNS
from components.models.room import ModelRoom
from components.ranking.agreement import kendall_tau_b
from components.ranking.findings import (
    agreements,
    column_names,
    finding,
    format_score,
    work_details,
    work_sentence,
)
from components.ranking.ranks import competition_ranks
from components.records import Column, Comparison, Document, Kind
from components.texts.examples import examples
from components.ui.compare_export import export_choices
from components.ui.compare_flow import CompareView, usable_columns
from components.ui.compare_judging import BLIND, blind_rows, judging_data, row_judgments
from components.ui.compare_text import text_parts, tokens_cell
from components.ui.explain import TERMS
from components.workspace import Workspace


def result_data(view: CompareView, choices: list[dict[str, Any]], session: str, workspace: Workspace) -> dict[str, Any]:
    """The data of the view ``result``; ``choices`` are the columns one can show (``column_choices``).

    While one judges blind, nothing that a model has said is in it.
    """
    shown = view.shown
    data: dict[str, Any] = {
        "session": session,
        "choices": choices,
        "most_columns": MAX_COLUMNS,
        "stale": view.stale,
        "waiting": view.waiting,
        "notes": list(view.notes),
        "done": view.done,
        "total": view.total,
        "stoppable": view.stoppable,
        "retry": view.retry,
        "pooling": str(workspace.pooling),
        **judging_data(workspace, shown, examples().get(workspace.example)),
    }
    if workspace.blind_seed is not None:
        data |= _nothing_yet(view) | {"finding": BLIND, "rows": blind_rows(workspace), "stale": False}
        return data | {"caption": f"Documents to judge for the query “{workspace.clean_query}”, shuffled"}
    if shown is None:
        return data | _nothing_yet(view)
    words = "stored result of " + shown.stored if shown.stored else work_sentence(shown)
    return data | {
        "finding": ("Stored result: " if shown.stored else "") + finding(shown),
        "work": words,
        "work_details": work_details(shown),
        "exports": export_choices(shown, data["quality"] is not None),
        "is_long": any(score.tokens_lost for column in shown.columns for score in column.scores),
        **_table(shown, row_judgments(workspace, shown)),
    }


def column_choices(workspace: Workspace, room: ModelRoom) -> list[dict[str, Any]]:
    """Every scorer there is, and whether it is a column now."""
    chosen = usable_columns(workspace, room)
    names = {key: (str(status.spec.kind), status.spec.name) for key, status in room.statuses.items()}
    return [
        {"key": key, "kind": kind, "name": name, "chosen": key in chosen}
        for key in room.columns()
        for kind, name in [names.get(key, ("BM25", "word count, no model"))]
    ]


def _nothing_yet(view: CompareView) -> dict[str, Any]:
    return {
        "finding": "" if view.problem else "The ranking appears here.",
        "work": "",
        "work_details": "",
        "columns": [],
        "rows": [],
        "exports": [],
        "is_long": False,
        "agreements": [],
        "sort_column": 0,
        "terms": TERMS,
        "made": "",
        "caption": "",
        "chart_words": "",
    }


def _table(shown: Comparison, judgments: list[dict[str, Any]]) -> dict[str, Any]:
    names = column_names(shown.columns)
    ranks = [competition_ranks(column.values) for column in shown.columns]
    return {
        "columns": [_column(column, name) for column, name in zip(shown.columns, names, strict=True)],
        "rows": [
            _row(document, index, shown, ranks, names) | judgments[index]
            for index, document in enumerate(shown.documents)
        ],
        "agreements": [
            {
                "first": pair.first,
                "second": pair.second,
                "tau": "not defined" if pair.tau_b is None else format_score(pair.tau_b),
                "shared": pair.shared,
                "k": pair.k,
            }
            for pair in agreements(shown)
        ],
        "sort_column": _last_model(shown),
        "terms": TERMS,
        "made": made_words(shown),
        "caption": f"Ranks and scores of {len(shown.documents)} documents for the query “{shown.query}”",
        "chart_words": _chart_words(shown, names),
    }


def _column(column: Column, name: str) -> dict[str, Any]:
    low, high = min(column.values), max(column.values)
    return {
        "key": column.scorer.key,
        "kind": str(column.scorer.kind),
        "name": name,
        "short": name if len(name) <= 13 else column.scorer.name[:12] + "…",
        "unit": column.scorer.unit,
        "low": format_score(low),
        "high": format_score(high),
    }


def _row(
    document: Document,
    index: int,
    shown: Comparison,
    ranks: list[tuple[int, ...]],
    names: tuple[str, ...],
) -> dict[str, Any]:
    cells = []
    for column, of_column in zip(shown.columns, ranks, strict=True):
        low, high = min(column.values), max(column.values)
        value = column.values[index]
        cells.append(
            {
                "rank": of_column[index],
                "tie": of_column.count(of_column[index]) > 1,
                "value": format_score(value),
                "share": round((value - low) / (high - low), 4) if high > low else 0.5,
            }
        )
    scores = [(name, column, column.scores[index]) for name, column in zip(names, shown.columns, strict=True)]
    return {
        "number": document.number,
        "text": document.text,
        "cells": cells,
        "parts": text_parts(document.text, scores),
        **tokens_cell(scores),
    }


def _last_model(shown: Comparison) -> int:
    """The column the rows are ordered by at first: the first cross-encoder, else the last column."""
    kinds = [column.scorer.kind for column in shown.columns]
    return kinds.index(Kind.CROSS_ENCODER) if Kind.CROSS_ENCODER in kinds else len(kinds) - 1


def made_words(shown: Comparison) -> str:
    """What made the figures: model, unit, window, device and number type of each column."""
    parts = []
    for column in shown.columns:
        scorer = column.scorer
        if scorer.kind is Kind.BM25:
            parts.append("BM25: Lucene's variant, k1 1.5, b 0.75, over these documents")
            continue
        prompts = ", ".join(f"{role} prompt “{text}”" for role, text in scorer.prompts) or "no prompts"
        pooling = f"the {scorer.pooling}, " if scorer.pooling else ""
        parts.append(
            f"{scorer.kind}: {scorer.name}, {scorer.unit}, {pooling}window {scorer.max_tokens} tokens, {prompts}, "
            f"{scorer.made_by}"
        )
    return ". ".join(parts) + ". " + _held_out(shown)


def _held_out(shown: Comparison) -> str:
    """What was measured of the two shipped models: no advantage is suggested that was not found."""
    keys = {column.scorer.key for column in shown.columns}
    if not {DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER} <= keys:
        return ""
    found = cards.figure(settings.models_folder() / "relevance")
    return found.sentence() if found else ""


def _chart_words(shown: Comparison, names: tuple[str, ...]) -> str:
    """The slope chart in words, for a screen reader; the table beside it has the same data."""
    if len(shown.columns) < 2:
        return ""
    tau = kendall_tau_b(shown.columns[0].values, shown.columns[-1].values)
    words = "not defined" if tau is None else format_score(tau)
    return (
        f"Slope chart: one line a document from its rank in {names[0]} to its rank in {names[-1]}; "
        f"Kendall's tau-b {words}. The table has the same ranks."
    )
