"""What Streamlit keeps for one visitor of the Timing page, under keys of our own."""

from __future__ import annotations

import streamlit as st

from components.ui.timing_flow import TimingFlow

_FLOW = "lab_timing"


def flow() -> TimingFlow:
    """Where this visitor's race stands."""
    if _FLOW not in st.session_state:
        st.session_state[_FLOW] = TimingFlow()
    return st.session_state[_FLOW]
