"""Compare: paste a query and documents, see how several scorers rank them, judge them yourself."""

from __future__ import annotations

from components.stored import load_stored
from components.ui import compare_inputs, compare_result, engine, row_toggle, state
from components.ui.compare_flow import CompareView, Tools
from components.ui.streamlit_private import is_connected, session_id
from components.ui.waiting import draw_awaited


def tools() -> Tools:
    """What scoring needs from the server and the session."""
    shared = engine.engine()
    visitor = session_id()
    return Tools(shared.room, shared.scheduler, shared.stores, state.seen(), visitor, is_connected(visitor))


def look() -> CompareView:
    """Where this visitor's work stands: see ``CompareFlow.step``."""
    return state.compare_flow().step(state.workspace(), tools(), load_stored())


state.workspace()
view = look()
compare_inputs.draw(view.problem, settled=view.shown is not None)
draw_awaited(view, look, compare_result.draw)
row_toggle.draw(tools())
engine.start_loading()
