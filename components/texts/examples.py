"""The built-in examples: data files of ours, each about one phenomenon."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from components.settings import ASSETS
from components.texts.paste import Split, join_documents

FOLDER = ASSETS / "examples"
FIRST = "answer-or-topic"  # shown on the first visit


@dataclass(frozen=True)
class Example:
    """A query with documents, their relevance judgments (0 to 3, parallel to the documents) and what to look at."""

    id: str
    title: str
    look_at: str
    query: str
    documents: tuple[str, ...]
    judgments: tuple[int, ...]

    @property
    def documents_text(self) -> str:
        return join_documents(self.documents)

    @property
    def split(self) -> Split:
        return Split.BLOCKS if any("\n" in text for text in self.documents) else Split.LINES


@cache
def examples() -> dict[str, Example]:
    """All examples by id, the first visit's first, then by the number in their file name."""
    found = [_read(path) for path in sorted(FOLDER.glob("*.json"))]
    return {example.id: example for example in sorted(found, key=lambda example: example.id != FIRST)}


def _read(path: Path) -> Example:
    row = json.loads(path.read_text(encoding="utf-8"))
    documents = row["documents"]
    return Example(
        id=row["id"],
        title=row["title"],
        look_at=row["look_at"],
        query=row["query"],
        documents=tuple(document["text"] for document in documents),
        judgments=tuple(document["relevance"] for document in documents),
    )
