"""Timing: both approaches race on this machine; why one is slower, and what a budget allows."""

from __future__ import annotations

import streamlit as st

from components.timing.export import to_csv, to_json
from components.timing.stored import load_stored
from components.ui import engine, state, timing_state, views
from components.ui.compare_flow import Tools
from components.ui.service_words import own_model
from components.ui.streamlit_private import go_through_app, is_connected, session_id
from components.ui.timing_data import timing_data
from components.ui.timing_flow import Download, TimingView, read_asked
from components.ui.timing_result_data import findings_of, result_data
from components.ui.waiting import draw_awaited

RACE, RESULT = "timing_race", "timing_figures"
LOOK_EVERY_S = 0.75  # each look takes time from the race that is looked at


def tools() -> Tools:
    """What scoring needs from the server and the session."""
    shared = engine.engine()
    visitor = session_id()
    return Tools(shared.room, shared.scheduler, shared.stores, state.seen(), visitor, is_connected(visitor))


def look() -> TimingView:
    """Where this visitor's work stands: see ``TimingFlow.step``."""
    return timing_state.flow().step(state.workspace(), tools(), load_stored())


def on_ask() -> None:
    flow = timing_state.flow()
    flow.ask(read_asked(views.triggered(RACE, "ask") or {}, flow.asked))


def on_start() -> None:
    flow = timing_state.flow()
    flow.ask(read_asked(views.triggered(RACE, "start") or {}, flow.asked))
    flow.start(state.workspace(), tools())


def on_export() -> None:
    sent = views.triggered(RESULT, "export") or {}
    shown = look().shown
    if shown is None:
        return
    is_json = sent.get("kind") == "json"
    text = to_json(shown, findings_of(shown)) if is_json else to_csv(shown)
    kind, mime = ("json", "application/json") if is_json else ("csv", "text/csv;charset=utf-8")
    timing_state.flow().download = Download(int(sent.get("count") or 0), f"race.{kind}", mime, text)


def mount_race(view: TimingView) -> None:
    views.mount(
        "timing",
        RACE,
        timing_data(view),
        on_ask_change=on_ask,
        on_start_change=on_start,
        on_stop_change=timing_state.flow().stop,
    )


go_through_app()
state.workspace()
state.box_left_the_screen()
view = look()
draw_awaited(view, look, mount_race, LOOK_EVERY_S, lambda seen: seen.shown != view.shown)
views.mount("timing_result", RESULT, result_data(view), on_export_change=on_export)
if said := own_model(engine.engine().room.infos()):
    st.caption(said)
engine.start_loading()
