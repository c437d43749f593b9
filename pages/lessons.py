"""Lessons: a question, a prediction, a run of both models, what came out beside what is published."""

from __future__ import annotations

import streamlit as st

from components.ui import engine, lessons_class, lessons_open, lessons_state, state, views
from components.ui.compare_flow import Tools
from components.ui.lessons_data import lessons_data
from components.ui.lessons_flow import LessonsView
from components.ui.streamlit_private import go_through_app, is_connected, session_id

LESSONS = "lessons_view"
CLASS_INTERVAL_S = 1.0  # so often a teacher's page looks at the counts


def on_do() -> None:
    """A click or a key: {"do": ..., "value": ...}."""
    sent = views.triggered(LESSONS, "do") or {}
    act, value = sent.get("do"), sent.get("value")
    flow = lessons_state.flow()
    number = int(value) if isinstance(value, int | float) else 0
    if sent.get("predicted") and (sent.get("lesson"), sent.get("item")) == (flow.number, flow.item.number):
        flow.predict(str(sent["predicted"]))  # every message brings it: two quick ones may arrive as one
    if act == "go":
        flow.go(number)
    elif act == "item":
        flow.choose_item(number)
    elif act == "shuffle":
        flow.shuffle(number)
    elif act == "set" and isinstance(value, int | float):
        flow.set(float(value))
    elif act == "run":
        flow.run()
    elif act == "count":
        flow.count_again()
    elif act == "stop":
        flow.stop()
    elif act in ("room", "address", "close"):
        lessons_class.on_do(str(act), value, look())
    elif act == "resume":
        lessons_class.resume(value, flow)
    elif act == "open":
        openings = outcome.openings if (outcome := look().outcome) else ()
        if 0 <= number < len(openings):
            lessons_open.ask(openings[number])


def look() -> LessonsView:
    """Where this visitor's work stands: see ``LessonsFlow.step``."""
    shared = engine.engine()
    visitor = session_id()
    tools = Tools(shared.room, shared.scheduler, shared.stores, state.seen(), visitor, is_connected(visitor))
    return lessons_state.flow().step(tools, shared.classifiers)


def draw(first: LessonsView) -> None:
    """Only while something is awaited, or a class predicts, the lesson stands in a fragment that looks again.

    See ``components/ui/waiting.py``.
    """
    if not first.polling and not lessons_class.is_open():
        with st.container():
            mount(first)
        return
    looks = iter([first])  # the first drawing uses the look that the page has already taken

    interval = engine.engine().poll_interval_s() if first.polling else CLASS_INTERVAL_S

    @st.fragment(run_every=interval)
    def waiting_lesson() -> None:
        view = next(looks, None) or look()
        if view.polling != first.polling or not (view.polling or lessons_class.is_open()):
            st.rerun()
        mount(view)

    waiting_lesson()


def mount(view: LessonsView) -> None:
    lessons_open.follow()
    views.mount("lessons", LESSONS, lessons_data(view, lessons_class.follow(view)), on_do_change=on_do)


go_through_app()
state.workspace()
state.box_left_the_screen()
if not lessons_class.draw_phone():
    view = look()
    draw(view)
    st.query_params["lesson"] = str(view.lesson.number)
engine.start_loading()
