"""The names of Streamlit that are not public still do what they are used for."""

from streamlit.testing.v1 import AppTest

from components.ui.streamlit_private import is_connected, session_id


def test_outside_a_session_there_is_no_id_and_nobody_is_asked():
    assert session_id() == ""
    assert is_connected("x")() is True


def test_inside_a_session_there_is_an_id():
    def script():
        import streamlit as st

        from components.ui.streamlit_private import session_id

        st.write(session_id())

    app = AppTest.from_function(script).run()
    assert app.markdown[0].value
