"""Words, not pieces: the one rule by which pieces are merged. It uses the tokenizer's offsets and no list of any model.

Both texts are cut into words first (``RULE``). A piece belongs to the word whose characters it covers; a piece that
covers characters of several words makes one word of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from components.attention.pair import PairAttention, Part, Piece

RULE = (
    "A word is a run of letters, digits and marks, with apostrophes inside it and points or commas inside a number; "
    "any other character that is not blank is a word of its own, as is each Chinese or Japanese character. Attention "
    "to a word is the sum over its pieces, attention from a word their mean."
)

# English function words: they are shown like all others, but a map does not open on one.
_FUNCTION_WORDS = """
    a an and are as at be been but by can could did do does for from had has have he her his how i if in into is it its
    may me might my no nor not of on or our she should so some than that the their them then there these they this
    those to too up us was we were what when where which while who whom whose why will with would you your
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())

# Hiragana and Katakana; Han with its extensions
_IDEOGRAPHS = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


@dataclass(frozen=True)
class Word:
    """One unit of the map: a word of a text, or one special token. ``pieces`` are places in the sequence."""

    text: str
    part: Part
    start: int
    end: int
    pieces: tuple[int, ...]

    @property
    def is_content(self) -> bool:
        """Whether a newcomer would call it a word that carries meaning: no punctuation, no function word."""
        has_letter = any(unicodedata.category(character)[0] in "LN" for character in self.text)
        return self.part is not Part.SPECIAL and has_letter and self.text.lower() not in FUNCTION_WORDS


def merge_pieces(pair: PairAttention) -> tuple[Word, ...]:
    """The pair's words and special tokens in the order of the sequence; every piece is in exactly one."""
    words = [
        Word(piece.text, Part.SPECIAL, 0, 0, (place,))
        for place, piece in enumerate(pair.pieces)
        if piece.part is Part.SPECIAL
    ]
    for part, text in ((Part.QUERY, pair.query), (Part.DOCUMENT, pair.document)):
        places = pair.places(part)
        for start, end, members in merge_text(text, [pair.pieces[place] for place in places]):
            words.append(Word(text[start:end], part, start, end, tuple(places[member] for member in members)))
    return tuple(sorted(words, key=lambda word: word.pieces[0]))


def cut_words(text: str) -> list[tuple[int, int]]:
    """The words of a text as (start, end) in characters, by ``RULE``."""
    spans: list[tuple[int, int]] = []
    start = -1  # of the run that is open
    for place, character in enumerate(text):
        if _continues(text, place, open_run=start >= 0):
            start = place if start < 0 else start
            continue
        if start >= 0:
            spans.append((start, place))
            start = -1
        if not _is_blank(character):
            spans.append((place, place + 1))
    if start >= 0:
        spans.append((start, len(text)))
    return spans


def _continues(text: str, place: int, open_run: bool) -> bool:
    """Whether the character belongs to a run of letters and digits."""
    character = text[place]
    if _is_ideograph(character):
        return False
    if unicodedata.category(character)[0] in "LNM" or character == "_":
        return True
    if not open_run or place + 1 == len(text):
        return False
    before, after = text[place - 1], text[place + 1]
    if character in "'’":
        return before.isalpha() and after.isalpha()
    if character in ".,":
        return before.isdigit() and after.isdigit()
    return unicodedata.category(character) == "Cf" and unicodedata.category(after)[0] in "LNM"  # joiners inside a word


def _is_blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cf", "Cc")


def _is_ideograph(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _IDEOGRAPHS)


def merge_text(text: str, pieces: Sequence[Piece]) -> list[tuple[int, int, list[int]]]:
    """Words of one text that was read: (start, end, indices of its pieces), in order.

    A piece of blanks alone (some tokenizers have them) goes to the word after it, at the end to the one before.
    """
    cut = cut_words(text)
    merged: list[tuple[int, int, list[int]]] = []
    waiting: list[int] = []  # pieces that cover no word yet
    at = 0
    for index, piece in enumerate(pieces):
        while at < len(cut) and cut[at][1] <= piece.start:
            at += 1
        first = at
        last = first
        while last < len(cut) and cut[last][0] < piece.end:
            last += 1
        if first == last or piece.start >= piece.end:
            waiting.append(index)
            continue
        start, end = cut[first][0], cut[last - 1][1]
        if merged and start < merged[-1][1]:  # goes on in the word before, or reaches from it into the next
            before = merged.pop()
            merged.append((before[0], max(before[1], end), [*before[2], *waiting, index]))
        else:
            merged.append((start, end, [*waiting, index]))
        waiting = []
    if waiting and merged:
        merged[-1][2].extend(waiting)
    elif waiting:  # nothing but blanks was read
        merged.append((pieces[0].start, pieces[-1].end, waiting))
    return _cut_to_what_was_read(merged, pieces)


def _cut_to_what_was_read(
    merged: list[tuple[int, int, list[int]]], pieces: Sequence[Piece]
) -> list[tuple[int, int, list[int]]]:
    """A last word that the window cuts in the middle ends with its last piece."""
    if not merged:
        return merged
    start, end, members = merged[-1]
    read = max(pieces[member].end for member in members)
    merged[-1] = (start, max(min(end, read), start), members)
    return merged
