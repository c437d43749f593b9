"""Textual entailment: does the second text follow from the first? Classes beside a cosine, both ways, word by word."""

from __future__ import annotations

from components.ui import engine, entailment_page, state
from components.ui.streamlit_private import go_through_app
from components.ui.waiting import draw_awaited

go_through_app()
state.workspace()
state.box_left_the_screen()
seen = entailment_page.look()
entailment_page.draw_inputs(seen.answer)
draw_awaited(seen, entailment_page.look, entailment_page.draw_answer)
engine.start_loading()
