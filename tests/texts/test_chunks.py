"""Chunks cover every token, fit the size and share what they should."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.texts.chunks import cut_chunks

lengths = st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=80)


def spans(tokens: list[tuple[int, bool]]) -> list[tuple[int, int]]:
    """Token spans; the flag says whether a blank stands before the token."""
    made, at = [], 0
    for length, blank in tokens:
        at += blank
        made.append((at, at + length))
        at += length
    return made


@given(lengths, st.integers(2, 12), st.integers(0, 11))
def test_every_token_is_in_a_chunk_and_no_chunk_is_too_long(
    tokens: list[tuple[int, bool]], size: int, shared: int
) -> None:
    if shared >= size:
        with pytest.raises(ValueError, match="cannot share"):
            cut_chunks([], size, shared)
        return
    all_tokens = spans(tokens)
    chunks = cut_chunks(all_tokens, size, shared)
    inside = [[t for t in all_tokens if start <= t[0] and t[1] <= end] for start, end in chunks]
    assert all(0 < len(tokens) <= size for tokens in inside)
    assert {token for tokens in inside for token in tokens} == set(all_tokens)
    for before, after in pairwise(inside):
        assert len(set(before) & set(after)) >= shared
        assert after[-1] > before[-1]


def test_a_chunk_after_a_long_word_brings_something_new() -> None:
    """A word of five tokens behind the start once led to a chunk that lay wholly within the one before it."""
    tokens = spans([(1, False), (1, True), *[(1, False)] * 5, (1, True), (1, False)])
    assert cut_chunks(tokens, size=7, shared=1) == [(0, 8), (2, 10), (9, 11)]


def test_words_stay_whole() -> None:
    tokens = [(0, 2), (3, 5), (5, 8), (9, 11)]  # the second word is two tokens long
    assert cut_chunks(tokens, size=2, shared=0) == [(0, 2), (3, 8), (9, 11)]


def test_no_tokens_no_chunks() -> None:
    assert cut_chunks([]) == []
