"""The door of a full room: in turn, with a number that comes from what is waiting, and nobody is thrown out."""

from __future__ import annotations

import threading

import pytest

from components.door import STAYS_S, Door


class Scene:
    """A clock, who has work, who has gone; visitors are letters."""

    def __init__(self, most: int) -> None:
        self.now, self.work_s = 0.0, 0.0
        self.busy: set[str] = set()
        self.gone: set[str] = set()
        self.door = Door(most, self.busy.__contains__, lambda: self.work_s, lambda: self.now)

    def enter(self, visitor: str):
        return self.door.enter(visitor, lambda: visitor not in self.gone)


@pytest.fixture
def scene():
    made = Scene(2)
    assert made.enter("a") is None
    made.now = 10
    assert made.enter("b") is None
    made.now = 20
    return made


def test_a_newcomer_before_a_full_room_reads_how_long_it_takes(scene):
    full = scene.enter("c")
    assert (full.inside, full.ahead, full.wait_s) == (2, 0, STAYS_S - 20)
    assert full.sentence().startswith("The room is full, about 40 s: 2 visitors are working here.")
    second = scene.enter("d")
    assert (second.ahead, second.wait_s) == (1, STAYS_S - 10)
    assert "about 50 s, 1 before you" in second.sentence()
    assert scene.enter("e").wait_s == STAYS_S - 20 + STAYS_S  # both places go once, then the first again


def test_the_number_counts_the_work_that_waits(scene):
    scene.busy |= {"a", "b"}
    scene.work_s = 25
    assert scene.enter("c").wait_s == STAYS_S + 25


def test_who_came_first_gets_the_place_of_who_is_quiet(scene):
    scene.enter("c"), scene.enter("d")
    scene.now = STAYS_S - 0.1
    assert scene.enter("d") is not None
    scene.now = STAYS_S  # a is quiet for a minute
    assert scene.enter("d") is not None, "c was first"
    assert scene.enter("c") is None
    assert scene.enter("d").ahead == 0


def test_who_waits_for_a_result_keeps_the_place(scene):
    scene.busy.add("a")
    scene.enter("c")
    scene.now = STAYS_S + 1
    assert scene.enter("c") is not None
    scene.now = STAYS_S + 10
    assert scene.enter("c") is None, "b's"
    scene.busy.clear()
    assert scene.enter("d") is None, "a's"


def test_a_closed_tab_gives_its_place_at_once(scene):
    assert scene.enter("c") is not None
    scene.gone.add("b")
    assert scene.enter("c") is None


def test_who_leaves_the_line_holds_up_nobody(scene):
    scene.enter("c"), scene.enter("d")
    scene.gone |= {"a", "c"}
    assert scene.enter("d") is None


def test_who_was_in_comes_in_again_at_any_time(scene):
    scene.enter("c")
    scene.now = STAYS_S
    assert scene.enter("c") is None
    scene.now += 1
    assert scene.enter("a") is None, "the room is full, but a was here"
    assert scene.enter("d") is not None


def test_no_limit():
    scene = Scene(0)
    assert all(scene.enter(str(number)) is None for number in range(1000))


def test_many_at_once_fill_exactly_the_room():
    scene, go, inside = Scene(30), threading.Barrier(50), []

    def come(number):
        go.wait()
        if scene.enter(str(number)) is None:
            inside.append(number)

    threads = [threading.Thread(target=come, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(inside) == 30
    assert scene.door.waiting() == 20
