"""About: what this installation is and whether it is well, as text to copy; where pasted text lives."""

from __future__ import annotations

from components.ui import about, engine, state
from components.ui.streamlit_private import go_through_app, is_connected, session_id

go_through_app()
state.workspace()
state.box_left_the_screen()
shared = engine.engine()
about.draw(shared.scheduler, session_id(), is_connected(session_id()), shared.poll_interval_s)
engine.start_loading()
