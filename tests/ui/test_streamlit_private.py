"""The names of Streamlit that are not public still do what they are used for."""

from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType
from streamlit.testing.v1 import AppTest

from components.ui import streamlit_private
from components.ui.streamlit_private import is_connected, leave_page_behind, session_id


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


@pytest.fixture
def run(monkeypatch):
    """A run of page "new"; the one before was of ``st.session_state``'s page, and a fragment of it is known."""
    requests = ScriptRequests()
    requests.on_scriptrunner_ready()
    requests._state = ScriptRequestType.CONTINUE
    made = SimpleNamespace(
        page_script_hash="new", fragment_storage=MemoryFragmentStorage(), script_requests=requests, session_id="x"
    )
    made.fragment_storage.register("old fragment", lambda: None)
    monkeypatch.setattr(streamlit_private, "get_script_run_ctx", lambda suppress_warning: made)
    monkeypatch.setattr(st, "session_state", {})
    return made


@pytest.mark.parametrize(
    ("page", "fragment", "stays"),
    [("old", "old fragment", False), ("new", "old fragment", True), ("", "old fragment", True), ("old", None, True)],
)
def test_only_fragments_of_another_page_are_turned_away(run, page, fragment, stays):
    run.script_requests.request_rerun(RerunData(page_script_hash=page, fragment_id=fragment))
    leave_page_behind()
    assert (run.script_requests.on_scriptrunner_ready().type is ScriptRequestType.RERUN) == stays


def test_fragments_are_forgotten_only_where_the_page_changed(run):
    leave_page_behind()  # the session's first run
    assert run.fragment_storage.contains("old fragment")
    run.page_script_hash = "newer"
    leave_page_behind()
    assert not run.fragment_storage.contains("old fragment")
    run.fragment_storage.register("its own", lambda: None)
    leave_page_behind()  # at the end of the same run
    assert run.fragment_storage.contains("its own")
