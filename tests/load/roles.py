"""What visitors do: read the first example, paste own text again and again, predict on a phone, lead a class."""

from __future__ import annotations

import asyncio
import random
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.load.wire import Trouble, Visitor, load_files

PATIENCE_S = 180.0  # after so long nothing came at all
DOCUMENTS = 8
_FETCHERS = ThreadPoolExecutor(32, "fetch")  # browsers beside each other that fetch the page's files
_MARK = re.compile(r"\bmark[0-9a-f]{12}\b")
_WORDS = ("river", "stone", "market", "window", "winter", "garden", "letter", "engine", "copper", "sailor", "bridge")


@dataclass
class Seen:
    """What one visitor met. Times in seconds; ``troubles`` are sentences."""

    first: list[float] = field(default_factory=list)  # from connecting to something on the page
    own: list[float] = field(default_factory=list)  # from pasting to the own result
    troubles: list[str] = field(default_factory=list)
    turned_away: list[float] = field(default_factory=list)  # seconds somebody stood before a full room


def something_stands(visitor: Visitor) -> bool:
    """A result is on the page: the stored one or a live one."""
    return bool(visitor.views.get("result", {}).get("rows")) and "inputs" in visitor.views


def is_live(visitor: Visitor) -> bool:
    """A result that was made now, of the present text."""
    result = visitor.views.get("result", {})
    return bool(result.get("rows")) and not result["stale"] and "kept" in result["work"]


class Writer:
    """Pastes text of its own and looks whether what comes back is its own, and nobody else's."""

    def __init__(self, number: int, seed: int = 0) -> None:
        self.number = number
        self.mark = f"mark{secrets.token_hex(6)}"
        self.seen = Seen()
        self._random = random.Random(f"{seed} {number}")
        self._stamp = 0
        self._count = 0

    async def stay(self, url: str, until: float = 0.0, pause_s: float = 0.0, pastes: int = 0) -> Seen:
        """Open the page, then paste, wait and pause: ``pastes`` times, and until ``time.monotonic`` says so."""
        try:
            visitor = Visitor(url)
            started = time.perf_counter()
            async with visitor:
                await visitor.until(lambda one: something_stands(one) or is_full(one), PATIENCE_S)
                if is_full(visitor):
                    await visitor.until(something_stands, PATIENCE_S)
                    self.seen.turned_away.append(time.perf_counter() - started)
                else:
                    self.seen.first.append(time.perf_counter() - started)
                while time.monotonic() < until or self._count < pastes:
                    await self.paste(visitor)
                    await asyncio.sleep(pause_s * self._random.uniform(0.5, 1.5))
        except (Trouble, OSError, TimeoutError) as trouble:
            self.seen.troubles.append(f"visitor {self.number}: {trouble}")
        return self.seen

    def texts(self) -> tuple[str, list[str]]:
        """A query and documents nobody has had before."""
        self._count += 1

        def words(count: int) -> str:
            return " ".join(self._random.choices(_WORDS, k=count))

        query = f"what does {self.mark} say about {words(2)} {self._count}"
        return query, [f"{self.mark} number {n}: {words(12)} {self._count}." for n in range(1, DOCUMENTS + 1)]

    async def paste(self, visitor: Visitor) -> None:
        """Paste and wait for the result of this very text; raises ``Trouble`` at anybody else's."""
        query, documents = self.texts()
        self._stamp = max(int(time.time() * 1000), self._stamp + 1)
        visitor.heard.clear()
        sent = {"query": query, "documents": "\n".join(documents), "split": "detect", "at": self._stamp}
        await visitor.send("inputs", "edit", sent)

        def has_own(one: Visitor) -> bool:
            self.look_for_strangers(one)
            result = one.views["result"]
            return is_live(one) and [row["text"] for row in result["rows"]] == documents

        self.seen.own.append(await visitor.until(has_own, PATIENCE_S))
        caption = visitor.views["result"]["caption"]
        if query not in caption:
            raise Trouble(f"the result is of another query: {caption}")

    def look_for_strangers(self, visitor: Visitor) -> None:
        """Whether any data that came holds another visitor's mark."""
        for data in visitor.heard:
            strange = set(_MARK.findall(data)) - {self.mark}
            if strange:
                raise Trouble(f"another visitor's text: {strange}")
        visitor.heard.clear()


def is_full(visitor: Visitor) -> bool:
    """Whether the visitor stands before a full room."""
    return any("The room is full" in words for words in visitor.words)


async def read(url: str, number: int, delay_s: float, stay_s: float) -> Seen:
    """Come after a while, fetch the page's files, look at the stored or first example, stay, type nothing."""
    seen = Seen()
    await asyncio.sleep(delay_s)
    try:
        started = time.perf_counter()
        await asyncio.get_running_loop().run_in_executor(_FETCHERS, load_files, url)
        async with Visitor(url) as visitor:
            await visitor.until(something_stands, PATIENCE_S)
            seen.first.append(time.perf_counter() - started)
            await asyncio.sleep(stay_s)
            if visitor.problem:
                raise Trouble(visitor.problem)
    except (Trouble, OSError, TimeoutError) as trouble:
        seen.troubles.append(f"reader {number}: {trouble}")
    return seen


async def predict(url: str, code: str, number: int, lesson: int, item: int, option: str) -> Seen:
    """A phone: open the room's link, predict, see that it is counted."""
    seen = Seen()
    token = secrets.token_hex(16)

    def vote(what: str) -> dict[str, object]:
        return {"do": what, "option": option, "lesson": lesson, "item": item, "token": token, "at": time.time_ns()}

    try:
        started = time.perf_counter()
        async with Visitor(url, "lessons", f"room={code}") as phone:
            await phone.until(lambda one: one.views.get("vote", {}).get("is_open", False), PATIENCE_S)
            seen.first.append(time.perf_counter() - started)
            await phone.send("vote", "do", vote("hello"))
            await asyncio.sleep(1.0)
            started = time.perf_counter()
            await phone.send("vote", "do", vote("vote"))
            await phone.until(lambda one: one.views["vote"]["voted"] == option, PATIENCE_S)
            seen.own.append(time.perf_counter() - started)
            said = phone.views["vote"]["said"]
            if said != "Your prediction is counted.":
                raise Trouble(said)
    except (Trouble, OSError, TimeoutError) as trouble:
        seen.troubles.append(f"phone {number}: {trouble}")
    return seen


async def hold_class(url: str, phones: int) -> tuple[list[Seen], dict[str, int]]:
    """A teacher opens a room, so many phones predict at once; what they met, and the counts on the teacher's page."""
    async with Visitor(url, "lessons", "lesson=3") as teacher:
        await teacher.until(lambda one: "lessons" in one.views, PATIENCE_S)
        await teacher.send("lessons", "do", {"do": "room", "value": None, "at": time.time_ns()})
        await teacher.until(lambda one: bool((one.views["lessons"]["room"] or {}).get("code")), PATIENCE_S)
        shown = teacher.views["lessons"]
        options = [option["id"] for option in shown["options"]]
        code, lesson, item = shown["room"]["code"], shown["number"], shown["item"]
        many = [predict(url, code, n, lesson, item, options[n % len(options)]) for n in range(phones)]
        met = list(await asyncio.gather(*many))
        counted = sum(not seen.troubles for seen in met)
        await teacher.until(lambda one: one.views["lessons"]["room"]["voices"] >= counted, PATIENCE_S)
        return met, teacher.views["lessons"]["room"]["counts"]
