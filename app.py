"""Relevance Lab: page settings and navigation, nothing else. Run it with ``streamlit run app.py``."""

import streamlit as st
from starlette.middleware import Middleware

from components.ui.door import let_in
from components.ui.frame import draw_frame
from components.ui.lessons_open import draw_way_back
from components.ui.served import SecurityHeaders, on_script_error
from components.ui.streamlit_private import leave_page_behind, log_no_messages


def draw() -> None:
    """One run for one visitor."""
    st.set_page_config(page_title="Relevance Lab", layout="wide", initial_sidebar_state="collapsed")
    pages = [
        st.Page("pages/compare.py", title="Compare", default=True),
        st.Page("pages/tokens.py", title="Tokens"),
        st.Page("pages/timing.py", title="Timing"),
        st.Page("pages/retrieve.py", title="Retrieve & re-rank"),
        st.Page("pages/entailment.py", title="Textual entailment"),
        st.Page("pages/lessons.py", title="Lessons"),
        st.Page("pages/about.py", title="About"),
    ]
    page = st.navigation(pages, position="top")
    leave_page_behind()
    if let_in(page.url_path):
        draw_frame(page.url_path)
        page.run()
        draw_way_back(page.title == "Lessons")
        leave_page_behind()


if __name__ == "__main__":  # run by Streamlit, for a visitor
    draw()
else:  # imported by the server, which finds here what it serves
    log_no_messages()
    app = st.App(__file__, middleware=[Middleware(SecurityHeaders)], on_script_error=on_script_error)
