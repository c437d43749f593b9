"""Striking words from a text: the one rule by which occlusion and the word toggle change what a model reads."""

from __future__ import annotations

from collections.abc import Collection

RULE = (
    "A struck word is taken out of the text together with the blank after it where there is one on both sides; all "
    "else stays as it is."
)


def strike(text: str, spans: Collection[tuple[int, int]]) -> str:
    """The text without some of its words, given as (start, end) in characters, by ``RULE``."""
    made = ""
    at = 0
    for start, end in sorted(spans):
        made += text[at:start]
        at = max(at, end)
        if not made or made[-1].isspace():
            while at < len(text) and text[at].isspace():
                at += 1
    made += text[at:]
    return made.rstrip() if spans and not text[-1:].isspace() else made


def replace(text: str, start: int, end: int, by: str) -> str:
    """The text with something else in a word's place."""
    return text[:start] + by + text[end:]
