"""Rooms of a class: a teacher asks, phones predict, the counts are shown. Anonymous, bounded, in memory, soon gone.

Kept of a voice: a keyed digest of its browser's token, so that it counts once, and the option, added to a sum. Both go
when the room is closed or two hours old. One server process: a room is known only to the one it was opened in.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from components.scoring.store import digest

LIFE_S = 2 * 60 * 60
MOST_VOICES = 500  # different browsers in one room
MOST_ROOMS = 200
MOST_QUESTIONS = 100  # of one room: each text of each lesson is one
CODE_LENGTH = 8
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else; 31 ** 8 codes, 8.5e11
LONGEST_TOKEN = 64


class Answer(StrEnum):
    """What became of a voice."""

    COUNTED = "counted"
    ALREADY = "already"
    FULL = "full"
    CLOSED = "closed"
    WRONG = "wrong"  # no such question or option, no token, or the result is shown already


Question = tuple[int, int]  # number of the lesson, number of its text


@dataclass
class _Asked:
    """One question of a room: how often each option was predicted, by whom (digests), and whether it was revealed."""

    counts: dict[str, int]
    voices: dict[bytes, str] = field(default_factory=dict)
    revealed: bool = False


@dataclass
class _Room:
    teacher: str  # the secret that manages the room; only the teacher's browser knows it
    holder: str  # the session that manages it now: of several with the secret, the one that asked for it last
    opened_at: float
    question: Question
    asked: OrderedDict[Question, _Asked] = field(default_factory=OrderedDict)
    everybody: set[bytes] = field(default_factory=set)


@dataclass(frozen=True)
class RoomView:
    """What a room shows: its question, the counts of each option, and how long it still lives."""

    code: str
    holder: str
    question: Question
    counts: tuple[tuple[str, int], ...]
    revealed: bool
    minutes_left: int

    @property
    def voices(self) -> int:
        return sum(count for _, count in self.counts)


class Rooms:
    """All rooms of this server process. Called from any thread."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._rooms: OrderedDict[str, _Room] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, question: Question, options: tuple[str, ...], holder: str = "") -> tuple[str, str] | None:
        """A new room: its code and the teacher's secret; None when there are as many rooms as there may be."""
        with self._lock:
            self._drop_old()
            if len(self._rooms) >= MOST_ROOMS:
                return None
            code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
            room = _Room(secrets.token_urlsafe(16), holder, self._now(), question)
            room.asked[question] = _Asked(dict.fromkeys(options, 0))
            self._rooms[code] = room
            return code, room.teacher

    def resume(self, code: str, teacher: str, holder: str) -> Question | None:
        """Another session takes the room over, with the secret; its question, or None where there is no such room."""
        with self._lock:
            room = self._managed(code, teacher)
            if room is None:
                return None
            room.holder = holder
            return room.question

    def ask(self, code: str, teacher: str, question: Question, options: tuple[str, ...]) -> None:
        """The teacher has gone to another lesson or text; counts of earlier questions stay while there is room."""
        with self._lock:
            room = self._managed(code, teacher)
            if room is None or room.question == question:
                return
            room.question = question
            room.asked.setdefault(question, _Asked(dict.fromkeys(options, 0)))
            room.asked.move_to_end(question)
            while len(room.asked) > MOST_QUESTIONS:
                room.asked.popitem(last=False)

    def reveal(self, code: str, teacher: str) -> None:
        """The result is on the teacher's screen: predictions of this question end."""
        with self._lock:
            if (room := self._managed(code, teacher)) is not None:
                room.asked[room.question].revealed = True

    def close(self, code: str, teacher: str) -> None:
        """Everything of the room is forgotten."""
        with self._lock:
            if self._managed(code, teacher) is not None:
                del self._rooms[code]

    def view(self, code: str) -> RoomView | None:
        """What the room shows now; None for one that was closed or never was."""
        with self._lock:
            room = self._alive(code)
            if room is None:
                return None
            asked = room.asked[room.question]
            left = max(0, round((LIFE_S - (self._now() - room.opened_at)) / 60))
            return RoomView(code, room.holder, room.question, tuple(asked.counts.items()), asked.revealed, left)

    def vote(self, code: str, token: str, question: Question, option: str) -> Answer:
        """Count one browser's prediction, once a question."""
        with self._lock:
            room = self._alive(code)
            if room is None:
                return Answer.CLOSED
            asked = room.asked.get(question)
            if not token or len(token) > LONGEST_TOKEN or asked is None or option not in asked.counts:
                return Answer.WRONG
            voice = digest("voice", code, token)
            if voice in asked.voices:
                return Answer.ALREADY
            if asked.revealed:
                return Answer.WRONG
            if voice not in room.everybody and len(room.everybody) >= MOST_VOICES:
                return Answer.FULL
            room.everybody.add(voice)
            asked.voices[voice] = option
            asked.counts[option] += 1
            return Answer.COUNTED

    def voted(self, code: str, token: str) -> str:
        """What this browser predicted for the room's question; empty when nothing."""
        with self._lock:
            room = self._alive(code)
            if room is None or not token:
                return ""
            return room.asked[room.question].voices.get(digest("voice", code, token), "")

    def _alive(self, code: str) -> _Room | None:
        self._drop_old()
        return self._rooms.get(code)

    def _managed(self, code: str, teacher: str) -> _Room | None:
        room = self._alive(code)
        return room if room is not None and secrets.compare_digest(room.teacher, teacher) else None

    def _drop_old(self) -> None:
        """Rooms are in the order of their opening, so the oldest are in front."""
        while self._rooms and self._now() - next(iter(self._rooms.values())).opened_at >= LIFE_S:
            self._rooms.popitem(last=False)
