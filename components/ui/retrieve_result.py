"""The view ``retrieve`` and the files one brings along: what the visitor does there."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from components.errors import InputProblem
from components.retrieval import files, line_file
from components.retrieval.collection import Collection, built_in
from components.retrieval.export import Taken, zip_file
from components.retrieval.files import Read
from components.retrieval.pipeline import Stage
from components.texts.readers import FileText
from components.ui import engine, retrieve_state, state, tokens_open, tokens_state, views
from components.ui.retrieve_data import retrieve_data
from components.ui.retrieve_records import RetrieveView
from components.ui.streamlit_private import session_id

KEY = "retrieve"
FOLDER = "folder:"  # before the name of a file of the operator's
_PROBLEM, _UPLOADS, _JUDGED = "lab_retrieve_problem", "lab_retrieve_uploads", "lab_retrieve_judged"
_DOWNLOAD, _OPEN = "lab_retrieve_download", "lab_retrieve_open"
_MOST_IN_TOKENS = 50
_EXPORT = "relevance-lab-retrieve.zip"
_KINDS = {
    "passages": ("Passages", ["txt", "csv", "tsv", "json", "jsonl"]),
    "queries": ("Queries (an id and a text a row, or a text a line)", ["txt", "csv", "tsv", "json", "jsonl"]),
    "judgments": ("Judgments (TREC qrels, or query, document, grade)", ["txt", "csv", "tsv", "qrels"]),
}


def draw_uploads() -> None:
    """The files a visitor brings: passages, then queries and judgments for them."""
    st.space("xsmall")  # the header lies over the first line
    number = st.session_state.setdefault(_UPLOADS, 0)
    # Another number is another popover: it closes when a file was taken.
    with st.popover("Your own collection", type="secondary", key=f"retrieve_own_{number}"):
        st.caption(files.LIMITS)
        for kind, (label, endings) in _KINDS.items():
            st.file_uploader(
                label,
                type=endings,
                key=f"retrieve_{kind}_{number}",
                max_upload_size=files.MAX_MEGABYTES,
                on_change=_on_file,
                args=(kind, f"retrieve_{kind}_{number}"),
            )


def draw(view: RetrieveView) -> None:
    """Draw what ``view`` says."""
    _follow()
    flow = retrieve_state.flow()
    room = engine.engine().room
    data = retrieve_data(flow, view, flow.rerankers(room), flow.reranker(room), flow.readers(room))
    data["session"] = session_id()
    data["problem"] = st.session_state.get(_PROBLEM) or data["problem"]
    data["judged_number"] = st.session_state.get(_JUDGED, 0)
    data["download"] = _download(view)
    data["folder"] = line_file.names(retrieve_state.shared().folder)
    data["can_compare"] = bool(state.workspace().pasted.documents)
    views.mount(
        "retrieve",
        KEY,
        data,
        on_ask_change=_on_ask,
        on_choose_change=_on_choose,
        on_collection_change=_on_collection,
        on_judge_change=_on_judge,
        on_open_change=_on_open,
        on_measure_change=flow.measuring.ask,
        on_stop_change=_on_stop,
        on_go_on_change=flow.go_on,
        on_export_change=_on_export,
    )


def _on_file(kind: str, key: str) -> None:
    """Take a file over; when that fails the sentence is shown and everything stays as it was."""
    file = st.session_state.get(key)
    if file is None:
        return
    flow = retrieve_state.flow()
    st.session_state[_UPLOADS] += 1  # a fresh box: the file's bytes are not kept twice, and it may be chosen again
    readers: dict[str, Callable[[Collection, str, bytes], Read]] = {
        "queries": files.read_queries,
        "judgments": files.read_judgments,
    }
    try:
        if kind == "passages":
            read = files.read_collection(file.name, file.getvalue())
            flow.take_collection(read.collection, "file", read.sentence)
        else:
            read = readers[kind](flow.collection, file.name, file.getvalue())
            flow.take_queries(read.collection, read.sentence)
        st.session_state[_PROBLEM] = ""
    except InputProblem as problem:
        st.session_state[_PROBLEM] = str(problem)


def _on_ask() -> None:
    st.session_state[_PROBLEM] = ""
    retrieve_state.flow().ask(str(views.triggered(KEY, "ask") or ""))


def _on_choose() -> None:
    """A choice of the bar: {"stage"}, {"most"}, {"k"}, {"exact"} or {"reranker"}."""
    sent: dict[str, Any] = views.triggered(KEY, "choose") or {}
    flow = retrieve_state.flow()
    stage = Stage(sent["stage"]) if sent.get("stage") in set(Stage) else None
    most, k = sent.get("most"), sent.get("k")
    exact = sent["exact"] if isinstance(sent.get("exact"), bool) else None
    flow.choose(stage, most if isinstance(most, int) else None, k if isinstance(k, int) else None, exact)
    if sent.get("reranker") in flow.rerankers(engine.engine().room):
        flow.choose_reranker(str(sent["reranker"]))


def _on_collection() -> None:
    st.session_state[_PROBLEM] = ""
    wanted = str(views.triggered(KEY, "collection") or "")
    flow = retrieve_state.flow()
    if wanted == "built-in":
        flow.take_collection(built_in(), "built-in")
    elif wanted == "compare":
        flow.take_compare(state.workspace())
    elif wanted.startswith(FOLDER):
        flow.reading.ask(retrieve_state.shared().folder, wanted.removeprefix(FOLDER))


def _on_judge() -> None:
    """Judgments for the query on the screen: {"query", "grades": {id: 0 to 3 or None}, "number"}."""
    sent: dict[str, Any] = views.triggered(KEY, "judge") or {}
    flow = retrieve_state.flow()
    if sent.get("query") == flow.query:
        for id_, grade in list(dict(sent.get("grades") or {}).items())[:400]:
            if grade is None or grade in (0, 1, 2, 3):
                flow.judge(str(id_), None if grade is None else int(grade))
    st.session_state[_JUDGED] = int(sent.get("number") or 0)


def _on_stop() -> None:
    flow = retrieve_state.flow()
    what = views.triggered(KEY, "stop")
    if what == "evaluation":
        flow.measuring.stop()
    elif what == "index":
        flow.stop_index()
    else:
        flow.stop_run()


def _on_export() -> None:
    st.session_state[_DOWNLOAD] = True


def _download(view: RetrieveView) -> dict[str, str] | None:
    """The archive that was asked for, on its way down once."""
    if not st.session_state.pop(_DOWNLOAD, False):
        return None
    taken: Taken | None = retrieve_state.flow().taken(view)
    if taken is None:
        return None
    places = {key: status.spec.place for key, status in engine.engine().room.statuses.items()}
    return {"name": _EXPORT, "base64": base64.b64encode(zip_file(replace(taken, places=places))).decode()}


def _on_open() -> None:
    """Take the query with its first passages over into the workspace, and look at one of them in Tokens."""
    wanted = str(views.triggered(KEY, "open") or "")
    flow = retrieve_state.flow()
    run = flow.shown
    if run is None or wanted not in flow.collection.places:
        return
    order = [flow.collection.ids[place] for place in run.order(flow.k, flow.collection.ids)][:_MOST_IN_TOKENS]
    ids = order if wanted in order else [*order[: _MOST_IN_TOKENS - 1], wanted]
    rows = [FileText(flow.collection.texts[flow.collection.places[id_]], id_) for id_ in ids]
    state.workspace().take_passages(run.query, rows)
    tokens_state.flow().choose(ids.index(wanted) + 1)
    st.session_state[_OPEN] = True


def _follow() -> None:
    if st.session_state.pop(_OPEN, False):
        st.switch_page(tokens_open.PAGE)
