"""What Streamlit keeps for one visitor of the lessons, under a key of our own."""

from __future__ import annotations

import streamlit as st

from components.ui.lessons_flow import LessonsFlow

_FLOW = "lab_lessons"


def flow() -> LessonsFlow:
    """Where this visitor's lessons stand; a new one opens the lesson of the link (``?lesson=3``) or the first."""
    if _FLOW not in st.session_state:
        made = LessonsFlow()
        asked = st.query_params.get("lesson", "")
        if asked.isdigit():
            made.go(int(asked))
        st.session_state[_FLOW] = made
    return st.session_state[_FLOW]
