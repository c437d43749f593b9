"""Retrieve & re-rank: a collection, two stages, what each costs, and whether the second one pays here."""

from __future__ import annotations

import streamlit as st

from components.ui import engine, retrieve_result, retrieve_state, state
from components.ui.retrieve_records import RetrieveView
from components.ui.streamlit_private import go_through_app


def look() -> RetrieveView:
    return retrieve_state.flow().step(retrieve_state.tools())


def draw_result(first: RetrieveView) -> None:
    """Only while something is awaited the view stands in a fragment that looks again; see ``pages/compare.py``."""
    if not first.polling:
        with st.container():
            retrieve_result.draw(first)
        return
    looks = iter([first])  # the first drawing uses the look that the page has already taken

    @st.fragment(run_every=engine.engine().poll_interval_s())
    def waiting_result() -> None:
        view = next(looks, None) or look()
        if not view.polling:
            st.rerun()
        retrieve_result.draw(view)

    waiting_result()


go_through_app()
state.workspace()
state.box_left_the_screen()
retrieve_result.draw_uploads()
draw_result(look())
engine.start_loading()
