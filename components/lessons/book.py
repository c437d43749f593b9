"""All lessons, read from their files. A lesson is one file of ``assets/lessons``; the texts are ours, CC BY 4.0."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from components.lessons.records import Claim, Item, Lesson, Option, Setting
from components.settings import ASSETS
from components.texts.examples import examples

FOLDER = ASSETS / "lessons"
_ITEM = ("queries", "documents", "labels")
_LESSON = ("number", "id", "title", "question", "ask", "options", "claim", "explanation", "items", "setting")


@cache
def lessons() -> dict[int, Lesson]:
    """The lessons by number, in order. What has no file is not there and is not listed."""
    found = [read(path) for path in sorted(FOLDER.glob("[0-9]*.json"))]
    return {lesson.number: lesson for lesson in sorted(found, key=lambda lesson: lesson.number)}


def read(path: Path) -> Lesson:
    """One lesson from its file. A file that is not a lesson raises ``KeyError`` or ``ValueError``: it ships with us."""
    row = json.loads(path.read_text(encoding="utf-8"))
    setting = row.get("setting")
    more = {name: value for name, value in row.items() if name not in _LESSON}
    return Lesson(
        number=row["number"],
        id=row["id"],
        title=row["title"],
        question=row["question"],
        ask=row["ask"],
        options=tuple(Option(id_, text) for id_, text in row["options"].items()),
        claim=Claim(**row["claim"]),
        explanation=row["explanation"],
        items=tuple(_item(number, item) for number, item in enumerate(row["items"], 1)),
        digest=_digest({"items": row["items"], "setting": setting, "more": more}),
        setting=None if setting is None else Setting(setting["label"], tuple(setting["values"]), setting["default"]),
        more=more,
    )


def _item(number: int, row: dict[str, Any]) -> Item:
    """One text; ``{"example": ID}`` stands for the query and documents of a built-in example."""
    if (example := examples().get(row.get("example", ""))) is not None:
        row = {"queries": [example.query], "documents": example.documents, **row}
    more = {name: value for name, value in row.items() if name not in _ITEM}
    return Item(number, tuple(row["queries"]), tuple(row["documents"]), tuple(row.get("labels", ())), more)


def _digest(scored: dict[str, Any]) -> str:
    text = json.dumps(scored, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
