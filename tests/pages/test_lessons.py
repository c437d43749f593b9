"""The Lessons page without a browser: links, what is shown before and after a run, a room of a class, a phone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.lessons.probes import listed
from components.ui import engine as engine_module
from components.ui import lessons_class
from tests.pages.sent import views

APP = Path(__file__).resolve().parent.parent.parent / "app.py"
LESSON = listed()[3]


@pytest.fixture
def ready(bi_encoder, cross_encoder, monkeypatch):
    """A server whose models are there."""
    engine_module.engine.clear()
    lessons_class.rooms.clear()
    room = engine_module.engine().room
    scorers = {scorer.info.key: scorer for scorer in (bi_encoder, cross_encoder)}
    monkeypatch.setattr(room, "_load", lambda spec, device: scorers[spec.key])
    monkeypatch.setattr(room, "_prepare", lambda: "cpu")
    room.start()
    assert room.wait(60)
    yield
    engine_module.engine.clear()
    lessons_class.rooms.clear()


def opened(**query: str) -> AppTest:
    """A visitor who comes by a link to the page."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page("pages/lessons.py").run()
    assert not app.exception
    return app


def run_until_counted(app: AppTest) -> dict:
    """Look again until result and tally are there."""
    app.session_state["lab_lessons"].run()
    for _ in range(600):
        app.run()
        assert not app.exception
        data = views(app)["lessons"]
        assert not data["problem"]
        if data["result"] and data["tally"]:
            return data
        threading.Event().wait(0.05)
    raise AssertionError("it never came")


def test_a_link_opens_its_lesson_and_nothing_runs_by_itself(ready):
    app = opened(lesson="3")
    data = views(app)["lessons"]
    assert (data["number"], data["title"], data["result"], data["tally"]) == (3, LESSON.title, None, None)
    assert [one["number"] for one in data["lessons"]] == list(listed())
    assert [one["text"] for one in data["queries"]] == list(LESSON.items[0].queries)
    assert app.query_params["lesson"] in ("3", ["3"])


@pytest.mark.parametrize("asked", ["99", "-1", "x", ""])
def test_a_wrong_link_opens_the_first(ready, asked):
    assert views(opened(lesson=asked))["lessons"]["number"] == next(iter(listed()))


def test_predict_run_and_count(ready):
    app = opened(lesson="3")
    app.session_state["lab_lessons"].predict("neither")
    data = run_until_counted(app)
    result = data["result"]
    assert result["predicted"].startswith("You predicted “neither”")
    assert result["answer"] in {option.id for option in LESSON.options}
    assert [one["title"] for one in result["openings"]] == ["Compare", "Tokens"]
    assert sum(one["total"] for one in data["tally"]["counts"]) == 3 * len(LESSON.items)
    app.switch_page("pages/about.py").run()
    again = views(app.switch_page("pages/lessons.py").run())["lessons"]
    assert (again["number"], again["result"]) == (3, result)


def test_a_room_follows_the_lesson_and_a_phone_votes(ready):
    teacher = opened(lesson="3")
    rooms = lessons_class.rooms()
    session = rooms_holder(teacher)
    code, secret = rooms.open((3, 1), tuple(option.id for option in LESSON.options), session)
    teacher.session_state["lab_class_room"] = (code, secret)
    data = views(teacher.run())["lessons"]["room"]
    assert (data["code"], data["teacher"], data["voices"], data["link"]) == (code, secret, 0, "")

    phone = opened(room=code)
    asked = views(phone)["vote"]
    assert (asked["is_open"], asked["question"]) == (True, LESSON.question)
    assert "lessons" not in views(phone)
    rooms.vote(code, "a browser", (3, 1), "neither")
    assert views(teacher.run())["lessons"]["room"]["counts"]["neither"] == 1

    teacher.session_state["lab_lessons"].choose_item(2)
    teacher.run()
    assert views(phone.run())["vote"]["item"] == 2
    run_until_counted(teacher)
    assert views(phone.run())["vote"]["revealed"]

    rooms.resume(code, secret, "another window")
    gone = views(teacher.run())["lessons"]["room"]
    assert gone == {"problem": lessons_class.TAKEN, "gone": False}


def rooms_holder(app: AppTest) -> str:
    """The session that the page runs for, as the page itself sees it."""

    def script():
        import streamlit as st

        from components.ui.streamlit_private import session_id

        st.session_state["who"] = session_id()

    return AppTest.from_function(script).run().session_state["who"]


def test_a_phone_at_a_closed_room(ready):
    shown = views(opened(room="nosuchroom"))["vote"]
    assert (shown["is_open"], shown["said"]) == (False, lessons_class.SAID[lessons_class.Answer.CLOSED])
