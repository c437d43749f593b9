"""The word toggle inside a row of Compare: a view without a face that carries changes up and scores down.

It stands beside the result so that a struck word sends neither the documents again nor draws the table anew.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from components.ui import engine, mattered_tabs, state, tokens_open, tokens_state, views
from components.ui.compare_flow import Tools
from components.ui.strike_data import strike_data

KEY = "compare_row_toggle"
_ROW = "lab_strike_row"  # number of the document whose row is opened for striking; 0: none
CLOSED: dict[str, Any] = {"number": 0}


def draw(tools: Tools) -> None:
    """Mount the view; only while scores are awaited it stands in a fragment that looks again."""
    if not _mount(tools, draw=False):
        with st.container():
            _mount(tools, draw=True)
        return

    @st.fragment(run_every=engine.engine().poll_interval_s())
    def waiting() -> None:
        if not _mount(tools, draw=False):
            st.rerun()
        _mount(tools, draw=True)

    waiting()


def _mount(tools: Tools, draw: bool) -> bool:
    tokens_open.follow()
    number, workspace = int(st.session_state.get(_ROW, 0)), state.workspace()
    data, polling = CLOSED, False
    if number and workspace.blind_seed is None and number <= len(workspace.pasted.documents):
        view = mattered_tabs.strike_flow().step(workspace, number, tools)
        data, polling = strike_data(view, workspace, number) | {"documents": []}, view.polling
    if draw:
        views.mount(
            "row_toggle",
            KEY,
            data,
            on_row_change=_on_row,
            on_change_change=lambda: mattered_tabs.strike_flow().take(views.triggered(KEY, "change") or {}),
            on_stop_change=mattered_tabs.strike_flow().stop,
            on_retry_change=mattered_tabs.strike_flow().retry,
            on_export_change=lambda: mattered_tabs.on_export(mattered_tabs.strike_flow(), KEY),
            on_tokens_change=_on_tokens,
        )
    return polling


def _on_row() -> None:
    """A row was opened for striking, or closed: {"number": ...}, 0 for none."""
    sent = views.triggered(KEY, "row") or {}
    st.session_state[_ROW] = int(sent.get("number") or 0)


def _on_tokens() -> None:
    """The pair of a row is wanted on the page Tokens: {"number": ...}."""
    sent = views.triggered(KEY, "tokens") or {}
    tokens_state.flow().choose(int(sent.get("number") or 1))
    mattered_tabs.show(mattered_tabs.STRIKE)
    tokens_open.go()
