"""Rooms: counted once, bounded, closed, not managed by strangers, and holding no token."""

from __future__ import annotations

import threading

import pytest

from components.lessons import classroom
from components.lessons.classroom import Answer, Rooms

OPTIONS = ("both", "neither")
QUESTION = (3, 1)


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def rooms(clock):
    return Rooms(lambda: clock[0])


def test_each_browser_counts_once_a_question(rooms):
    code, teacher = rooms.open(QUESTION, OPTIONS)
    assert rooms.vote(code, "a", QUESTION, "both") is Answer.COUNTED
    assert rooms.vote(code, "a", QUESTION, "neither") is Answer.ALREADY
    assert rooms.vote(code, "b", QUESTION, "neither") is Answer.COUNTED
    assert rooms.view(code).counts == (("both", 1), ("neither", 1))
    assert rooms.voted(code, "a") == "both"
    rooms.ask(code, teacher, (4, 2), OPTIONS)
    assert rooms.view(code).voices == 0
    assert rooms.vote(code, "a", (4, 2), "both") is Answer.COUNTED
    rooms.ask(code, teacher, QUESTION, OPTIONS)
    assert rooms.view(code).voices == 2  # back at the first question, its counts are still there


def test_after_the_result_nobody_predicts(rooms):
    code, teacher = rooms.open(QUESTION, OPTIONS)
    rooms.reveal(code, teacher)
    assert rooms.view(code).revealed
    assert rooms.vote(code, "a", QUESTION, "both") is Answer.WRONG
    assert rooms.view(code).voices == 0


def test_a_closed_room_and_an_old_one_are_gone(rooms, clock):
    code, teacher = rooms.open(QUESTION, OPTIONS)
    rooms.close(code, teacher)
    assert rooms.view(code) is None
    assert rooms.vote(code, "a", QUESTION, "both") is Answer.CLOSED
    code, _ = rooms.open(QUESTION, OPTIONS)
    clock[0] += classroom.LIFE_S - 61
    assert rooms.view(code).minutes_left == 1
    clock[0] += 61
    assert rooms.view(code) is None
    assert rooms.vote("nosuch", "a", QUESTION, "both") is Answer.CLOSED


def test_only_the_teacher_manages_a_room(rooms):
    code, _ = rooms.open(QUESTION, OPTIONS)
    rooms.close(code, "guess")
    rooms.reveal(code, "guess")
    rooms.ask(code, "guess", (4, 2), OPTIONS)
    view = rooms.view(code)
    assert (view.question, view.revealed) == (QUESTION, False)


def test_bounds(rooms, monkeypatch):
    monkeypatch.setattr(classroom, "MOST_VOICES", 3)
    monkeypatch.setattr(classroom, "MOST_ROOMS", 2)
    code, _ = rooms.open(QUESTION, OPTIONS)
    answers = [rooms.vote(code, str(number), QUESTION, "both") for number in range(4)]
    assert answers == [Answer.COUNTED] * 3 + [Answer.FULL]
    assert rooms.open(QUESTION, OPTIONS) is not None
    assert rooms.open(QUESTION, OPTIONS) is None
    assert rooms.vote(code, "", QUESTION, "both") is Answer.WRONG
    assert rooms.vote(code, "x" * 65, QUESTION, "both") is Answer.WRONG
    assert rooms.vote(code, "y", QUESTION, "surely") is Answer.WRONG
    assert rooms.vote(code, "y", (9, 9), "both") is Answer.WRONG


def test_codes_are_long_and_different(rooms):
    codes = {rooms.open(QUESTION, OPTIONS)[0] for _ in range(100)}
    assert len(codes) == 100
    assert len(classroom.ALPHABET) ** classroom.CODE_LENGTH > 1e11
    assert all(set(code) <= set(classroom.ALPHABET) for code in codes)


def test_no_token_is_kept(rooms):
    code, _ = rooms.open(QUESTION, OPTIONS)
    rooms.vote(code, "my-secret-token", QUESTION, "both")
    assert "my-secret-token" not in repr(vars(rooms)["_rooms"])


def test_a_hundred_phones_at_once_are_all_counted(rooms):
    code, _ = rooms.open(QUESTION, OPTIONS)
    go = threading.Barrier(100)

    def phone(number):
        go.wait()
        rooms.vote(code, f"token {number}", QUESTION, OPTIONS[number % 2])
        rooms.vote(code, f"token {number}", QUESTION, OPTIONS[0])

    threads = [threading.Thread(target=phone, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rooms.view(code).counts == (("both", 50), ("neither", 50))


def test_who_has_the_secret_goes_on_in_another_session(rooms):
    code, teacher = rooms.open(QUESTION, OPTIONS, "first session")
    rooms.vote(code, "a", QUESTION, "both")
    rooms.ask(code, teacher, (4, 2), OPTIONS)
    assert rooms.resume(code, "a guess", "stranger") is None
    assert rooms.resume("nosuch", teacher, "stranger") is None
    assert rooms.view(code).holder == "first session"
    assert rooms.resume(code, teacher, "second session") == (4, 2)
    assert rooms.view(code).holder == "second session"
    rooms.ask(code, teacher, QUESTION, OPTIONS)
    assert rooms.view(code).voices == 1
    rooms.close(code, teacher)
    assert rooms.resume(code, teacher, "third session") is None
