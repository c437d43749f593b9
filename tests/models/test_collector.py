"""What is loaded is not gone through again and again: a full collection holds every thread of the server."""

from __future__ import annotations

import gc
import tomllib
from pathlib import Path

import pytest
from streamlit import config

from components.models.room import ModelRoom, spare_the_collector

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def thawed():
    """Whatever a test froze is an ordinary object again."""
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_streamlit_knows_the_option_and_the_app_switches_it_off():
    assert config.get_option("runner.postScriptGC") in (True, False)
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert settings["runner"]["postScriptGC"] is False


def test_what_is_loaded_is_left_out_of_later_collections(thawed):
    kept = [[number] for number in range(1000)]
    spare_the_collector()
    assert gc.get_freeze_count() > len(kept)
    assert len(gc.get_objects()) < 1000


def test_the_room_does_so_before_it_says_that_it_is_ready(thawed):
    room = ModelRoom([], lambda spec, device: None, lambda: "cpu")
    room.start()
    assert room.wait(60)
    assert gc.get_freeze_count() > 0
