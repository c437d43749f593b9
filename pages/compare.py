"""Compare: paste a query and documents, see how several scorers rank them."""

from __future__ import annotations

import streamlit as st

from components.stored import load_stored
from components.texts import limits
from components.texts.examples import examples
from components.texts.paste import Split
from components.ui import engine, state, tokens_open, views
from components.ui.compare_data import column_choices, result_data
from components.ui.compare_flow import CompareView, Tools
from components.ui.streamlit_private import is_connected, session_id

INPUTS, RESULT = "compare_inputs", "compare_result"
LIMITS = (
    f"At most {limits.MAX_DOCUMENTS} documents of {limits.MAX_DOCUMENT_CHARACTERS:,} characters; one a line, or blocks "
    "between blank lines. Scoring starts by itself."
)


def on_edit() -> None:
    sent = views.triggered(INPUTS, "edit") or {}
    if "too_long" in sent:
        st.session_state["lab_too_long"] = int(sent["too_long"])
        return
    st.session_state.pop("lab_too_long", None)
    split = Split(sent["split"]) if sent.get("split") in set(Split) else Split.DETECT
    state.workspace().edit(str(sent.get("query", "")), str(sent.get("documents", "")), split)


def on_example() -> None:
    chosen = examples().get(str(views.triggered(INPUTS, "example")))
    if chosen is not None:
        state.workspace().take_example(chosen)
        state.workspace().touched = True


def on_columns() -> None:
    chosen = views.triggered(RESULT, "columns") or []
    state.workspace().choose_columns(tuple(str(key) for key in chosen))


def draw_inputs(problem: str, settled: bool) -> None:
    workspace = state.workspace()
    example = examples().get(workspace.example)
    too_long = st.session_state.get("lab_too_long")
    if too_long:
        problem = (
            f"The text has {too_long:,} characters, more than Compare can take "
            f"({limits.MAX_PASTE_CHARACTERS:,}): paste fewer documents, or use Retrieve & re-rank."
        )
    pasted = workspace.pasted
    views.mount(
        "inputs",
        INPUTS,
        {
            "session": session_id(),
            "touched": workspace.touched,
            "version": workspace.version,
            "query": workspace.query,
            "documents": state.text_for_the_box(),
            "split": str(workspace.split),
            "found": pasted.sentence() if pasted.documents else "",
            "look_at": example.look_at if example else "",
            "example": workspace.example,
            "examples": [{"id": one.id, "title": one.title} for one in examples().values()],
            "limits": LIMITS,
            "most_characters": limits.MAX_PASTE_CHARACTERS,
            "problem": problem,
            "settled": settled,
        },
        on_edit_change=on_edit,
        on_example_change=on_example,
        on_forget_change=state.forget,
    )


def look() -> CompareView:
    shared = engine.engine()
    visitor = session_id()
    tools = Tools(shared.room, shared.scheduler, shared.stores, state.seen(), visitor, is_connected(visitor))
    return state.compare_flow().step(state.workspace(), tools, load_stored())


def draw_result(first: CompareView) -> None:
    """Draw the result; only while something is awaited it stands in a fragment that looks again.

    Outside a fragment what one does there survives a restart of the server, which knows no old fragments.
    """
    if not first.polling:
        mount_result(first)
        return
    looks = iter([first])  # the first drawing uses the look that the page has already taken

    @st.fragment(run_every=engine.engine().poll_interval_s())
    def waiting_result() -> None:
        view = next(looks, None) or look()
        if not view.polling:
            st.rerun()
        mount_result(view)

    waiting_result()


def mount_result(view: CompareView) -> None:
    tokens_open.follow()
    views.mount(
        "result",
        RESULT,
        result_data(view, column_choices(state.workspace(), engine.engine().room), session_id()),
        on_columns_change=on_columns,
        on_open_change=tokens_open.on_open(RESULT),
        on_stop_change=state.compare_flow().stop,
        on_retry_change=state.compare_flow().retry,
    )


state.workspace()
view = look()
draw_inputs(view.problem, settled=view.shown is not None)
draw_result(view)
engine.start_loading()
