"""The load tests' visitors send what a real browser sends: recorded here, so that a new Streamlit is noticed."""

from __future__ import annotations

import json

from google.protobuf.json_format import MessageToDict
from playwright.sync_api import WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.browser.compare_page import ComparePage
from tests.load.roles import PATIENCE_S, is_live
from tests.load.wire import Visitor, play

QUERY, TEXTS = "what do pike eat", ["Pike eat fish.", "A café by the lake."]


def triggers(messages: list[BackMsg]) -> list[tuple[str, list[dict]]]:
    """The views' triggers among what was sent: widget (without the element's own hash) and content."""
    found = []
    for message in messages:
        for widget in message.rerun_script.widget_states.widgets:
            assert widget.WhichOneof("value") == "json_trigger_value"
            name = widget.id.replace(widget.id.split("$$ID-", 1)[1].split("-", 1)[0], "HASH")
            found.append((name, json.loads(widget.json_trigger_value)))
    return found


def fields(message: BackMsg) -> set[str]:
    """The names of what is set, but for what a browser says of itself."""
    return set(MessageToDict(message)["rerunScript"]) - {"contextInfo", "cachedMessageHashes"}


class RecordingVisitor(Visitor):
    """Keeps what it sends."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.sent: list[BackMsg] = []

    async def _send(self, message: BackMsg) -> None:
        self.sent.append(message)
        await super()._send(message)


def of_browser(page, url: str) -> list[BackMsg]:
    sent: list[BackMsg] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(BackMsg.FromString(frame)))

    page.on("websocket", listen)
    lab = ComparePage(page).open(url)
    lab.wait_for_live(8)
    lab.query.fill(QUERY)
    lab.insert(lab.documents, "\n".join(TEXTS))
    lab.wait_for_live(2)
    return sent


def of_visitor(url: str) -> list[BackMsg]:
    async def paste() -> list[BackMsg]:
        async with RecordingVisitor(url) as visitor:
            await visitor.until(is_live, PATIENCE_S)
            sent = {"query": QUERY, "documents": "\n".join(TEXTS), "split": "detect", "at": 1}
            await visitor.send("inputs", "edit", sent)
            await visitor.until(lambda one: len(one.views["result"]["rows"]) == 2 and is_live(one), PATIENCE_S)
            return visitor.sent

    return play(paste())


def test_a_visitor_without_a_browser_sends_what_a_browser_sends(page, server):
    browser, visitor = of_browser(page, server.url), of_visitor(server.url)
    assert fields(browser[0]) == fields(visitor[0])
    pasted = [one for one in triggers(browser) if one[1][0]["value"].get("documents") == "\n".join(TEXTS)]
    name, [event] = pasted[-1]
    own_name, [own_event] = triggers(visitor)[-1]
    assert name == own_name
    assert event["event"] == own_event["event"] == "edit"
    assert {key: type(value) for key, value in event["value"].items()} == {
        key: type(value) for key, value in own_event["value"].items()
    }
    assert {**event["value"], "at": 1} == own_event["value"]
    polls = [[message for message in sent if message.rerun_script.is_auto_rerun] for sent in (browser, visitor)]
    for theirs, ours in zip(polls[0][:1], polls[1][:1], strict=False):
        assert fields(theirs) == fields(ours)
