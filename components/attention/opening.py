"""Which head a map opens with, by a stated rule, so that the first picture already shows linked words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from components.attention.pair import PairAttention, Part
from components.attention.words import Word

# Mutual, because a head that only looks a fixed number of places ahead links any two words, but never both ways.
RULE = (
    "The map opens with the head in which a query word and a document word attend to each other most (the smaller of "
    "the two shares counts); punctuation and function words are passed over where there are others."
)


@dataclass(frozen=True)
class Opening:
    """The head to open with (from 0) and the place of the word to pin among the words."""

    layer: int
    head: int
    word: int


def choose_opening(pair: PairAttention, words: Sequence[Word]) -> Opening:
    """Find the strongest mutual pair by ``RULE``; norm-weighted where there are norms. Ties go to the earliest head."""
    asking = _candidates(words, Part.QUERY)
    answering = _candidates(words, Part.DOCUMENT)
    if not asking or not answering:
        return Opening(0, 0, asking[0] if asking else 0)
    there = _shares(pair, words, asking, answering)  # (layer, head, query word, document word)
    back = _shares(pair, words, answering, asking).swapaxes(-1, -2)
    strongest = np.minimum(there, back).max(-1)
    layer, head, word = np.unravel_index(int(strongest.argmax()), strongest.shape)
    return Opening(int(layer), int(head), asking[int(word)])


def _shares(pair: PairAttention, words: Sequence[Word], dest: Sequence[int], src: Sequence[int]) -> np.ndarray:
    """What some words take from some others in every head: (layer, head, dest word, src word)."""
    columns = np.zeros((len(pair.pieces), len(src)), dtype=np.float32)
    for column, word in enumerate(src):
        columns[list(words[word].pieces), column] = 1.0
    rows = [place for word in dest for place in words[word].pieces]
    table = pair.weights[:, :, rows]
    if pair.norms is not None:
        table = table * pair.norms[:, :, None, :]
    of_pieces = (table @ columns) / np.maximum(table.sum(-1, keepdims=True), np.finfo(np.float32).tiny)
    starts = np.cumsum([0, *(len(words[word].pieces) for word in dest)])[:-1]
    counts = np.array([len(words[word].pieces) for word in dest])
    return np.asarray(np.add.reduceat(of_pieces, starts, axis=2) / counts[:, None])


def _candidates(words: Sequence[Word], part: Part) -> list[int]:
    """Places of the part's words that carry meaning; all of them where none does."""
    of_part = [place for place, word in enumerate(words) if word.part is part]
    return [place for place in of_part if words[place].is_content] or of_part
