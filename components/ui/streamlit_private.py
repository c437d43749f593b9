"""The names of Streamlit that are not public, all in this file, each with a test: Streamlit is pinned for them."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.runtime import get_instance
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
