"""What surrounds every page: logo, margins, and the buttons for models, link, session file and keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from components.settings import ASSETS
from components.ui import engine, keys, model_panel, take_along, views
from components.ui.streamlit_private import session_id

KEY = "lab_frame_view"
# The buttons lie over Streamlit's header, which leaves them room at its right end.
_STYLE = """
<style>
  [data-testid="stMainBlockContainer"] { padding: 3.6rem 2rem 2rem; max-width: 1500px; }
  [data-testid="stHeader"] [data-testid="stToolbar"] { padding-right: 390px; }
  :has(> .st-key-lab_frame) { position: absolute; } /* or the empty place in the page would keep its gap */
  .st-key-lab_frame { position: fixed; top: 12px; right: 2rem; z-index: 999991; width: auto; }
  .st-key-lab_frame > div { width: auto; }
  @media (max-width: 900px) { [data-testid="stHeader"] [data-testid="stToolbar"] { padding-right: 96px; } }
  @media (max-width: 640px) {
    [data-testid="stMainBlockContainer"] { padding: 3.6rem 1rem 1rem; }
    .st-key-lab_frame { right: 1rem; }
  }
  /* the chosen tab in the text's colour: the primary one has 3.1:1 on its tint in the dark */
  [data-testid="stMain"] button[role="radio"][aria-checked="true"] { color: inherit !important; }
  .st-key-lab_way_back { position: fixed; left: 1rem; bottom: 1rem; z-index: 100; width: auto; }
  .st-key-lab_way_back button { background: var(--st-background-color, Canvas); }
</style>
"""


def draw_frame(page: str = "") -> None:
    """Set the logo and the margins, draw the buttons; call it once a run, before the page whose address is ``page``."""
    st.logo(str(ASSETS / "logo.svg"), size="large")
    st.html(_STYLE)
    with st.container(key="lab_frame"):
        _draw_buttons(page)
    wanted = take_along.page_to_go_to()
    if wanted is not None and wanted != page:
        st.switch_page(f"pages/{wanted or 'compare'}.py")


def _draw_buttons(page: str) -> None:
    """Only while the panel waits for a model the buttons stand in a fragment that looks again."""
    if not model_panel.is_polling():
        with st.container():
            _mount(page)
        return

    @st.fragment(run_every=engine.engine().poll_interval_s())
    def waiting_buttons() -> None:
        if not model_panel.is_polling():
            st.rerun()
        _mount(page)

    waiting_buttons()


def _mount(page: str) -> None:
    views.mount(
        "frame",
        KEY,
        {
            "session": session_id(),
            "page": page,
            "keys": keys.sheet(page),
            "models": model_panel.data(),
            **take_along.data(),
        },
        on_link_change=_taking("link", lambda sent: take_along.on_link(sent, page)),
        on_open_change=_taking("open", take_along.on_open),
        on_save_change=_taking("save", lambda sent: take_along.on_save(sent, page)),
        on_session_change=_taking("session", take_along.on_session),
        on_panel_change=_taking("panel", model_panel.on_panel),
        on_add_change=_taking("add", model_panel.on_add),
    )


def _taking(name: str, use: Callable[[Any], None]) -> Callable[[], None]:
    def take() -> None:
        use(views.triggered(KEY, name) or {})

    return take
