"""The one rule by which pieces become words, for any text and any cut into pieces."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.attention.pair import PairAttention, Part, Piece
from components.attention.words import Word, cut_words, merge_pieces
from tests.attention.made import INFO


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Herons eat fish.", ["Herons", "eat", "fish", "."]),
        ("don't ’quote’ rock 'n' roll", ["don't", "’", "quote", "’", "rock", "'", "n", "'", "roll"]),
        ("3.50 or 1,000; end.", ["3.50", "or", "1,000", ";", "end", "."]),
        ("well-known e-mail", ["well", "-", "known", "e", "-", "mail"]),
        ("寿司を食べる", ["寿", "司", "を", "食", "べ", "る"]),
        ("किताब पढ़ना", ["किताब", "पढ़ना"]),
        ("a\u200bb", ["a\u200bb"]),
        ("🐟🐟 <script>", ["🐟", "🐟", "<", "script", ">"]),
        ("snake_case", ["snake_case"]),
        ("   ", []),
        ("", []),
    ],
)
def test_texts_are_cut_as_the_rule_says(text, words):
    assert [text[start:end] for start, end in cut_words(text)] == words


@given(st.text(max_size=60))
def test_words_are_in_order_apart_and_leave_out_nothing_but_blanks(text):
    spans = cut_words(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    covered = {place for start, end in spans for place in range(start, end)}
    assert not any(text[place].isalnum() for place in set(range(len(text))) - covered)


@st.composite
def pieced(draw):
    """A text and some way to cut a beginning of it into pieces: gaps, overlaps of a point and empty pieces included."""
    text = draw(st.text(alphabet="ab 3.,'’-寿é🐟\n", min_size=1, max_size=40))
    marks = sorted(draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=20)))
    return text, [(start, end) for start, end in itertools.pairwise(marks)]


@given(pieced())
def test_every_piece_is_in_exactly_one_word(made):
    text, spans = made
    pieces = (
        Piece("[CLS]", Part.SPECIAL),
        *(Piece(text[start:end], Part.DOCUMENT, start, end) for start, end in spans),
        Piece("[SEP]", Part.SPECIAL),
    )
    pair = PairAttention(INFO, "", text, pieces, None, None, 0.0)  # type: ignore[arg-type]
    words = merge_pieces(pair)
    assert sorted(place for word in words for place in word.pieces) == list(range(len(pieces)))
    own = [word for word in words if word.part is Part.DOCUMENT]
    assert all(word.text == text[word.start : word.end] for word in own)
    assert all(one.end <= other.start for one, other in itertools.pairwise(own))


def words_of(text, spans):
    pieces = tuple(Piece(text[start:end], Part.DOCUMENT, start, end) for start, end in spans)
    pair = PairAttention(INFO, "", text, pieces, None, None, 0.0)  # type: ignore[arg-type]
    return [(word.text, word.pieces) for word in merge_pieces(pair)]


def test_pieces_of_a_word_are_merged_and_a_piece_over_two_makes_one():
    assert words_of("don't go", [(0, 3), (3, 4), (4, 5), (6, 8)]) == [("don't", (0, 1, 2)), ("go", (3,))]
    assert words_of("a, b", [(0, 2), (3, 4)]) == [("a,", (0,)), ("b", (1,))]
    assert words_of("a  b", [(0, 1), (1, 3), (3, 4)]) == [("a", (0,)), ("b", (1, 2))]
    assert words_of("🐟!", [(0, 1), (0, 1), (0, 1), (1, 2)]) == [("🐟", (0, 1, 2)), ("!", (3,))]


def test_a_word_cut_by_the_window_ends_with_its_last_piece():
    assert words_of("hydrodynamic", [(0, 5)]) == [("hydro", (0,))]


@pytest.mark.parametrize(
    ("text", "is_content"), [("fish", True), ("The", False), (".", False), ("3.50", True), ("寿", True)]
)
def test_what_a_map_opens_on(text, is_content):
    assert Word(text, Part.QUERY, 0, len(text), (0,)).is_content is is_content


def test_special_tokens_are_no_content():
    assert not Word("[CLS]", Part.SPECIAL, 0, 0, (0,)).is_content
