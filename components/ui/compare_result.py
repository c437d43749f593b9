"""The view ``result``: rankings, judgments and measures, and what the visitor does there."""

from __future__ import annotations

import secrets
from typing import Any

import streamlit as st

from components.scoring.precision import Precision
from components.texts.chunks import Pooling
from components.texts.examples import examples
from components.ui import engine, state, tokens_open, views
from components.ui.compare_data import column_choices, made_words, result_data
from components.ui.compare_export import export_file
from components.ui.compare_flow import CompareView
from components.ui.compare_speed import speed_data
from components.ui.streamlit_private import session_id

KEY = "compare_result"
_JUDGED = "lab_judged"  # the number of the last judgments that arrived: the view keeps its own until then
_DOWNLOAD = "lab_download"  # a file the view asked for, on its way down once
_MOST_SENT = 400  # judgments in one message; a page has at most 200 documents


def draw(view: CompareView) -> None:
    """Draw what ``view`` says."""
    tokens_open.follow()
    workspace = state.workspace()
    data = result_data(view, column_choices(workspace, engine.engine().room), session_id(), workspace)
    data |= speed_data(workspace, engine.engine().room)
    data["judged_number"] = st.session_state.get(_JUDGED, 0)
    data["download"] = st.session_state.pop(_DOWNLOAD, None)
    views.mount(
        "result",
        KEY,
        data,
        on_columns_change=_on_columns,
        on_pooling_change=_on_pooling,
        on_precision_change=_on_precision,
        on_judge_change=_on_judge,
        on_judging_change=_on_judging,
        on_export_change=_on_export,
        on_open_change=tokens_open.on_open(KEY),
        on_stop_change=state.compare_flow().stop,
        on_retry_change=state.compare_flow().retry,
    )


def _on_columns() -> None:
    chosen = views.triggered(KEY, "columns") or []
    state.workspace().choose_columns(tuple(str(key) for key in chosen))


def _on_pooling() -> None:
    wanted = views.triggered(KEY, "pooling")
    if wanted in set(Pooling):
        state.workspace().pooling = Pooling(wanted)


def _on_precision() -> None:
    wanted = views.triggered(KEY, "precision")
    if wanted in set(Precision):
        state.workspace().precision = Precision(wanted)


def _on_judge() -> None:
    """Take over the judgments given since the last message that arrived; a grade of None takes one back."""
    sent = views.triggered(KEY, "judge") or {}
    judgments = state.workspace().judgments
    for key, grade in list(dict(sent.get("grades") or {}).items())[:_MOST_SENT]:
        if len(key) <= 64 and (grade is None or grade in (0, 1, 2, 3)):
            judgments.give(str(key), None if grade is None else int(grade))
    st.session_state[_JUDGED] = int(sent.get("number", 0))


def _on_judging() -> None:
    """A click in the Judge menu: {"do": ..., "value": ...}."""
    sent: dict[str, Any] = views.triggered(KEY, "judging") or {}
    workspace = state.workspace()
    act, value = sent.get("do"), sent.get("value")
    example = examples().get(workspace.example)
    if act == "blind":
        workspace.blind_seed = secrets.randbits(32) if value else None
    elif act == "example" and example is not None:
        workspace.take_example_judgments(example)
    elif act == "clear":
        workspace.judgments.clear(workspace.clean_query, workspace.pasted.documents)
    elif act == "cutoff" and isinstance(value, int):
        workspace.choose_cutoff(value)


def _on_export() -> None:
    """A file was asked for: {"what", "number"}. While one judges blind there is none."""
    sent: dict[str, Any] = views.triggered(KEY, "export") or {}
    workspace, shown = state.workspace(), state.compare_flow().shown
    if shown is None or workspace.blind_seed is not None:
        file: dict[str, Any] = {"problem": "There is no live result yet: take the file when it stands."}
    else:
        file = export_file(str(sent.get("what")), workspace, shown, engine.engine().room, made_words(shown))
    st.session_state[_DOWNLOAD] = {"number": sent.get("number"), "problem": "", **file}
