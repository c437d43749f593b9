"""The view ``inputs``: query and documents as text, table or file, and what the visitor does there."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import streamlit as st

from components.errors import InputProblem
from components.texts import limits
from components.texts.decode import MAX_FILE_BYTES
from components.texts.examples import examples
from components.texts.paste import Split
from components.texts.readers import FORMATS, read_file
from components.ui import state, views
from components.ui.streamlit_private import session_id

KEY = "compare_inputs"
LIMITS = f"At most {limits.MAX_DOCUMENTS} documents of {limits.MAX_DOCUMENT_CHARACTERS:,} characters."
_HANDLED = "lab_input_handled"  # stamp of the newest message from the boxes that was taken over
_PROBLEM = "lab_input_problem"  # a sentence about what was sent last, where nothing of it was taken over


def draw(problem: str, settled: bool) -> None:
    """Draw the boxes; ``problem`` is a sentence about their content, ``settled`` whether a result stands below."""
    workspace = state.workspace()
    example = examples().get(workspace.example)
    file = workspace.uploaded
    pasted = workspace.pasted
    views.mount(
        "inputs",
        KEY,
        {
            "session": session_id(),
            "touched": workspace.touched,
            "version": workspace.version,
            "query": workspace.query,
            "is_table": workspace.rows is not None,
            **_texts(),
            "split": str(workspace.split),
            "found": pasted.sentence() if pasted.documents else "",
            "look_at": example.look_at if example else "",
            "file": file.sentence if file else "",
            "file_columns": list(file.columns) if file and len(file.columns) > 1 else [],
            "file_column": file.column if file else "",
            "example": workspace.example,
            "examples": [{"id": one.id, "title": one.title} for one in examples().values()],
            "limits": LIMITS,
            "most_characters": limits.MAX_PASTE_CHARACTERS,
            "most_bytes": MAX_FILE_BYTES,
            "formats": list(FORMATS),
            "problem": st.session_state.get(_PROBLEM) or problem,
            "handled": st.session_state.get(_HANDLED, 0),
            "can_take_back": workspace.replaced is not None,
            "settled": settled,
        },
        on_edit_change=_on_edit,
        on_example_change=_on_example,
        on_file_change=_on_file,
        on_column_change=_on_column,
        on_back_change=_on_back,
        on_forget_change=_on_forget,
    )


def _texts() -> dict[str, Any]:
    """The documents as box or table have to show them; None for what is on the screen already."""
    text = state.text_for_the_box()
    rows = state.workspace().rows
    if rows is None:
        return {"documents": text, "rows": None}
    return {"documents": None, "rows": None if text is None else [[row.id, row.text] for row in rows]}


def _is_newer(stamp: Any) -> bool:
    """Whether a message is newer than all that were taken, which it then is one of.

    A run that is broken off is run again with its message: an old one must not undo a newer one.
    """
    is_newer = isinstance(stamp, int) and stamp > st.session_state.get(_HANDLED, 0)
    if is_newer:
        st.session_state[_HANDLED] = stamp
    return is_newer


def _on_edit() -> None:
    sent = views.triggered(KEY, "edit") or {}
    if "too_long" in sent:
        st.session_state[_PROBLEM] = (
            f"The text has {int(sent['too_long']):,} characters, more than Compare can take "
            f"({limits.MAX_PASTE_CHARACTERS:,}): paste fewer documents, or use Retrieve & re-rank."
        )
        return
    if not _is_newer(sent.get("at")):
        return
    st.session_state[_PROBLEM] = ""
    workspace = state.workspace()
    query = str(sent.get("query", ""))
    if sent.get("rows") is not None:
        workspace.edit_rows(query, [(str(row[0]), str(row[1])) for row in sent["rows"]])
    else:
        split = Split(sent["split"]) if sent.get("split") in set(Split) else Split.DETECT
        workspace.edit(query, str(sent.get("documents", "")), split)
    if sent.get("go_to") == "table":
        workspace.to_table()
    elif sent.get("go_to") == "text":
        workspace.to_paste()


def _on_example() -> None:
    chosen = examples().get(str(views.triggered(KEY, "example")))
    if chosen is not None:
        st.session_state[_PROBLEM] = ""
        state.workspace().take_example(chosen)
        state.workspace().touched = True


def _on_file() -> None:
    """Read the file; when that fails the sentence is shown and the workspace stays as it was."""
    sent = views.triggered(KEY, "file") or {}
    try:
        data = base64.b64decode(str(sent.get("data", "")), validate=True)
        state.workspace().take_file(read_file(str(sent.get("name", "")), data))
        st.session_state[_PROBLEM] = ""
    except InputProblem as problem:
        st.session_state[_PROBLEM] = str(problem)
    except binascii.Error:
        st.session_state[_PROBLEM] = "The file did not arrive whole: choose it again."


def _on_column() -> None:
    try:
        state.workspace().take_file_column(str(views.triggered(KEY, "column")))
        st.session_state[_PROBLEM] = ""
    except InputProblem as problem:
        st.session_state[_PROBLEM] = str(problem)


def _on_back() -> None:
    st.session_state[_PROBLEM] = ""
    state.workspace().take_back()


def _on_forget() -> None:
    if not _is_newer(views.triggered(KEY, "forget")):
        return
    st.session_state[_PROBLEM] = ""
    state.forget()
