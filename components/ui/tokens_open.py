"""From Compare to Tokens: a click or a key on a document opens its pair there."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components.ui import entailment_glass, tokens_state, views

_WANTED = "lab_open_in_tokens"
PAGE = "pages/tokens.py"


def on_open(key: str) -> Callable[[], None]:
    """The callback of the trigger "open" of the view mounted under ``key``: takes the document's number."""

    def take() -> None:
        number = views.triggered(key, "open")
        if isinstance(number, int | float):
            entailment_glass.put_away()
            tokens_state.flow().choose(int(number))
            go()

    return take


def go() -> None:
    """Ask for the Tokens page, inside a callback."""
    st.session_state[_WANTED] = True


def follow() -> None:
    """Go to the Tokens page if a document was asked for; a callback cannot change the page itself."""
    if st.session_state.pop(_WANTED, False):
        st.switch_page(PAGE)
