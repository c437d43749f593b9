"""Compare: paste a query and documents, see how several scorers rank them, judge them yourself."""

from __future__ import annotations

import streamlit as st

from components.stored import load_stored
from components.ui import compare_inputs, compare_result, engine, row_toggle, state
from components.ui.compare_flow import CompareView, Tools
from components.ui.streamlit_private import is_connected, session_id


def tools() -> Tools:
    shared = engine.engine()
    visitor = session_id()
    return Tools(shared.room, shared.scheduler, shared.stores, state.seen(), visitor, is_connected(visitor))


def look() -> CompareView:
    return state.compare_flow().step(state.workspace(), tools(), load_stored())


def draw_result(first: CompareView) -> None:
    """Draw the result; only while something is awaited it stands in a fragment that looks again.

    Outside a fragment what one does there survives a restart of the server, which knows no old fragments. There it
    stands in a container, as a fragment's content does: at the same place the view keeps its elements and the focus.
    """
    if not first.polling:
        with st.container():
            compare_result.draw(first)
        return
    looks = iter([first])  # the first drawing uses the look that the page has already taken

    @st.fragment(run_every=engine.engine().poll_interval_s())
    def waiting_result() -> None:
        view = next(looks, None) or look()
        if not view.polling:
            st.rerun()
        compare_result.draw(view)

    waiting_result()


state.workspace()
view = look()
compare_inputs.draw(view.problem, settled=view.shown is not None)
draw_result(view)
row_toggle.draw(tools())
engine.start_loading()
