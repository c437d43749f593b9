"""Twenty visitors at once, the short form of ``python -m tests.load``: nobody fails, everybody gets their own text."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.load.measure import ready
from tests.load.roles import PATIENCE_S, Writer, hold_class, is_full, read, something_stands
from tests.load.wire import Visitor, play
from tests.running import start_server, stop_server

VISITORS = 20
PHONES = 30


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The app with a room for as many as the tests need."""
    made = start_server(tmp_path_factory.mktemp("load"), RELEVANCE_LAB_CACHE="off")
    try:
        play(ready(made))
        yield made
    finally:
        stop_server(made)


def test_twenty_visitors_each_get_their_own_text_and_nobody_elses(server):
    async def all_at_once():
        return await asyncio.gather(*(Writer(number).stay(server.url, pastes=2) for number in range(VISITORS)))

    met = play(all_at_once())
    assert [trouble for seen in met for trouble in seen.troubles] == []
    assert all(len(seen.first) == 1 and len(seen.own) == 2 for seen in met)
    assert "Traceback" not in server.output.read_text(errors="replace")


def test_a_writer_sees_when_a_text_is_not_its_own(server):
    """The check itself: another one's mark in what comes is a trouble."""

    async def mixed_up():
        first, second = Writer(1), Writer(2)
        async with Visitor(server.url) as visitor:
            await visitor.until(something_stands, PATIENCE_S)
            await first.paste(visitor)
            first.look_for_strangers(visitor)
            visitor.heard.append(visitor.views["result"]["caption"])  # as if it had come to the second one
            second.look_for_strangers(visitor)

    with pytest.raises(AssertionError, match="another visitor's text"):
        play(mixed_up())


def test_a_lost_connection_comes_back_to_its_own_session(server):
    async def lose_it():
        writer, visitor = Writer(1), Visitor(server.url)
        await visitor.connect()
        await visitor.until(something_stands, PATIENCE_S)
        await writer.paste(visitor)
        session = visitor.session
        await visitor.leave()
        visitor.problem = ""
        visitor.views.clear()
        await visitor.connect()
        await visitor.until(something_stands, PATIENCE_S)
        assert visitor.session == session
        assert writer.mark in visitor.views["inputs"]["query"]
        await writer.paste(visitor)
        await visitor.leave()

    play(lose_it())


def test_a_class_predicts_at_once_and_every_voice_counts_once(server):
    met, counts = play(hold_class(server.url, PHONES))
    assert [trouble for seen in met for trouble in seen.troubles] == []
    assert sum(counts.values()) == PHONES
    assert Counter(counts.values()).keys() <= {PHONES // len(counts), PHONES // len(counts) + 1}


def test_a_newcomer_before_a_full_room_reads_a_sentence_and_gets_in_by_itself(tmp_path):
    """Two places: the third visitor waits, the fourth behind; a phone of a class is not turned away."""
    small = start_server(tmp_path, RELEVANCE_LAB_CACHE="off", RELEVANCE_LAB_VISITORS="2")

    async def come():
        insiders = [Visitor(small.url), Visitor(small.url)]
        for one in insiders:
            await one.connect()
            await one.until(something_stands, PATIENCE_S)
        third, fourth = Visitor(small.url), Visitor(small.url)
        await third.connect()
        await third.until(is_full, PATIENCE_S)
        await fourth.connect()
        await fourth.until(is_full, PATIENCE_S)
        assert "about" in third.words[-1]
        assert "1 before you" in fourth.words[-1]
        assert not third.views, "no page behind the sentence"
        await insiders[0].leave()
        await third.until(something_stands, PATIENCE_S)
        await fourth.until(lambda one: "before you" not in one.words[-1], PATIENCE_S)
        assert "result" not in fourth.views
        for one in (insiders[1], third, fourth):
            await one.leave()

    try:
        play(come())
        assert "Traceback" not in small.output.read_text(errors="replace")
    finally:
        stop_server(small)


def test_readers_see_the_example(server):
    async def read_all():
        return await asyncio.gather(*(read(server.url, n, n * 0.1, 1.0) for n in range(VISITORS)))

    met = play(read_all())
    assert [trouble for seen in met for trouble in seen.troubles] == []
    assert all(len(seen.first) == 1 for seen in met)
