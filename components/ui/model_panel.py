"""The model panel as every page has it: what is loaded, what is known of it, and adding another model."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components.models import cards
from components.models.adding import ADDABLE, Adding, AddState, add, hub_problem
from components.models.known import known_models
from components.models.registry import MAX_COLUMNS
from components.models.room import LoadState, ModelRoom, ModelStatus
from components.records import Kind
from components.service.served import served_form
from components.ui import engine, state
from components.ui.streamlit_private import is_connected, is_local_visitor, session_id

STAYS_HERE = "attention, attribution and the word toggle stay with this server's own copy"
_OPEN, _ADDING, _TAKEN = "lab_panel_open", "lab_adding", "lab_adding_taken"


def data() -> dict[str, Any]:
    """What the panel shows. Called on every run, so it also says which columns this visitor uses."""
    room = engine.engine().room
    visitor = session_id()
    room.use(visitor, is_connected(visitor), state.workspace().columns)
    _take_ready(room)
    adding: Adding | None = st.session_state.get(_ADDING)
    return {
        "rows": [_row(status, room) for status in room.statuses.values()],
        "step": room.step,
        "kinds": [str(kind) for kind in ADDABLE],
        "hub": hub_problem("", is_local_visitor()),
        "adding": adding and {"name": adding.name, "state": str(adding.state), "message": adding.message},
        "known": _known(room),
    }


def is_polling() -> bool:
    """Whether the panel waits for something: a model that is being added, or the first ones while it is open."""
    adding: Adding | None = st.session_state.get(_ADDING)
    is_adding = adding is not None and adding.state is AddState.WORKING
    return is_adding or (bool(st.session_state.get(_OPEN)) and not engine.engine().room.settled)


def on_panel(sent: Any) -> None:
    """The panel was opened or closed; closing it drops the answer of the last wish."""
    st.session_state[_OPEN] = bool(sent.get("open"))
    adding: Adding | None = st.session_state.get(_ADDING)
    if not sent.get("open") and adding is not None and adding.state is not AddState.WORKING:
        st.session_state[_ADDING] = None


def on_add(sent: Any) -> None:
    """A visitor wants a model; one wish at a time."""
    adding: Adding | None = st.session_state.get(_ADDING)
    kind = str(sent.get("kind"))
    if (adding is not None and adding.state is AddState.WORKING) or kind not in set(ADDABLE):
        return
    engine.start_loading()
    st.session_state[_ADDING] = add(
        str(sent.get("name") or "")[:300], Kind(kind), engine.engine().room, is_local_visitor()
    )


def _take_ready(room: ModelRoom) -> None:
    """A model that has just been added becomes a column of the one who asked for it, where there is room."""
    adding: Adding | None = st.session_state.get(_ADDING)
    if adding is None or adding.state is not AddState.READY or st.session_state.get(_TAKEN) is adding:
        return
    st.session_state[_TAKEN] = adding
    columns = state.workspace().columns
    if adding.key in room.columns() and adding.key not in columns and len(columns) < MAX_COLUMNS:
        state.workspace().choose_columns((*columns, adding.key))
        adding.message = f"{adding.name} is loaded, and a column of Compare now."


def _row(status: ModelStatus, room: ModelRoom) -> dict[str, Any]:
    """One model: what it is, where it stands, its facts, our figures where its card has some."""
    spec = status.spec
    scorer = room.scorer(spec.key)
    facts: list[tuple[str, str]] = []
    if scorer is not None:
        info, served = scorer.info, served_form(scorer)
        facts = [
            ("parameters", f"{status.parameters / 1e6:,.1f} million" if status.parameters else "not counted"),
            ("reads at most", f"{info.max_tokens:,} tokens" if info.max_tokens else "no limit"),
            ("score", info.unit),
            ("device", info.device),
            ("number type", info.dtype),
            *((("scores come from", f"{served.info.service}; {STAYS_HERE}"),) if served else ()),
            ("prompts", ", ".join(f"{role} “{text}”" for role, text in info.prompts) or "none"),
        ]
    words = {LoadState.WAITING: "waits to be loaded", LoadState.LOADING: "is being loaded", LoadState.READY: "loaded"}
    return {
        "key": spec.key,
        "kind": str(spec.kind),
        "name": spec.name,
        "state": words.get(status.state) or status.message,
        "facts": [*facts, ("licence", spec.licence)],
        "added": spec.key in room.added,
        "figures": _figures(status),
    }


def _figures(status: ModelStatus) -> dict[str, Any] | None:
    folder = status.spec.folder
    found = cards.lines(folder) if folder is not None and status.spec.kind is Kind.CROSS_ENCODER else ()
    if not found:
        return None
    known = [cards.figure(folder, name) for name in (cards.DL19, cards.DL21)] if folder is not None else []
    return {
        "sentence": " ".join(figure.sentence() for figure in known if figure is not None),
        "head": ["set", "measure", "questions", "BM25", "bi-encoder", "this model", "note"],
        "rows": [
            [
                *(one.name, one.measure, f"{one.queries:,}"),
                *(_number(value) for value in (one.bm25, one.cosine, one.cross_encoder)),
                one.note,
            ]
            for one in found
        ],
    }


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _known(room: ModelRoom) -> list[dict[str, Any]]:
    """Well-known models at one click."""
    return [
        {
            "name": one.name,
            "kind": one.kind,
            "words": f"{one.parameters_million:,.0f} million parameters, about {one.download_mb:,.0f} MB; "
            f"{one.figure}; licence {one.licence}.",
            "refused": one.refusal or hub_problem(one.name, is_local_visitor()),
            "loaded": f"{one.kind}:{one.name}" in room.statuses,
        }
        for one in known_models()
        if one.kind in set(ADDABLE)
    ]
