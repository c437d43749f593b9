"""Links and session files as the frame of every page handles them: made on request, opened when the browser has one."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components.errors import InputProblem
from components.export import session_file
from components.export.link import MOST_CHARACTERS, make_fragment, read_fragment
from components.export.saved import Saved, restore, save
from components.settings import ROOT
from components.ui import engine, page_parts, state
from components.ui.compare_flow import usable_columns

_ANSWER, _OPENED, _SAID, _FILE = "lab_link_answer", "lab_link_opened", "lab_said", "lab_session_file"
_EXPECTED, _GO = "lab_expected_columns", "lab_go_to_page"


def data() -> dict[str, Any]:
    """What the frame's view is told. Links and session files go down once and are not kept: they hold text."""
    _check_columns()
    return {
        "link": st.session_state.pop(_ANSWER, None),
        "opened": st.session_state.get(_OPENED, 0),
        "said": st.session_state.get(_SAID, {"count": 0, "text": "", "closes": False}),
        "download": st.session_state.pop(_FILE, None),
        "most_bytes": session_file.MOST_BYTES,
    }


def page_to_go_to() -> str | None:
    """The page a session file was saved on, once; "" is Compare. A page that is not there is passed over."""
    wanted = st.session_state.pop(_GO, None)
    return wanted if wanted is not None and (ROOT / "pages" / f"{wanted or 'compare'}.py").is_file() else None


def on_link(sent: Any, page: str) -> None:
    """Make a link of the page ``page``; ``sent`` has its number and the room its address leaves."""
    room = min(MOST_CHARACTERS, int(sent.get("room") or 0))
    workspace = state.workspace()
    saved = save(workspace, page, page_parts.save_parts(page), _fingerprint, with_judgments=False)
    fragment = make_fragment(saved)
    answer = {"number": sent.get("number"), "fragment": "", "problem": "", "words": ""}
    if len(fragment) > room:
        answer["problem"] = (
            f"This is too much for a link: it would have {len(fragment) + MOST_CHARACTERS - room:,} characters, and "
            f"{MOST_CHARACTERS:,} is the limit. Save a session file instead."
        )
    else:
        count = len(saved.documents)
        noun = "document" if count == 1 else "documents"
        answer["fragment"] = fragment
        answer["words"] = f"It holds the query, {count} {noun}, columns and options, but no judgments."
    st.session_state[_ANSWER] = answer


def on_open(sent: Any) -> None:
    """Open the link in the browser's address; what could not be read is said."""
    at = int(sent.get("at") or 0)
    if at <= st.session_state.get(_OPENED, 0):
        return
    st.session_state[_OPENED] = at
    read = read_fragment(str(sent.get("hash") or ""))
    problems = [read.problem] if read.problem else []
    if read.saved is not None:
        problems += _take(read.saved)
    _say(" ".join(problems))


def on_save(sent: Any, page: str) -> None:
    """Make the session file, which goes down with the next drawing."""
    saved = save(state.workspace(), page, page_parts.save_parts(), _fingerprint)
    text = session_file.make_file(saved)
    st.session_state[_FILE] = {"number": sent.get("number"), "name": session_file.NAME, "text": text}


def on_session(sent: Any) -> None:
    """Open a session file; one that cannot be used changes nothing."""
    try:
        saved = session_file.read_file(str(sent.get("text") or ""))
    except InputProblem as problem:
        _say(str(problem))
        return
    problems = _take(saved)
    st.session_state[_GO] = saved.page
    documents, judged = len(saved.documents), len(saved.judgments)
    _say(" ".join([f"Session opened: {documents:,} documents, {judged:,} judgments.", *problems]), closes=True)


def _take(saved: Saved) -> list[str]:
    workspace = state.workspace()
    restore(workspace, saved)
    st.session_state[_EXPECTED] = tuple(zip(saved.columns, saved.weights, strict=True))
    unread = page_parts.restore_parts(saved.pages)
    return [f"What it says of the page {', '.join(unread)} could not be read."] if unread else []


def _say(text: str, closes: bool = False) -> None:
    count = st.session_state.get(_SAID, {"count": 0})["count"]
    st.session_state[_SAID] = {"count": count + 1, "text": text, "closes": closes}


def _fingerprint(key: str) -> str:
    scorer = engine.engine().room.scorer(key)
    return scorer.info.fingerprint if scorer else ""


def _check_columns() -> None:
    """Once the models are there: are the columns of what was opened among them, with the same weights?"""
    room = engine.engine().room
    expected = st.session_state.get(_EXPECTED)
    if not expected or not room.settled:
        return
    st.session_state[_EXPECTED] = None
    had = usable_columns(state.workspace(), room)
    missing = [key for key, _ in expected if key not in had]
    other = [key for key, weights in expected if key in had and weights and not _fingerprint(key).startswith(weights)]
    sentences = []
    if missing:
        sentences.append(f"Not on this server, so left out: {', '.join(missing)}. Models can be added under “Models”.")
    if other:
        sentences.append(f"Here {', '.join(other)} has other weights than where this was made: scores will differ.")
    if sentences:
        before = st.session_state.get(_SAID, {}).get("text", "")
        _say(" ".join([before, *sentences]).strip(), closes=True)
