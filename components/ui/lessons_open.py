"""From a lesson to a page where its texts can be changed, and back.

``PLACES`` is the table: a page is one line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from components.entailment.records import Mode
from components.lessons.records import Opening
from components.settings import ROOT
from components.ui import entailment_state, lessons_state, retrieve_state, state, tokens_state

_GOING, _CAME_FROM = "lab_lessons_going", "lab_lessons_came_from"
PAGE = "pages/lessons.py"


@dataclass(frozen=True)
class Place:
    """A page and what has to be done so that it shows the texts."""

    title: str
    page: str
    open: Callable[[Opening], None]

    @property
    def exists(self) -> bool:
        return (ROOT / self.page).is_file()


def _into_workspace(opening: Opening) -> None:
    state.workspace().take_texts(opening.query, opening.documents)


def _into_tokens(opening: Opening) -> None:
    _into_workspace(opening)
    tokens_state.flow().choose(opening.number)


def _into_entailment(opening: Opening) -> None:
    entailment_state.desk().take_text(Mode.HYPOTHESES, opening.query, "\n".join(opening.documents))


def _into_retrieve(opening: Opening) -> None:
    _into_workspace(opening)
    retrieve_state.flow().take_compare(state.workspace())


PLACES: dict[str, Place] = {
    "compare": Place("Compare", "pages/compare.py", _into_workspace),
    "tokens": Place("Tokens", "pages/tokens.py", _into_tokens),
    "timing": Place("Timing", "pages/timing.py", _into_workspace),
    "retrieve": Place("Retrieve & re-rank", "pages/retrieve.py", _into_retrieve),
    "entailment": Place("Textual entailment", "pages/entailment.py", _into_entailment),
}


def ask(opening: Opening) -> None:
    """Take the texts over and remember where to go: a callback cannot change the page itself."""
    place = PLACES[opening.place]
    place.open(opening)
    st.session_state[_GOING] = place.page
    st.session_state[_CAME_FROM] = lessons_state.flow().number


def follow() -> None:
    """Go where a lesson's button pointed."""
    if page := st.session_state.pop(_GOING, ""):
        st.switch_page(page)


def draw_way_back(is_lessons: bool) -> None:
    """On other pages: the button back to the lesson one came from, in a corner, so that nothing moves for it."""
    if is_lessons:
        st.session_state.pop(_CAME_FROM, None)
        return
    number = st.session_state.get(_CAME_FROM)
    if number is None:
        return
    with st.container(key="lab_way_back"):
        if st.button(f"Back to lesson {number}", key="lab_back_to_lesson"):
            st.switch_page(PAGE)
