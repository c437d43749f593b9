"""The tabs of Tokens without a browser: which model they look into, what is forgotten, what is polled for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from components.models.registry import DEFAULT_CROSS_ENCODER, ModelSpec
from components.models.room import LoadState, ModelStatus
from components.records import Kind
from components.scoring.cross_encoder import CrossEncoderScorer
from components.ui import engine as engine_module
from components.ui.tokens_flow import cross_encoders, wanted_model
from components.workspace import Workspace

APP = "../../app.py"
SECOND = "cross-encoder:second"


@pytest.fixture
def room(bi_encoder, cross_encoder, monkeypatch):
    """The engine's room with its models ready and a second cross-encoder, which is the first one by another name."""
    engine_module.engine.clear()
    room = engine_module.engine().room
    ready = {scorer.info.key: scorer for scorer in (bi_encoder, cross_encoder)}
    monkeypatch.setattr(room, "_load", lambda spec, device: ready[spec.key])
    monkeypatch.setattr(room, "_prepare", lambda: "cpu")
    room.start()
    assert room.wait(60)
    spec = ModelSpec(SECOND, Kind.CROSS_ENCODER, "second", None, "Apache-2.0")
    room.statuses[SECOND] = ModelStatus(spec, LoadState.READY)
    info = replace(cross_encoder.info, key=SECOND, name="second")
    room._scorers[SECOND] = CrossEncoderScorer(cross_encoder.model, info)
    yield room
    engine_module.engine.clear()


def test_one_of_several_cross_encoders_is_chosen_for_all_tabs(room):
    app = AppTest.from_file(APP, default_timeout=60)
    app.run()
    app.switch_page("pages/tokens.py").run()
    (chooser,) = app.selectbox
    assert (chooser.options, chooser.value) == (["relevance", "second"], DEFAULT_CROSS_ENCODER)
    chooser.select(SECOND).run()
    assert not app.exception
    workspace = app.session_state["lab_workspace"]
    assert wanted_model(workspace, room) == SECOND
    assert app.selectbox[0].value == SECOND


def test_a_chosen_model_that_is_gone_is_passed_over(room):
    workspace = Workspace(looked_into="cross-encoder:gone")
    assert wanted_model(workspace, room) == DEFAULT_CROSS_ENCODER
    room.statuses[SECOND].state = LoadState.FAILED
    assert cross_encoders(room) == [DEFAULT_CROSS_ENCODER]


def test_forgetting_the_text_drops_what_every_tab_kept():
    def script():
        import streamlit as st

        from components.ui import mattered_tabs, state, tokens_state

        kept = (tokens_state.flow, mattered_tabs.mattered_flow, mattered_tabs.strike_flow)
        before = [take() for take in kept]
        st.session_state["lab_strike_row"] = 3
        state.forget()
        st.session_state["same"] = [take() is old for take, old in zip(kept, before, strict=True)]

    app = AppTest.from_function(script).run()
    assert not app.exception
    assert app.session_state["same"] == [False, False, False]
    assert "lab_strike_row" not in app.session_state
