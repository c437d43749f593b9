"""Tokens: one query-document pair under the glass, as the cross-encoder's attention."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from components.texts.paste import Split
from components.ui import engine, entailment_glass, mattered_tabs, state, tokens_state, views
from components.ui.compare_flow import Tools
from components.ui.service_words import own_model
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
        tokens_state.flow().export(str(sent.get("kind")), wanted, count, entailment_glass.workspace(), tools())


def on_inner() -> None:
    sent = views.triggered(MAP, "inner") or {}
    layer, head, count = (int(sent.get(name) or 0) for name in ("layer", "head", "count"))
    tokens_state.flow().look_inside(layer, head, count, entailment_glass.workspace(), tools())


def on_link() -> None:
    """A link was opened: its pair, where the visitor has nothing of their own on the table; else its number alone."""
    sent = views.triggered(MAP, "link") or {}
    query, text = sent.get("query"), sent.get("document")
    entailment_glass.put_away()
    workspace = state.workspace()
    if isinstance(query, str) and isinstance(text, str) and not workspace.touched:
        workspace.edit(query, text, Split.BLOCKS if "\n" in text else Split.LINES)
        workspace.version += 1
    tokens_state.flow().choose(int(sent.get("number") or 1))


def tools() -> Tools:
    """The same as on Compare, but a pair from the entailment page brings a room with its own model."""
    shared = engine.engine()
    visitor = session_id()
    room = entailment_glass.room(shared.room)
    return Tools(room, shared.scheduler, shared.stores, state.seen(), visitor, is_connected(visitor))


def look() -> TokensView:
    """Look again also while Compare still scores: the document's rank follows when it is done."""
    view = tokens_state.flow().step(entailment_glass.workspace(), tools())
    return replace(view, polling=True) if state.compare_flow().is_busy else view


def view_data(view: TokensView) -> dict[str, Any]:
    """What the map is drawn from; while another one is made the old one stays, so that nothing is sent twice."""
    kept = tokens_state.last_data()
    if view.waiting and kept is not None:
        return kept
    data = map_data(view, entailment_glass.workspace(), engine.engine().stores, state.seen())
    tokens_state.keep_data(data, view.shown)
    return data


def draw_map(first: TokensView) -> None:
    """Only while something is awaited the map stands in a fragment that looks again; see ``ui/waiting.py``."""
    if not first.polling:
        with st.container():  # as a fragment's content: so the map keeps its elements, and what a link asked for
            mount_map(first)
        return
    looks = iter([first])  # the first drawing uses the look that the page has already taken

    @st.fragment(run_every=engine.engine().poll_interval_s())
    def waiting_map() -> None:
        view = next(looks, None) or look()
        if not view.polling:
            st.rerun()
        mount_map(view)

    waiting_map()


def mount_map(view: TokensView) -> None:
    views.mount(
        "token_map",
        MAP,
        view_data(view),
        on_document_change=on_document,
        on_export_change=on_export,
        on_inner_change=on_inner,
        on_link_change=on_link,
    )


go_through_app()
state.workspace()
state.box_left_the_screen()
if (lying := entailment_glass.glass()) is not None:
    entailment_glass.draw_choice(lying)
tab = mattered_tabs.choose_tab()
if lying is None:
    mattered_tabs.choose_model(engine.engine().room)
if tab == mattered_tabs.ATTENTION:
    view = look()
    draw_map(view)
    if view.retry:
        st.button("Try again", on_click=tokens_state.flow().retry)
else:
    mattered_tabs.draw_tab(tab, tools())
if lying is None and tab != mattered_tabs.STRIKE and (said := own_model(engine.engine().room.infos())):
    st.caption(said)
engine.start_loading()
