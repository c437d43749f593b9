"""Textual entailment: does the second text follow from the first? Classes beside a cosine, both ways, word by word."""

from __future__ import annotations

import streamlit as st

from components.ui import engine, entailment_page, state
from components.ui.streamlit_private import go_through_app


def draw(first: entailment_page.Look) -> None:
    """Only while something is awaited the answer stands in a fragment that looks again; see ``pages/compare.py``."""
    if not first.polling:
        with st.container():
            entailment_page.draw_answer(first)
        return
    looks = iter([first])  # the first drawing uses the look that the page has already taken

    @st.fragment(run_every=engine.engine().poll_interval_s())
    def waiting_answer() -> None:
        seen = next(looks, None) or entailment_page.look()
        if not seen.polling:
            st.rerun()
        entailment_page.draw_answer(seen)

    waiting_answer()


go_through_app()
state.workspace()
state.box_left_the_screen()
seen = entailment_page.look()
entailment_page.draw_inputs(seen.answer)
draw(seen)
engine.start_loading()
