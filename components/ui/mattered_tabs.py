"""The tabs of the Tokens page beside the attention map: what mattered, the bi-encoder's side, the word toggle."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components.models.room import ModelRoom
from components.ui import engine, entailment_glass, state, tokens_state, views
from components.ui.compare_flow import Tools
from components.ui.mattered_data import mattered_data
from components.ui.mattered_flow import SPLIT, Asked, MatteredFlow, read_asked
from components.ui.strike_data import strike_data
from components.ui.strike_flow import StrikeFlow
from components.ui.tokens_flow import cross_encoders, wanted_model

ATTENTION, MATTERED, BI_ENCODER, STRIKE = "Attention", "What mattered", "Bi-encoder", "Strike words"
TABS = (ATTENTION, MATTERED, BI_ENCODER, STRIKE)
_TAB, _WIDGET, _MATTERED, _STRIKE = "lab_tokens_tab", "tokens_tab", "lab_mattered", "lab_strike"
_MODEL = "tokens_model"
MATTERED_VIEW, STRIKE_VIEW = "tokens_mattered", "tokens_strike"


def choose_tab() -> str:
    """Draw the tabs and return the chosen one; it outlives a visit to another page."""
    st.space("xsmall")  # the header lies over the first line
    kept = st.session_state.setdefault(_TAB, ATTENTION)
    st.session_state.setdefault(_WIDGET, kept)
    chosen = st.segmented_control("View", TABS, key=_WIDGET, label_visibility="collapsed", required=True)
    st.session_state[_TAB] = chosen or kept
    return str(st.session_state[_TAB])


def choose_model(room: ModelRoom) -> None:
    """Where there are several cross-encoders: choose the one that all tabs look into."""
    keys, workspace = cross_encoders(room), state.workspace()
    if len(keys) < 2:
        return
    names = {key: room.statuses[key].spec.name for key in keys}
    now = wanted_model(workspace, room)

    def take() -> None:
        workspace.looked_into = str(st.session_state[_MODEL])

    st.session_state[_MODEL] = now
    st.selectbox("Cross-encoder", keys, format_func=names.__getitem__, key=_MODEL, on_change=take, width=320)


def show(tab: str) -> None:
    """Bring a tab to the front, inside a callback."""
    st.session_state[_TAB] = st.session_state[_WIDGET] = tab


def draw_tab(tab: str, tools: Tools) -> None:
    """Draw one of the three tabs; only while something is awaited it stands in a fragment that looks again.

    Else it stands in a container, as a fragment's content does: so the view keeps its elements and the focus.
    """
    mount = _mount_strike if tab == STRIKE else _mount_mattered
    polling = mount(tab, tools, draw=False)
    if not polling:
        with st.container():
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
    asked = Asked(SPLIT) if tab == BI_ENCODER else None
    view = mattered_flow().step(entailment_glass.workspace(), number, tools, asked)
    if draw:
        views.mount(
            "mattered",
            MATTERED_VIEW + tab,
            mattered_data(view, entailment_glass.workspace(), number),
            on_ask_change=lambda: mattered_flow().ask(read_asked(views.triggered(MATTERED_VIEW + tab, "ask") or {})),
            on_stop_change=mattered_flow().stop,
            on_retry_change=mattered_flow().retry,
            on_export_change=lambda: on_export(mattered_flow(), MATTERED_VIEW + tab),
            on_head_change=lambda: show(ATTENTION),  # the browser has told the map where to look
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
            strike_data(view, entailment_glass.workspace(), number),
            on_change_change=lambda: strike_flow().take(views.triggered(STRIKE_VIEW, "change") or {}),
            on_stop_change=strike_flow().stop,
            on_retry_change=strike_flow().retry,
            on_export_change=lambda: on_export(strike_flow(), STRIKE_VIEW),
            on_document_change=_on_document(STRIKE_VIEW),
        )
    return view.polling


def on_export(flow: MatteredFlow | StrikeFlow, key: str) -> None:
    """A file is wanted: {"kind": "csv" or "json", "count": ...}."""
    sent = views.triggered(key, "export") or {}
    flow.export(str(sent.get("kind")), int(sent.get("count") or 0))


def _on_document(key: str) -> Callable[[], None]:
    def take() -> None:
        number = views.triggered(key, "document")
        if isinstance(number, int | float):
            tokens_state.flow().choose(int(number))

    return take
