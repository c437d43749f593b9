"""What is done to text before it is scored or shown: as little as possible, by a stated rule."""

from __future__ import annotations

import re

RULE = (
    "Control characters but tabs are removed, line ends become \\n, broken halves of characters become �; everything "
    "else, also emoji, direction marks and zero-width characters, stays as typed."
)

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # the category Cc but for tab and line feed
_HALVES = re.compile(r"[\ud800-\udfff]")  # halves of surrogate pairs: they cannot be encoded


def clean(text: str) -> str:
    """A text that can be stored, sent and tokenised: see ``RULE``. Never raises, and cleaning twice changes nothing."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n\n")
    return _HALVES.sub("\ufffd", _CONTROLS.sub("", text))


def one_line(text: str) -> str:
    """The text on a single line, runs of white space as one blank."""
    return " ".join(text.split())
