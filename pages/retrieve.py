"""Retrieve & re-rank: a collection, two stages, what each costs, and whether the second one pays here."""

from __future__ import annotations

from components.ui import engine, retrieve_result, retrieve_state, state
from components.ui.retrieve_records import RetrieveView
from components.ui.streamlit_private import go_through_app
from components.ui.waiting import draw_awaited


def look() -> RetrieveView:
    """Where this visitor's work stands: see ``RetrieveFlow.step``."""
    return retrieve_state.flow().step(retrieve_state.tools())


go_through_app()
state.workspace()
state.box_left_the_screen()
retrieve_result.draw_uploads()
draw_awaited(look(), look, retrieve_result.draw)
engine.start_loading()
