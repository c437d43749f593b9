"""Class mode: the teacher's room on the lesson's page, and what a student's phone shows."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components.lessons.classroom import MOST_VOICES, Answer, Rooms, RoomView
from components.lessons.probes import listed
from components.ui import views
from components.ui.lessons_data import texts_data
from components.ui.lessons_flow import LessonsFlow, LessonsView
from components.ui.streamlit_private import session_id

_ROOM, _ADDRESS, _PHONE, _PROBLEM = "lab_class_room", "lab_class_address", "lab_class_phone", "lab_class_problem"
VOTE = "lessons_vote"
LONGEST_ADDRESS = 200
GONE = "That room is closed: open a new one."
TAKEN = "The room goes on in another window of yours."
MANY_ROOMS = "There are as many rooms as this server holds: close one, or try again in a while."
SAID = {
    Answer.COUNTED: "Your prediction is counted.",
    Answer.ALREADY: "This browser has predicted already; it counts once.",
    Answer.FULL: f"This room is full: it counts {MOST_VOICES} voices.",
    Answer.CLOSED: "This room is closed: ask for a new code.",
    Answer.WRONG: "That prediction came too late: the class has gone on. Press “Next question”.",
}


@st.cache_resource(show_spinner=False)
def rooms() -> Rooms:
    """The rooms of this server process."""
    return Rooms()


def _mine() -> tuple[str, str] | None:
    """Code and secret of this session's room while it is open and no other session has taken it over."""
    mine: tuple[str, str] | None = st.session_state.get(_ROOM)
    if mine is None:
        return None
    room = rooms().view(mine[0])
    if room is not None and room.holder == session_id():
        return mine
    st.session_state.pop(_ROOM)
    if room is not None:
        st.session_state[_PROBLEM] = TAKEN
    return None


def is_open() -> bool:
    """Whether this session's visitor has a room, whose counts the page has to follow."""
    return _mine() is not None


def on_do(act: str, value: Any, view: LessonsView) -> None:
    """The teacher's buttons: open a room, confirm the address, close the room."""
    options = tuple(option.id for option in view.lesson.options)
    mine = _mine()
    if act == "room" and mine is None:
        opened = rooms().open((view.lesson.number, view.item.number), options, session_id())
        st.session_state[_PROBLEM] = "" if opened else MANY_ROOMS
        if opened:
            st.session_state[_ROOM] = opened
    elif act == "address":
        st.session_state[_ADDRESS] = str(value).strip()[:LONGEST_ADDRESS]
    elif act == "close" and mine is not None:
        rooms().close(*mine)
        st.session_state.pop(_ROOM, None)


def resume(sent: Any, flow: LessonsFlow) -> None:
    """The teacher's browser still has the secret of a room: go on with it, at the question where it stands."""
    if not isinstance(sent, dict) or _mine() is not None:
        return
    code, teacher = str(sent.get("code")), str(sent.get("teacher"))
    question = rooms().resume(code, teacher, session_id())
    st.session_state[_PROBLEM] = "" if question else GONE
    if question:
        st.session_state[_ROOM] = code, teacher
        st.session_state[_ADDRESS] = str(sent.get("address") or "")[:LONGEST_ADDRESS]
        flow.go(question[0])
        flow.choose_text(question[1])


def follow(view: LessonsView) -> dict[str, Any] | None:
    """Keep the room at what is on the screen, and say what to draw of it; None without a room."""
    mine = _mine()
    if mine is None:
        problem = st.session_state.get(_PROBLEM, "")
        return {"problem": problem, "gone": problem == GONE} if problem else None
    code, teacher = mine
    options = tuple(option.id for option in view.lesson.options)
    rooms().ask(code, teacher, (view.lesson.number, view.item.number), options)
    if view.outcome is not None:
        rooms().reveal(code, teacher)
    room = rooms().view(code)
    assert room is not None
    return _room_data(room, teacher)


def _room_data(room: RoomView, teacher: str) -> dict[str, Any]:
    address = st.session_state.get(_ADDRESS, "")
    link = f"{address.rstrip('/')}/lessons?room={room.code}" if address else ""
    return {
        "problem": "",
        "code": room.code,
        "teacher": teacher,
        "address": address,
        "counts": dict(room.counts),
        "voices": room.voices,
        "most": MOST_VOICES,
        "minutes": room.minutes_left,
        "link": link,
        "qr": qr_rows(link) if link else [],
    }


def qr_rows(text: str) -> list[str]:
    """A QR code as rows of 0 and 1, its quiet zone left to the drawing."""
    import segno

    return ["".join("1" if cell else "0" for cell in row) for row in segno.make(text, error="m", micro=False).matrix]


def is_phone() -> bool:
    """Whether the link names a room that is open here."""
    code = st.query_params.get("room", "")
    return bool(code) and rooms().view(code) is not None


def draw_phone() -> bool:
    """Draw the student's page if the link names a room; False where it names none."""
    code = st.query_params.get("room", "")
    if not code:
        return False
    phone = st.session_state.get(_PHONE)
    if phone is None or phone["code"] != code:
        phone = st.session_state[_PHONE] = {"code": code, "token": "", "said": ""}
    views.mount("vote", VOTE, phone_data(phone), on_do_change=_on_phone)
    return True


def phone_data(phone: dict[str, str]) -> dict[str, Any]:
    """What a phone shows: the question with its texts, or that the room is closed."""
    room = rooms().view(phone["code"])
    if room is None:
        return {"code": phone["code"], "is_open": False, "said": SAID[Answer.CLOSED]}
    lesson = listed()[room.question[0]]
    item = lesson.items[room.question[1] - 1]
    return {
        "code": room.code,
        "is_open": True,
        "lesson": room.question[0],
        "item": room.question[1],
        "question": lesson.question,
        "ask": lesson.ask,
        "options": [{"id": option.id, "text": option.text} for option in lesson.options],
        **texts_data(lesson, item),
        "voted": rooms().voted(room.code, phone["token"]),
        "revealed": room.revealed,
        "said": phone["said"],
    }


def _on_phone() -> None:
    sent = views.triggered(VOTE, "do") or {}
    phone = st.session_state.get(_PHONE)
    if phone is None:
        return
    phone["token"], phone["said"] = str(sent.get("token") or ""), ""
    if sent.get("do") == "vote":
        question = int(sent.get("lesson") or 0), int(sent.get("item") or 0)
        answer = rooms().vote(phone["code"], phone["token"], question, str(sent.get("option")))
        phone["said"] = SAID[answer]
