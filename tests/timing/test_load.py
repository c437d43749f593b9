"""Busy or not: from clocks a test sets by hand, and once from the real ones."""

from __future__ import annotations

import time

import pytest

from components.timing.load import IdleMark, LoadWatch, Reading, cores, processor_name, read_processors


def watch_of(*readings: Reading) -> LoadWatch:
    left = iter(readings)
    return LoadWatch(4, lambda: next(left))


def test_the_share_of_others_leaves_this_process_out():
    watch = watch_of(Reading(10, 100, 50), Reading(12, 106, 53), Reading(13, 107, 54))
    assert watch.look() == pytest.approx((6 - 3) / (2 * 4))
    assert watch.look() == 0.0


def test_clocks_that_disagree_never_leave_zero_to_one():
    assert watch_of(Reading(10, 100, 50), Reading(12, 101, 53)).look() == 0.0
    assert watch_of(Reading(10, 100, 50), Reading(11, 150, 50)).look() == 1.0
    assert watch_of(Reading(10, 100, 50), Reading(10, 150, 50)).look() == 0.0


def test_own_work_is_not_others():
    before = read_processors()
    end = time.process_time() + 0.3
    while time.process_time() < end:
        sum(range(1000))
    after = read_processors()
    assert after.own_used - before.own_used >= 0.25
    assert after.all_used - before.all_used >= 0.2  # the system's clock is coarser


def test_the_idle_mark_keeps_the_smallest_of_each_set_up():
    mark = IdleMark()
    assert [mark.lowest("cpu", ratio) for ratio in (0.9, 0.5, 0.7)] == [0.9, 0.5, 0.5]
    assert mark.lowest("cuda", 1.1) == 1.1


def test_the_processor_has_a_name():
    assert processor_name()
    assert cores() >= 1
