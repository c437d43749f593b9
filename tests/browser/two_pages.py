"""Two pages that poll, for test_leaving.py: the server goes from one to the other while the browser goes on asking."""

import os
import time

import streamlit as st
from streamlit.runtime import get_instance

from components.ui.streamlit_private import leave_page_behind

BUSY_S = 0.5  # no message goes in or out for so long when the page is left; the browser asks five times meanwhile


def one() -> None:
    @st.fragment(run_every=BUSY_S / 5)
    def polls() -> None:
        if st.button("go"):
            get_instance()._get_async_objs().eventloop.call_soon_threadsafe(time.sleep, BUSY_S)
            st.switch_page(TWO)
        st.text("waiting")

    polls()


def two() -> None:
    time.sleep(2 * BUSY_S)
    st.text("above")
    looks = iter(range(10**6))

    @st.fragment(run_every=BUSY_S)
    def polls() -> None:
        st.text(f"look {next(looks)}")

    polls()


ONE, TWO = st.Page(one, title="one", default=True), st.Page(two, title="two")
page = st.navigation([ONE, TWO], position="top")
if not os.environ.get("LEFT_ALONE"):
    leave_page_behind()
st.text("frame")
page.run()
if not os.environ.get("LEFT_ALONE"):
    leave_page_behind()
