"""What Streamlit keeps for one visitor: the workspace and what each page remembers, under keys of our own.

A widget's own state goes when its page is left; these do not.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.scoring.store import SeenBefore
from components.texts import examples
from components.ui.compare_flow import CompareFlow
from components.ui.streamlit_private import session_id
from components.workspace import Workspace

_WORKSPACE, _SEEN, _COMPARE, _ON_SCREEN = "lab_workspace", "lab_seen", "lab_compare", "lab_on_screen"
# What other pages keep of a visitor's text, under their keys: "Forget my text" drops it.
_HOLDS_TEXT = (
    "lab_tokens", "lab_tokens_data", "lab_mattered", "lab_strike", "lab_strike_row", "lab_timing", "lab_retrieve",
    "lab_glass", "lab_glass_wanted",
)  # fmt: skip


def workspace() -> Workspace:
    """The visitor's workspace; a new one holds the example of the link (``?example=``) or the first one."""
    if _WORKSPACE not in st.session_state:
        made = Workspace()
        known = examples.examples()
        asked = known.get(st.query_params.get("example", ""))
        made.take_example(asked or known[examples.FIRST])
        made.touched = asked is not None
        st.session_state[_WORKSPACE] = made
    return st.session_state[_WORKSPACE]


def text_for_the_box() -> str | None:
    """The documents as the box has to show them; None when a long text is in the box already.

    What was typed there need not travel back: a long paste would go down again with every change of the page.
    """
    table = workspace()
    on_screen = st.session_state.get(_ON_SCREEN) == (table.version, session_id())
    st.session_state[_ON_SCREEN] = (table.version, session_id())
    return None if on_screen and len(table.documents_text) > 20_000 else table.documents_text


def box_left_the_screen() -> None:
    """To be called by pages without the documents box: the next time it is drawn it needs its text."""
    st.session_state.pop(_ON_SCREEN, None)


def seen() -> SeenBefore:
    """What this visitor has been shown scores of."""
    if _SEEN not in st.session_state:
        st.session_state[_SEEN] = SeenBefore()
    return st.session_state[_SEEN]


def compare_flow() -> CompareFlow:
    """Where this visitor's comparison stands."""
    if _COMPARE not in st.session_state:
        st.session_state[_COMPARE] = CompareFlow()
    return st.session_state[_COMPARE]


def forget() -> None:
    """Empty the boxes and drop all results, also those of other pages: the visitor wants their text gone."""
    workspace().forget()
    compare_flow().stop()
    forget_pages(_HOLDS_TEXT)
    st.session_state[_COMPARE] = CompareFlow()
    st.session_state[_SEEN] = SeenBefore()


def forget_pages(keys: Sequence[str]) -> None:
    """Drop what pages keep under these keys, and stop the work under way for them: it holds the text too."""
    for key in keys:
        kept = st.session_state.pop(key, None)
        stop = getattr(kept, "stop_all", None) or getattr(kept, "stop", None)
        if callable(stop):
            stop()
