"""Relevance Lab: page settings and navigation, nothing else. Run it with ``streamlit run app.py``."""

import streamlit as st

from components.ui.frame import draw_frame
from components.ui.lessons_open import draw_way_back
from components.ui.streamlit_private import leave_page_behind

st.set_page_config(page_title="Relevance Lab", layout="wide", initial_sidebar_state="collapsed")
page = st.navigation(
    [
        st.Page("pages/compare.py", title="Compare", default=True),
        st.Page("pages/tokens.py", title="Tokens"),
        st.Page("pages/timing.py", title="Timing"),
        st.Page("pages/retrieve.py", title="Retrieve & re-rank"),
        st.Page("pages/entailment.py", title="Textual entailment"),
        st.Page("pages/lessons.py", title="Lessons"),
        st.Page("pages/about.py", title="About"),
    ],
    position="top",
)
leave_page_behind()
draw_frame(page.url_path)
page.run()
draw_way_back(page.title == "Lessons")
leave_page_behind()
