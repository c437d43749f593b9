"""Tokens: one query-document pair under the glass, as the cross-encoder's attention."""

from __future__ import annotations

import streamlit as st

from components.ui import engine, state, tokens_state, views
from components.ui.compare_flow import Tools
from components.ui.streamlit_private import go_through_app, is_connected, session_id
from components.ui.tokens_data import map_data
from components.ui.tokens_export import offline_page
from components.ui.tokens_flow import ExportFile, TokensView

MAP = "tokens_map"


def on_document() -> None:
    number = views.triggered(MAP, "document")
    if isinstance(number, int | float):
        tokens_state.flow().choose(int(number))


def on_export() -> None:
    """CSV and JSON are computed by the worker; the HTML file is put together from the map that is there."""
    sent = views.triggered(MAP, "export") or {}
    data, made = tokens_state.last_data(), tokens_state.last_map()
    if data is None or made is None:
        return
    wanted, count = dict(sent.get("view") or {}), int(sent.get("count") or 0)
    if sent.get("kind") == "html":
        name = f"token-map-document-{data['number']}.html"
        file = ExportFile(count, name, "text/html;charset=utf-8", offline_page(made.payload, data, wanted))
        tokens_state.flow().keep_file(file, made)
    else:
        tokens_state.flow().export(str(sent.get("kind")), wanted, count, state.workspace(), tools())


def tools() -> Tools:
    shared = engine.engine()
    visitor = session_id()
    return Tools(shared.room, shared.scheduler, shared.stores, state.seen(), visitor, is_connected(visitor))


def look() -> TokensView:
    return tokens_state.flow().step(state.workspace(), tools())


def draw_map(view: TokensView) -> None:
    """The map; while another one is made the old one stays, unchanged, so that nothing is sent twice."""
    data = tokens_state.last_data() if view.waiting else None
    if data is None:
        data = map_data(view, state.workspace(), engine.engine().stores, state.seen())
        tokens_state.keep_data(data, view.shown)
    views.mount("token_map", MAP, data, on_document_change=on_document, on_export_change=on_export)


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


go_through_app()
state.workspace()
state.box_left_the_screen()
view = look()
draw_waiting(view)
draw_map(view)
engine.start_loading()
