"""What Streamlit keeps for one visitor of the entailment page, under keys of our own: it outlives a page switch."""

from __future__ import annotations

import streamlit as st

from components.entailment.desk import Desk, first_desk
from components.scoring.bi_encoder import BiEncoderScorer
from components.ui import engine, state
from components.ui.compare_flow import Tools
from components.ui.entailment_flow import EntailmentFlow
from components.ui.entailment_toggle import ToggleFlow
from components.ui.mattered_flow import bi_encoder_key
from components.ui.streamlit_private import is_connected, session_id

_DESK, _FLOW, _TOGGLE = "lab_entailment_desk", "lab_entailment", "lab_entailment_toggle"
_UNDER_GLASS = ("lab_glass", "lab_glass_wanted", "lab_tokens", "lab_tokens_data", "lab_mattered", "lab_strike")


def desk() -> Desk:
    """The visitor's desk; a new one holds the example of the link (``?pair=``) or the first one."""
    if _DESK not in st.session_state:
        st.session_state[_DESK] = first_desk(st.query_params.get("pair", ""))
    return st.session_state[_DESK]


def flow() -> EntailmentFlow:
    """Where this visitor's question stands."""
    if _FLOW not in st.session_state:
        st.session_state[_FLOW] = EntailmentFlow()
    return st.session_state[_FLOW]


def toggle() -> ToggleFlow:
    """Where this visitor's word toggle stands."""
    if _TOGGLE not in st.session_state:
        st.session_state[_TOGGLE] = ToggleFlow()
    return st.session_state[_TOGGLE]


def forget() -> None:
    """Empty the boxes and drop what was said about their text, also a pair of it that lies under Tokens' glass."""
    if "lab_glass" in st.session_state:
        state.forget_pages(_UNDER_GLASS)
    desk().forget()
    flow().stop()
    toggle().stop()
    st.session_state[_FLOW], st.session_state[_TOGGLE] = EntailmentFlow(), ToggleFlow()


def tools() -> Tools:
    """What scoring needs from the server and the session."""
    shared, visitor = engine.engine(), session_id()
    return Tools(shared.room, shared.scheduler, shared.stores, state.seen(), visitor, is_connected(visitor))


def bi_key() -> str | None:
    """The bi-encoder whose cosine stands beside the classes: the first among Compare's columns, else the first."""
    return bi_encoder_key(state.workspace(), tools())


def bi_encoder() -> BiEncoderScorer | None:
    key = bi_key()
    found = engine.engine().room.scorer(key) if key else None
    return found if isinstance(found, BiEncoderScorer) else None
