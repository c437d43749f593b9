"""Before the page: whether there is a place in the room, and what a visitor sees while there is none."""

from __future__ import annotations

import streamlit as st

from components.door import Full
from components.ui import engine, lessons_class
from components.ui.streamlit_private import is_connected, session_id

LOOKS_A_SECOND = 4  # of all who wait together


def let_in(page: str) -> bool:
    """Whether the page ``page`` may run; where the room is full the sentence is drawn, and looked at again.

    Phones of a class are not counted here: a class room has a limit of its own, and a phone costs next to nothing.
    """
    if page == "lessons" and lessons_class.is_phone():
        return True
    if _look() is None:
        return True
    _draw_waiting()
    return False


def _look() -> Full | None:
    visitor = session_id()
    return engine.engine().door.enter(visitor, is_connected(visitor)) if visitor else None


def _draw_waiting() -> None:
    @st.fragment(run_every=max(2.0, engine.engine().door.waiting() / LOOKS_A_SECOND))
    def waiting() -> None:
        full = _look()
        if full is None:
            st.rerun()
        else:
            st.markdown(full.sentence())

    waiting()
