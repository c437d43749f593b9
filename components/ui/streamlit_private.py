"""The names of Streamlit that are not public, all in this file, each with a test: Streamlit is pinned for them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from components.errors import where

_PAGE = "lab_page_of_the_run"


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


def leave_page_behind() -> None:
    """Drop what another page still asks for. ``app.py`` calls it once the page of the run is known, and at its end.

    A page that polls goes on asking until the browser hears of the next page. When the server itself goes there
    (``st.switch_page``), such a question can arrive during the next page's run; answered after it, under the old
    page's name, it made the browser take that page's elements away, and the next delta was "Bad delta path index".
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or context.script_requests is None:
        return
    now = context.page_script_hash
    before, st.session_state[_PAGE] = st.session_state.get(_PAGE, now), now
    if before != now:
        context.fragment_storage.clear()  # questions that arrive from now on are turned away by Streamlit itself
    requests = context.script_requests
    with requests._lock:  # one may be waiting already
        waiting = requests._rerun_data
        is_old = bool(waiting.fragment_id_queue) and waiting.page_script_hash not in ("", now)
        if is_old and requests._state is ScriptRequestType.RERUN:
            requests._state = ScriptRequestType.CONTINUE


def is_local_visitor() -> bool:
    """Whether the visitor sits at the server's own machine: connected from it, under its own name, through no proxy.

    Streamlit gives no address for a connection from localhost. Whoever runs a proxy on the same machine that hides
    itself (no X-Forwarded-For, local Host header) sets ``RELEVANCE_LAB_HUB=off``.
    """
    try:
        headers = {name.lower(): value for name, value in st.context.headers.items()}
        is_near = st.context.ip_address is None
    except Exception:  # no session, or a Streamlit that keeps these elsewhere: then nobody is local
        return False
    host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
    through_proxy = any(name in headers for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via"))
    return is_near and not through_proxy and host in ("localhost", "127.0.0.1", "[::1]")


@cache
def inline_scripts() -> tuple[str, ...]:
    """The scripts that stand in Streamlit's own page: a content-security policy has to name them by their hash."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    return tuple(re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL))


class _NoMessages(logging.Filter):
    """Of an error in a page's code only its kind and place are logged: its message may hold a visitor's text."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            record.msg, record.args = "a page failed: %s in %s", (type(error).__name__, where(error))
            record.exc_info = record.exc_text = None
        return True


def log_no_messages() -> None:
    """Keep Streamlit from writing the messages of uncaught errors into the log."""
    logger = logging.getLogger("streamlit.error_util")
    if not any(isinstance(one, _NoMessages) for one in logger.filters):
        logger.addFilter(_NoMessages())
