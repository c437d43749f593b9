"""What Streamlit keeps for one visitor of the Tokens page, under keys of our own."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components.ui.tokens_flow import TokensFlow

_FLOW, _DATA = "lab_tokens", "lab_tokens_data"


def flow() -> TokensFlow:
    """Where this visitor's token map stands."""
    if _FLOW not in st.session_state:
        st.session_state[_FLOW] = TokensFlow()
    return st.session_state[_FLOW]


def last_data() -> dict[str, Any] | None:
    """What the map on the screen was drawn from."""
    return st.session_state.get(_DATA)


def keep_data(data: dict[str, Any] | None) -> None:
    st.session_state[_DATA] = data
