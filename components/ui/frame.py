"""What surrounds every page: the tight margins, so that the result is on the first screen."""

from __future__ import annotations

import streamlit as st

from components.settings import ASSETS

_STYLE = """
<style>
  [data-testid="stMainBlockContainer"] { padding: 3.6rem 2rem 2rem; max-width: 1500px; }
  .st-key-lab_way_back { position: fixed; left: 1rem; bottom: 1rem; z-index: 100; width: auto; }
  .st-key-lab_way_back button { background: var(--st-background-color, Canvas); }
  @media (max-width: 640px) { [data-testid="stMainBlockContainer"] { padding: 3.6rem 1rem 1rem; } }
</style>
"""


def draw_frame() -> None:
    """Set the logo and the margins; call it once a run, before the page."""
    st.logo(str(ASSETS / "logo.svg"), size="large")
    st.html(_STYLE)
