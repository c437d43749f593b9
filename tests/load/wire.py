"""One visitor's browser as the server sees it: a websocket with Streamlit's own messages.

The protocol is Streamlit's private matter and may change with its version, which is pinned. What a real browser sends
is recorded and compared with this in ``tests/browser/test_wire.py``.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection
from typing import Any, TypeVar

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

VIEW = "relevance_lab_"
EVENTS = "$$STREAMLIT_INTERNAL_KEY_{}__events"  # the widget that carries a view's triggers (components v2)
RUNS_NAMED = 3  # of a cached message that was not used in the last runs the server is not told any more
RUNS_KEPT = 30  # a reference may be on its way to one it was told of before
OPEN_S = 90.0
Result = TypeVar("Result")


class Trouble(AssertionError):
    """What a visitor must never meet: an exception on the page, a connection that ends, nothing for minutes."""


def load_files(url: str) -> int:
    """Fetch the page and every script, style and font it names, as a browser without a cache does; their bytes."""
    host, _, port = url.removeprefix("http://").partition(":")
    line = HTTPConnection(host, int(port), timeout=OPEN_S)
    try:
        page = _fetched(line, "/")
        names = re.findall(r'(?:src|href)="\./((?:static|favicon)[^"]+)"', page.decode())
        return len(page) + sum(len(_fetched(line, f"/{name}")) for name in names)
    finally:
        line.close()


def _fetched(line: HTTPConnection, path: str) -> bytes:
    line.request("GET", path)
    answer = line.getresponse()
    if answer.status != 200:
        raise Trouble(f"{path}: {answer.status}")
    return answer.read()


def play(scene: Coroutine[Any, Any, Result]) -> Result:
    """Run a scene of visitors to its end, in a thread of its own: Playwright may have a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, scene).result()


class Visitor:
    """A session: what was drawn last by each view, and the polling fragments a browser would run."""

    def __init__(self, url: str, page: str = "", query: str = "") -> None:
        self.address = url.replace("http", "ws", 1) + "/_stcore/stream"
        self.page, self.query = page, query
        self.session = ""  # given by the server
        self.views: dict[str, dict[str, Any]] = {}  # name of a view -> the data it was drawn from last
        self.heard: list[str] = []  # all data of views as JSON, newest last; emptied by who reads it
        self.words: list[str] = []  # what stood on the page as Markdown or HTML
        self.runs = 0
        self.problem = ""
        self._ids: dict[str, tuple[str, str]] = {}  # view -> its widget id and fragment
        self._cache: dict[str, tuple[ForwardMsg, int]] = {}
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._page_hash = ""
        self._changed = asyncio.Event()
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Visitor:
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def connect(self) -> None:
        """Open the page, or come back to the same session after the connection was lost."""
        protocols = ["streamlit", "PLACEHOLDER_AUTH_TOKEN", *([self.session] if self.session else [])]
        self._socket = await connect(
            self.address, subprotocols=protocols, max_size=None, proxy=None, open_timeout=OPEN_S, ping_interval=None
        )
        self._reader = asyncio.create_task(self._read())
        await self._rerun()

    async def leave(self) -> None:
        """Close the connection, as a closed tab does."""
        for poll in self._polls.values():
            poll.cancel()
        self._polls.clear()
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        if self._socket is not None:
            await self._socket.close()

    async def send(self, view: str, event: str, value: Any) -> None:
        """A view's trigger, as ``setTriggerValue(event, value)`` sends it."""
        widget, fragment = self._ids[view]
        await self._rerun(EVENTS.format(widget), json.dumps([{"event": event, "value": value}]), fragment)

    async def run_again(self) -> None:
        """Run the script once more, with nothing new."""
        await self._rerun()

    async def until(self, condition: Callable[[Visitor], bool], seconds: float) -> float:
        """Wait until what is on the page fulfils a condition; how long that took. Raises ``Trouble``."""
        started = time.perf_counter()
        while not condition(self):
            if self.problem:
                raise Trouble(self.problem)
            left = seconds - (time.perf_counter() - started)
            try:
                self._changed.clear()
                await asyncio.wait_for(self._changed.wait(), max(0.0, left))
            except TimeoutError:
                raise Trouble(f"nothing came for {seconds:.0f} s") from None
        if self.problem:
            raise Trouble(self.problem)
        return time.perf_counter() - started

    async def _rerun(self, widget: str = "", trigger: str = "", fragment: str = "", is_poll: bool = False) -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self.query
        state.page_script_hash = self._page_hash
        if not self._page_hash:
            state.page_name = self.page
        state.fragment_id, state.is_auto_rerun = fragment, is_poll
        state.cached_message_hashes.extend(
            key for key, (_, run) in self._cache.items() if run >= self.runs - RUNS_NAMED
        )
        state.context_info.url = self.address.replace("ws", "http", 1).removesuffix("/_stcore/stream") + "/" + self.page
        if widget:
            made = state.widget_states.widgets.add()
            made.id, made.json_trigger_value = widget, trigger
        else:
            state.widget_states.SetInParent()
        await self._send(message)

    async def _send(self, message: BackMsg) -> None:
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        assert self._socket is not None
        try:
            async for frame in self._socket:
                assert isinstance(frame, bytes)
                self._take(ForwardMsg.FromString(frame))
                self._changed.set()
        except ConnectionClosed:
            pass
        except Exception as error:
            self.problem = f"a message could not be read: {error!r}"
        if not self.problem:
            self.problem = "the connection was lost"
        self._changed.set()

    def _take(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "ref_hash":
            kept, _ = self._cache[message.ref_hash]
            self._cache[message.ref_hash] = kept, self.runs
            message = kept
        elif message.metadata.cacheable:
            self._cache[message.hash] = message, self.runs
        kind = message.WhichOneof("type")
        if kind == "new_session":
            new = message.new_session
            self.session = new.initialize.session_id or self.session
            self._page_hash = new.page_script_hash
            if not message.metadata.run.fragment_ids:
                self._stop_polling(list(self._polls))
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "auto_rerun":
            self._poll(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            self._stop_polling(list(message.stop_auto_rerun.fragment_ids))
        elif kind == "script_finished":
            self.runs += 1
            self._cache = {key: kept for key, kept in self._cache.items() if kept[1] >= self.runs - RUNS_KEPT}
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._draw(message.delta.new_element, message.delta.fragment_id)

    def _draw(self, element: Any, fragment: str) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.problem = f"an exception on the page: {element.exception.type}"
        elif kind == "bidi_component":
            view = element.bidi_component
            name = view.component_name.removeprefix(VIEW)
            data = view.json or view.mixed.json
            self._ids[name] = view.id, fragment
            self.views[name] = json.loads(data)
            self.heard.append(data)
        elif kind == "markdown":
            self.words.append(element.markdown.body)
        elif kind == "html":
            self.words.append(element.html.body)

    def _poll(self, fragment: str, interval: float) -> None:
        async def again() -> None:
            while True:
                await asyncio.sleep(interval)
                with suppress(ConnectionClosed):
                    await self._rerun(fragment=fragment, is_poll=True)

        self._stop_polling([fragment])
        self._polls[fragment] = asyncio.create_task(again())

    def _stop_polling(self, fragments: list[str]) -> None:
        for fragment in fragments:
            if fragment in self._polls:
                self._polls.pop(fragment).cancel()
