"""What is done to text before it is scored or shown: as little as possible, by a stated rule."""

from __future__ import annotations

import unicodedata

RULE = (
    "Control characters are removed, line ends become \\n, broken halves of characters become �; everything else, "
    "also emoji, direction marks and zero-width characters, stays as typed."
)


def clean(text: str) -> str:
    """A text that can be stored, sent and tokenised: see ``RULE``. Never raises, and cleaning twice changes nothing."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n\n")
    return "".join(_kept(character) for character in text)


def _kept(character: str) -> str:
    if character in "\n\t":
        return character
    category = unicodedata.category(character)
    if category == "Cs":  # half of a surrogate pair: cannot be encoded
        return "\ufffd"
    return "" if category == "Cc" else character


def one_line(text: str) -> str:
    """The text on a single line, runs of white space as one blank."""
    return " ".join(text.split())
