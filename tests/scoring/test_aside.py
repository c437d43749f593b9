"""A call beside the worker: its result, its error, and that the worker is not held."""

from __future__ import annotations

import threading

import pytest

from components.scoring.aside import aside
from tests.retrieval.conftest import result_of


def test_the_result_comes_back_from_another_thread():
    name = result_of(aside(lambda: threading.current_thread().name))
    assert name == "aside" != threading.current_thread().name


def test_what_it_raises_is_raised_here():
    def fail():
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        result_of(aside(fail))


def test_pieces_end_while_the_call_goes_on():
    """The call waits for something that only happens between two pieces."""
    go = threading.Event()
    pieces = aside(lambda: go.wait(30))
    next(pieces)
    next(pieces)
    go.set()
    assert result_of(pieces) is True


def test_one_that_is_given_up_ends_by_itself():
    go, ended = threading.Event(), threading.Event()

    def call():
        go.wait(30)
        ended.set()

    pieces = aside(call)
    next(pieces)
    pieces.close()
    go.set()
    assert ended.wait(30)
