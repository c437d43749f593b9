"""From what was pasted to documents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from components.records import Document
from components.texts.clean import clean
from components.texts.limits import count

_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


class Split(StrEnum):
    """How a paste is cut into documents."""

    DETECT = "detect"
    LINES = "lines"
    BLOCKS = "blocks"
    ROWS = "rows"  # not cut at all: each document has its row in a table


HOW = {Split.LINES: "one a line", Split.BLOCKS: "blocks between blank lines", Split.ROWS: "one a row"}


@dataclass(frozen=True)
class Pasted:
    """The documents of a paste and the rule that cut it (never ``DETECT``)."""

    documents: tuple[Document, ...]
    split: Split

    def sentence(self) -> str:
        """What was found, in words: "4 documents, one a line"."""
        return f"{count(len(self.documents), 'document')}, {HOW[self.split]}"


def split_documents(text: str, split: Split = Split.DETECT) -> Pasted:
    """Cut a paste into documents.

    Detected: blocks where blank lines part the text and some block has more than one line, else one a line. Blank
    lines never become documents. Identical documents stay apart.
    """
    text = clean(text)
    blocks = [block.strip() for block in _BLANK_LINES.split(text) if block.strip()]
    if split is Split.DETECT:
        has_long_block = len(blocks) > 1 and any("\n" in block for block in blocks)
        split = Split.BLOCKS if has_long_block else Split.LINES
    parts = blocks if split is Split.BLOCKS else [line.strip() for line in text.split("\n") if line.strip()]
    return Pasted(tuple(Document(number, part) for number, part in enumerate(parts, 1)), split)


def join_documents(documents: tuple[str, ...]) -> str:
    """The paste that gives these documents again: a line each, or blocks where one has several lines."""
    return ("\n\n" if any("\n" in text for text in documents) else "\n").join(documents)
