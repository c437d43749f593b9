"""What a page adds to links and files, and what is said when the models here are not those of the link."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import streamlit as st
from hypothesis import given, strategies

from components.export.link import make_fragment
from components.export.saved import PageState, Saved
from components.ui import page_parts, take_along
from components.workspace import Workspace


@pytest.fixture
def visitor(monkeypatch):
    """One visitor's session without a browser, on a server with two models."""
    kept: dict = {}
    monkeypatch.setattr(st, "session_state", kept)
    monkeypatch.setattr(st, "query_params", {})
    workspace = Workspace()
    scorers = {
        key: SimpleNamespace(info=SimpleNamespace(fingerprint=digest))
        for key, digest in {"bi-encoder:a": "aaaaaaaa11", "cross-encoder:b": "bbbbbbbb22"}.items()
    }
    room = SimpleNamespace(scorer=scorers.get, columns=lambda: tuple(scorers), settled=True, statuses={})
    monkeypatch.setattr(take_along.engine, "engine", lambda: SimpleNamespace(room=room))
    monkeypatch.setattr(take_along.state, "workspace", lambda: workspace)
    return SimpleNamespace(workspace=workspace, room=room, state=kept)


def opened(saved: Saved) -> str:
    take_along.on_open({"hash": "#" + make_fragment(saved), "at": 1})
    return take_along.data()["said"]["text"]


def test_a_link_with_the_same_models_says_nothing(visitor):
    columns = ("bi-encoder:a", "cross-encoder:b")
    assert opened(Saved("q", (("one", ""),), columns=columns, weights=("aaaaaaaa", "bbbbbbbb"))) == ""
    assert visitor.workspace.columns == columns
    assert visitor.workspace.query == "q"


def test_a_model_that_is_not_here_is_named(visitor):
    said = opened(Saved("q", (("one", ""),), columns=("bi-encoder:a", "cross-encoder:x/y"), weights=("", "")))
    assert said == "Not on this server, so left out: cross-encoder:x/y. Models can be added under “Models”."


def test_other_weights_under_the_same_name_are_named(visitor):
    said = opened(Saved("q", (("one", ""),), columns=("bi-encoder:a",), weights=("cccccccc",)))
    assert "Here bi-encoder:a has other weights" in said


def test_while_the_models_load_nothing_is_said_yet(visitor):
    visitor.room.settled = False
    assert opened(Saved("q", (("one", ""),), columns=("x",), weights=("",))) == ""
    visitor.room.settled = True
    assert "Not on this server" in take_along.data()["said"]["text"]


def test_an_old_message_does_not_open_the_link_again(visitor):
    opened(Saved("first", (("one", ""),)))
    visitor.workspace.query = "typed since"
    take_along.on_open({"hash": "#" + make_fragment(Saved("first")), "at": 1})
    assert visitor.workspace.query == "typed since"


def test_a_link_that_is_too_long_for_its_address_is_refused(visitor):
    visitor.workspace.edit("q", "one\ntwo", visitor.workspace.split)
    take_along.on_link({"number": 5, "room": 20}, "")
    answer = take_along.data()["link"]
    assert answer["fragment"] == ""
    assert "8,000 is the limit" in answer["problem"]
    take_along.on_link({"number": 6, "room": 7900}, "")
    assert take_along.data()["link"]["fragment"].startswith("lab=1.")


values = strategies.none() | strategies.text() | strategies.floats() | strategies.lists(strategies.integers())


@given(strategies.integers(), strategies.dictionaries(strategies.sampled_from(["document", "x"]), values))
def test_the_tokens_page_takes_or_refuses_any_part(version, content):
    unread = page_parts.restore_parts({"tokens": PageState(version, content), "unknown": PageState(1, {})})
    assert set(unread) <= {"tokens"}


def test_the_entailment_page_brings_its_texts(visitor, monkeypatch):
    desk = page_parts.entailment_state.desk()
    mode = next(iter(desk.boxes))
    desk.take_text(mode, "It rains.", "The street is wet.\nIt is dry.")
    desk.both_ways = True
    saved = page_parts.save_parts("entailment")
    desk.forget()
    assert page_parts.restore_parts(saved) == []
    assert (desk.mode, desk.above, desk.below) == (mode, "It rains.", "The street is wet.\nIt is dry.")
    assert desk.both_ways
    for content in ({}, {"mode": "x"}, {"mode": str(mode), "boxes": 3}, {"mode": str(mode), "boxes": {str(mode): [1]}}):
        assert page_parts.restore_parts({"entailment": PageState(1, content)}) == ["entailment"]


def test_a_part_that_fails_does_not_stop_the_others(monkeypatch):
    taken = []

    def broken(version, content):
        raise KeyError("x")

    parts = (
        page_parts.PagePart("one", 1, dict, broken),
        page_parts.PagePart("two", 2, lambda: {"k": 1}, lambda version, content: taken.append((version, content))),
    )
    monkeypatch.setattr(page_parts, "_PARTS", parts)
    assert page_parts.save_parts("two") == {"two": PageState(2, {"k": 1})}
    assert page_parts.restore_parts({"one": PageState(1, {}), "two": PageState(2, {"k": 1})}) == ["one"]
    assert taken == [(2, {"k": 1})]
