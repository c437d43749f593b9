"""The tabs of the Tokens page beside the attention map: what mattered, the bi-encoder's side, the word toggle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from components.ui import engine, entailment_glass, tokens_state, views
from components.ui.compare_flow import Tools
from components.ui.mattered_data import mattered_data, strike_data
from components.ui.mattered_flow import Asked, MatteredFlow, read_asked
from components.ui.strike_flow import StrikeFlow

ATTENTION, MATTERED, BI_ENCODER, STRIKE = "Attention", "What mattered", "Bi-encoder", "Strike words"
TABS = (ATTENTION, MATTERED, BI_ENCODER, STRIKE)
_TAB, _WIDGET, _MATTERED, _STRIKE = "lab_tokens_tab", "tokens_tab", "lab_mattered", "lab_strike"
MATTERED_VIEW, STRIKE_VIEW = "tokens_mattered", "tokens_strike"


def choose_tab() -> str:
    """Draw the tabs and return the chosen one; it outlives a visit to another page."""
    st.space("xsmall")  # the header lies over the first line
    kept = st.session_state.setdefault(_TAB, ATTENTION)
    st.session_state.setdefault(_WIDGET, kept)
    chosen = st.segmented_control("View", TABS, key=_WIDGET, label_visibility="collapsed", required=True)
    st.session_state[_TAB] = chosen or kept
    return str(st.session_state[_TAB])


def draw_tab(tab: str, tools: Tools) -> None:
    """Draw one of the three tabs; only while something is awaited it stands in a fragment that looks again."""
    mount = _mount_strike if tab == STRIKE else _mount_mattered
    polling = mount(tab, tools, draw=False)
    if not polling:
        mount(tab, tools, draw=True)
        return

    @st.fragment(run_every=engine.engine().poll_interval_s())
    def waiting() -> None:
        if not mount(tab, tools, draw=False):
            st.rerun()
        mount(tab, tools, draw=True)

    waiting()


def mattered_flow() -> MatteredFlow:
    if _MATTERED not in st.session_state:
        st.session_state[_MATTERED] = MatteredFlow()
    return st.session_state[_MATTERED]


def strike_flow() -> StrikeFlow:
    if _STRIKE not in st.session_state:
        st.session_state[_STRIKE] = StrikeFlow()
    return st.session_state[_STRIKE]


def _mount_mattered(tab: str, tools: Tools, draw: bool) -> bool:
    number = tokens_state.flow().number
    asked = Asked("split") if tab == BI_ENCODER else None
    view = mattered_flow().step(entailment_glass.workspace(), number, tools, asked)
    if draw:
        views.mount(
            "mattered",
            MATTERED_VIEW + tab,
            mattered_data(view, entailment_glass.workspace(), number),
            on_ask_change=lambda: mattered_flow().ask(read_asked(views.triggered(MATTERED_VIEW + tab, "ask") or {})),
            on_stop_change=mattered_flow().stop,
            on_retry_change=mattered_flow().retry,
            on_head_change=_open_map,
            on_document_change=_on_document(MATTERED_VIEW + tab),
        )
    return view.polling


def _mount_strike(_tab: str, tools: Tools, draw: bool) -> bool:
    number = tokens_state.flow().number
    view = strike_flow().step(entailment_glass.workspace(), number, tools)
    if draw:
        views.mount(
            "strike",
            STRIKE_VIEW,
            strike_data(view, entailment_glass.workspace(), number, strike_flow().history),
            on_change_change=_on_change,
            on_stop_change=strike_flow().stop,
            on_document_change=_on_document(STRIKE_VIEW),
        )
    return view.polling


def _open_map() -> None:
    """A head was chosen: the map, which the browser has told where to look, comes to the front."""
    st.session_state[_TAB] = st.session_state[_WIDGET] = ATTENTION


def _on_change() -> None:
    sent: dict[str, Any] = views.triggered(STRIKE_VIEW, "change") or {}
    strike_flow().take(sent)


def _on_document(key: str) -> Callable[[], None]:
    def take() -> None:
        number = views.triggered(key, "document")
        if isinstance(number, int | float):
            tokens_state.flow().choose(int(number))

    return take
