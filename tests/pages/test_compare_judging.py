"""Judging and files without a browser: what is sent to the views, and what a message from them does."""

from __future__ import annotations

import base64
import json

import pytest

from components.judging.judgments import judgment_keys
from components.ui import compare_inputs, compare_result, views
from components.workspace import Workspace
from tests.pages.test_compare import app, run, sent

__all__ = ["app"]


@pytest.fixture
def message(monkeypatch, app):
    """Act as a view: ``message(callback, value)`` calls a callback of the page with what a view would have sent."""

    def act(callback, value):
        monkeypatch.setattr(views, "triggered", lambda key, name: value)
        monkeypatch.setattr(compare_inputs.st, "session_state", app.session_state)
        callback()
        monkeypatch.undo()

    return act


def test_blind_data_holds_nothing_a_model_has_said(app):
    shown = run(app)["result"]
    said = {cell["value"] for row in shown["rows"] for cell in row["cells"]} | {shown["finding"], shown["chart_words"]}
    app.session_state["lab_workspace"].blind_seed = 3
    blind = run(app)["result"]
    text = json.dumps(blind, ensure_ascii=False)
    assert not [value for value in said if value and value in text]
    assert {key for row in blind["rows"] for key in row} == {"number", "text", "key", "grade"}
    assert blind["columns"] == blind["agreements"] == blind["exports"] == []
    assert (blind["quality"], blind["lesson"], blind["made"], blind["work_details"]) == (None, "", "", "")
    by_model = [row["number"] for row in sorted(shown["rows"], key=lambda row: row["cells"][1]["rank"])]
    assert [row["number"] for row in blind["rows"]] != by_model
    assert [row["number"] for row in run(app)["result"]["rows"]] == [row["number"] for row in blind["rows"]]


def test_measures_come_with_the_first_judgment(app):
    first = run(app)["result"]
    assert first["quality"] is None
    workspace: Workspace = app.session_state["lab_workspace"]
    workspace.judgments.give(first["rows"][3]["key"], 3)
    quality = run(app)["result"]["quality"]
    assert [one["name"] for one in quality["measures"]] == ["nDCG@3", "AP", "RR", "P@3"]
    assert len(quality["values"]) == 2
    assert "1 of 8 documents judged; the other 7 count as not relevant." in quality["sentences"]
    assert "Ideal order of the judged documents: 4 (judged 3)." in quality["sentences"]


def test_the_lesson_is_computed_from_the_run(app):
    result = run(app)["result"]
    firsts = {row["number"] for row in result["rows"] for cell in row["cells"] if cell["rank"] == 1}
    assert result["lesson"].startswith("Here ")
    assert all(f"document {number} first" in result["lesson"] for number in firsts)


def test_a_row_carries_the_key_of_its_judgment(app):
    views_data = run(app)
    workspace: Workspace = app.session_state["lab_workspace"]
    keys = judgment_keys(workspace.clean_query, workspace.pasted.documents)
    assert tuple(row["key"] for row in views_data["result"]["rows"]) == keys


def test_messages_of_the_view_are_taken_with_care(app, message):
    run(app)
    message(compare_result._on_judge, {"grades": {"a": 3, "b": 7, "c": "3", "d" * 100: 1, "e": True}, "number": 5})
    workspace: Workspace = app.session_state["lab_workspace"]
    assert len(workspace.judgments) == 2  # "a", and "e" whose true is a 1
    message(compare_result._on_judging, {"do": "cutoff", "value": "many"})
    message(compare_result._on_judging, {"do": "no such thing"})
    message(compare_result._on_pooling, "no such pooling")
    assert run(app)["result"]["judged_number"] == 5


def test_a_file_that_fails_leaves_the_workspace_as_it_was(app, message):
    before = run(app)["inputs"]
    message(compare_inputs._on_file, {"name": "a.csv", "data": base64.b64encode(b"a,b\n1,2,3").decode()})
    after = run(app)["inputs"]
    assert "Line 2 of a.csv has 3 fields" in after["problem"]
    assert {**after, "problem": ""} == {**before, "problem": ""}
    message(compare_inputs._on_file, {"name": "a.csv", "data": "not base64!"})
    assert "did not arrive whole" in run(app)["inputs"]["problem"]
    message(compare_inputs._on_file, {"name": "a.txt", "data": base64.b64encode(b"one\ntwo").decode()})
    assert run(app)["inputs"]["rows"] == [["", "one"], ["", "two"]]
    assert sent(app)["inputs"]["problem"] == ""


def test_pooling_is_a_choice_that_is_said(app):
    run(app)
    app.session_state["lab_workspace"].pooling = "max"
    result = run(app)["result"]
    assert result["made"].count("highest of chunks of 128 tokens that share 32") == 2
