"""Parts of a batch side by side: how it is cut, in which order it comes back, and what torch's threads are after it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from components.scoring import lanes


@pytest.fixture(autouse=True)
def first_guess():
    yield
    lanes.use(None)


@given(some.lists(some.integers(1, 512), min_size=1, max_size=60), some.integers(1, 9))
def test_every_row_is_in_one_part(lengths, most):
    parts = lanes.cut(lengths, most)
    assert [row for part in parts for row in part] == list(range(len(lengths)))
    assert 1 <= len(parts) <= most
    assert all(len(part) for part in parts)


@given(some.lists(some.integers(1, 512), min_size=1, max_size=60), some.integers(1, 9))
def test_parts_have_about_as_many_tokens_each(lengths, most):
    tokens = [sum(lengths[row] for row in part) for part in lanes.cut(lengths, most)]
    assert max(tokens) <= sum(lengths) / most + max(lengths)


def test_results_come_in_the_order_of_the_parts():
    both_run = threading.Barrier(3)

    def call(part):
        both_run.wait(timeout=60)  # passes only where all three are side by side
        return part * 10, torch.get_num_threads()

    assert lanes.side_by_side(call, [3, 1, 2]) == [(30, 1), (10, 1), (20, 1)]


def test_a_part_alone_runs_where_it_was_asked_for():
    assert lanes.side_by_side(lambda part: (part, threading.get_ident()), ["only"]) == [("only", threading.get_ident())]


def test_what_a_part_raises_is_raised():
    def call(part):
        if part:
            raise MemoryError
        return part

    with pytest.raises(MemoryError):
        lanes.side_by_side(call, [0, 1])
    assert lanes.side_by_side(abs, [-1, -2]) == [1, 2]  # the lanes go on


def test_one_who_needs_more_lanes_takes_none_away_from_another(monkeypatch):
    """Another thread outgrows the pool between its being found and its being given work."""
    found = lanes._lanes
    others = []

    def slow(size):
        pool = found(size)
        if size == 2:
            others.append(threading.Thread(target=lanes.side_by_side, args=(abs, range(lanes._pool_size + 1))))
            others[0].start()
            others[0].join(0.5)  # without the lock it has replaced the pool by now
        return pool

    monkeypatch.setattr(lanes, "_lanes", slow)
    assert lanes.side_by_side(abs, [-1, -2]) == [1, 2]
    others[0].join(60)
    assert not others[0].is_alive()


def test_threads_of_others_stay_as_they_were(monkeypatch):
    """A thread that torch has not seen yet takes the number that was set last, wherever: not that of the lanes."""
    monkeypatch.setattr(lanes, "_pool", None)
    before, found = torch.get_num_threads(), []
    torch.set_num_threads(3)
    lanes.side_by_side(abs, [1, 2])
    newcomer = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    newcomer.start()
    newcomer.join()
    try:
        assert (torch.get_num_threads(), found) == (3, [3])
    finally:
        torch.set_num_threads(before)


def test_lanes_that_cannot_all_be_started_hold_up_nobody(monkeypatch):
    """The program ends while its lanes are made: the second is refused, and the end waits for the first."""
    submit = ThreadPoolExecutor.submit
    asked = []

    def refuse(pool, *work):
        asked.append(work)
        if len(asked) > 1:
            raise RuntimeError("cannot schedule new futures after interpreter shutdown")
        return submit(pool, *work)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", refuse)
    known = set(threading.enumerate())
    with pytest.raises(RuntimeError, match="cannot schedule"):
        lanes._started(2)
    for thread in set(threading.enumerate()) - known:
        thread.join(20)
        assert not thread.is_alive()


def test_the_first_guess_is_a_lane_a_thread():
    assert lanes.count() == torch.get_num_threads()
    lanes.use(5)
    assert lanes.count() == 5
