"""“Forget my text”: nothing that a page keeps of it stays, and no work that holds it goes on."""

from __future__ import annotations

import pickle

import pytest

from components.texts.readers import FileText
from components.ui import entailment_state, state
from components.ui.retrieve_flow import RetrieveFlow
from components.ui.timing_flow import TimingFlow
from components.workspace import Workspace

SECRET = "the visitor's own words"


class Holds:
    """A flow with work under way on somebody's text."""

    def __init__(self) -> None:
        self.text, self.stopped = SECRET, False

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    kept: dict[str, object] = {"lab_workspace": Workspace(query=SECRET, rows=(FileText(SECRET),), touched=True)}
    monkeypatch.setattr(state.st, "session_state", kept)
    return kept


def test_every_page_forgets(session: dict[str, object]) -> None:
    retrieve = RetrieveFlow()
    retrieve.take_compare(state.workspace())
    assert SECRET in retrieve.query
    held = {key: Holds() for key in ("lab_tokens", "lab_mattered", "lab_strike", "lab_timing", "lab_glass")}
    session.update(held, lab_retrieve=retrieve, lab_tokens_data={"text": SECRET})
    state.forget()
    assert SECRET.encode() not in pickle.dumps(vars(state.workspace()))
    assert not session.keys() & {*held, "lab_retrieve", "lab_tokens_data"}
    assert all(flow.stopped for flow in held.values())


def test_flows_that_hold_text_can_be_stopped() -> None:
    """They are told apart by their method's name, so they must have it."""
    assert callable(TimingFlow().stop)
    assert callable(RetrieveFlow().stop_all)


def test_entailment_forgets_its_pair_under_the_glass(session: dict[str, object]) -> None:
    glass, tokens = Holds(), Holds()
    session.update(lab_glass=glass, lab_tokens=tokens, lab_timing=Holds())
    entailment_state.forget()
    assert not session.keys() & {"lab_glass", "lab_tokens"}
    assert tokens.stopped
    assert "lab_timing" in session, "Compare's text is not this page's"
