"""Tokens: one query-document pair under the glass, as the cross-encoder's attention."""

from __future__ import annotations

import streamlit as st

from components.ui import engine, state, tokens_state, views
from components.ui.compare_flow import Tools
from components.ui.streamlit_private import is_connected, session_id
from components.ui.tokens_data import map_data
from components.ui.tokens_flow import TokensView

MAP = "tokens_map"


def on_document() -> None:
    number = views.triggered(MAP, "document")
    if isinstance(number, int | float):
        tokens_state.flow().choose(int(number))


def look() -> TokensView:
    shared = engine.engine()
    visitor = session_id()
    tools = Tools(shared.room, shared.scheduler, shared.stores, state.seen(), visitor, is_connected(visitor))
    return tokens_state.flow().step(state.workspace(), tools)


def draw_map(view: TokensView) -> None:
    """The map; while another one is made the old one stays, unchanged, so that nothing is sent twice."""
    data = tokens_state.last_data() if view.waiting else None
    if data is None:
        data = map_data(view, state.workspace(), engine.engine().stores, state.seen())
        tokens_state.keep_data(data if view.shown else None)
    views.mount("token_map", MAP, data, on_document_change=on_document)


def draw_waiting(view: TokensView) -> None:
    """What is being done, in words; looks again by itself until it is done."""

    @st.fragment(run_every=engine.engine().poll_interval_s())
    def waiting() -> None:
        now = look()
        if not now.polling:
            st.rerun()
        st.caption(now.waiting)

    if view.polling:
        waiting()
    elif view.retry:
        st.button("Try again", on_click=tokens_state.flow().retry)


state.workspace()
state.box_left_the_screen()
view = look()
draw_waiting(view)
draw_map(view)
engine.start_loading()
