"""What Streamlit keeps for one visitor of the Tokens page, under keys of our own."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components.ui.tokens_flow import MadeMap, TokensFlow

_FLOW, _DATA = "lab_tokens", "lab_tokens_data"


def flow() -> TokensFlow:
    """Where this visitor's token map stands."""
    if _FLOW not in st.session_state:
        st.session_state[_FLOW] = TokensFlow()
    return st.session_state[_FLOW]


def last_data() -> dict[str, Any] | None:
    """What the map on the screen was drawn from; None where there is none."""
    kept = st.session_state.get(_DATA)
    return None if kept is None else kept[0]


def last_map() -> MadeMap | None:
    """The map on the screen."""
    kept = st.session_state.get(_DATA)
    return None if kept is None else kept[1]


def keep_data(data: dict[str, Any], shown: MadeMap | None) -> None:
    """Remember what is drawn; without a map there is nothing to remember."""
    st.session_state[_DATA] = None if shown is None else (data, shown)
