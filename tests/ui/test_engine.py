"""When the machine and its models are measured: once the models are there, and what is added later by itself."""

import threading
from types import SimpleNamespace

import pytest

from components.scoring.scheduler import Scheduler
from components.ui import engine as module
from components.ui.engine import Engine


class Room:
    """A room whose models are names."""

    def __init__(self):
        self.added = ()
        self.ready = threading.Event()

    def wait(self, seconds):
        return self.ready.wait(min(seconds, 60))

    def columns(self):
        return ("bi", "cross", *self.added)

    def scorer(self, key):
        return None if key == "cross" else key  # one that could not be loaded


@pytest.fixture
def asked(monkeypatch):
    """What ``tune`` was called with, and an event for the first call."""
    calls, called = [], threading.Event()

    def tune(scheduler, scorers, done, threads_too):
        calls.append((scorers, threads_too))
        called.set()

    monkeypatch.setattr(module, "tune", tune)
    return SimpleNamespace(calls=calls, called=called)


def test_measured_once_when_the_models_are_there(asked):
    room = Room()
    engine = Engine(room, None, scheduler=Scheduler())
    for _ in range(3):
        engine.tune_when_ready()
    assert not asked.calls
    room.ready.set()
    assert asked.called.wait(60)
    engine.tune_when_ready()
    assert asked.calls == [(["bi"], True)]


def test_a_model_that_is_added_is_measured_alone_and_again_when_it_comes_back(asked):
    room = Room()
    room.ready.set()
    engine = Engine(room, None, scheduler=Scheduler())
    engine.tune_when_ready()
    assert asked.called.wait(60)
    room.added = ("new",)
    for _ in range(2):
        engine.tune_when_ready()
    assert asked.calls[1:] == [(["new"], False)]
    room.added = ()  # nobody uses it any more
    engine.tune_when_ready()
    room.added = ("new",)
    engine.tune_when_ready()
    assert asked.calls[1:] == [(["new"], False)] * 2
