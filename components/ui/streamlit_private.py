"""The names of Streamlit that are not public, all in this file, each with a test: Streamlit is pinned for them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx


def session_id() -> str:
    """The id of the session this script runs for; empty outside a session."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""


def is_connected(session: str) -> Callable[[], bool]:
    """A function that tells, from any thread, whether the session's browser is still connected."""

    def connected() -> bool:
        try:
            return bool(get_instance().is_active_session(session))
        except RuntimeError:  # no server: a script run by a test
            return True

    return connected


def go_through_app() -> None:
    """Run ``app.py`` instead of the page alone. Each page calls it first.

    A server that has run no script yet takes the folder ``pages`` for the old kind of multipage app: a link to a page
    would then be answered by that page's file alone, without the app's settings and navigation.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
