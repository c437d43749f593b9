"""Compare's page logic without a browser: what the page sends to its views for what the visitor has."""

from __future__ import annotations

import threading

import pytest
from streamlit.testing.v1 import AppTest

from components.models.registry import BM25
from components.texts.examples import FIRST, examples
from components.texts.paste import Split
from components.ui import engine as engine_module
from tests.pages.sent import views as sent

APP = "../../app.py"


@pytest.fixture
def app(bi_encoder, cross_encoder, monkeypatch):
    """The app with its engine's models ready."""
    engine_module.engine.clear()
    shared = engine_module.engine()
    ready = {scorer.info.key: scorer for scorer in (bi_encoder, cross_encoder)}
    monkeypatch.setattr(shared.room, "_load", lambda spec, device: ready[spec.key])
    monkeypatch.setattr(shared.room, "_prepare", lambda: "cpu")
    shared.room.start()
    assert shared.room.wait(60)
    yield AppTest.from_file(APP, default_timeout=60)
    engine_module.engine.clear()


def run(app: AppTest) -> dict[str, dict]:
    app.run()
    assert not app.exception
    for _ in range(50):
        views = sent(app)
        if not views["result"]["stoppable"]:
            return views
        threading.Event().wait(0.2)  # the worker is scoring
        app.run()
    raise AssertionError("scoring did not end")


def test_the_first_visit_shows_the_first_example_scored(app):
    views = run(app)
    assert views["inputs"]["example"] == FIRST
    assert views["inputs"]["query"] == examples()[FIRST].query
    assert [column["kind"] for column in views["result"]["columns"]] == ["bi-encoder", "cross-encoder"]
    assert len(views["result"]["rows"]) == len(examples()[FIRST].documents)
    assert not views["result"]["stale"]


def test_an_edit_scores_only_what_changed(app):
    run(app)
    workspace = app.session_state["lab_workspace"]
    workspace.edit(workspace.query, workspace.documents_text + "\nHerons never eat soup.", Split.DETECT)
    views = run(app)
    assert views["result"]["work"].startswith("1 scored, 8 kept")
    assert views["inputs"]["example"] == ""  # it is not the example's text any more


def test_an_empty_query_is_said_and_the_result_stays_greyed(app):
    run(app)
    app.session_state["lab_workspace"].edit("", "one\ntwo", Split.DETECT)
    views = run(app)
    assert "query is empty" in views["inputs"]["problem"]
    assert views["result"]["stale"]
    assert len(views["result"]["rows"]) == 8


def test_a_third_column_can_be_chosen(app):
    run(app)
    workspace = app.session_state["lab_workspace"]
    workspace.choose_columns((*workspace.columns, BM25))
    views = run(app)
    assert [column["unit"] for column in views["result"]["columns"]] == ["cosine", "logit", "BM25"]
    assert len(views["result"]["agreements"]) == 3


def test_a_link_opens_its_example(app):
    app.query_params["example"] = "role-swap"
    assert run(app)["inputs"]["query"] == examples()["role-swap"].query


def test_an_unknown_example_in_a_link_opens_the_first(app):
    app.query_params["example"] = "no-such-example"
    assert run(app)["inputs"]["example"] == FIRST


def test_before_the_models_are_ready_the_stored_result_is_shown_and_marked():
    engine_module.engine.clear()
    app = AppTest.from_file(APP, default_timeout=60)
    engine_module.engine().room._started = True  # nothing will be loaded in this test
    app.run()
    views = sent(app)
    assert views["result"]["finding"].startswith("Stored result: ")
    assert views["result"]["work"].startswith("stored result of 20")
    assert views["result"]["waiting"]
    engine_module.engine.clear()
