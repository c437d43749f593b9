"""Judgments stay with their text, whatever happens around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.judging.judgments import MOST_JUDGMENTS, Judgments, blind_order, judgment_keys
from components.records import Document


def documents(*texts: str) -> tuple[Document, ...]:
    return tuple(Document(number, text) for number, text in enumerate(texts, 1))


def test_editing_one_document_keeps_the_judgments_of_the_others() -> None:
    judgments = Judgments()
    judgments.take("q", documents("a", "b", "c"), (3, 2, 1))
    assert judgments.of("q", documents("a", "b, edited", "c")) == (3, None, 1)
    assert judgments.of("q", documents("new", "c", "a")) == (None, 1, 3)
    assert judgments.of("another query", documents("a")) == (None,)


def test_identical_documents_are_judged_apart() -> None:
    first, second = judgment_keys("q", documents("a", "a"))
    assert first != second
    judgments = Judgments()
    judgments.give(first, 3)
    assert judgments.of("q", documents("a", "a")) == (3, None)


def test_a_judgment_can_be_changed_and_taken_back() -> None:
    judgments = Judgments()
    judgments.give("k", 1)
    judgments.give("k", 2)
    assert len(judgments) == 1
    judgments.give("k", None)
    assert len(judgments) == 0
    with pytest.raises(ValueError, match="0, 1, 2 or 3"):
        judgments.give("k", 4)


def test_memory_is_bounded() -> None:
    judgments = Judgments()
    for number in range(MOST_JUDGMENTS + 10):
        judgments.give(str(number), 1)
    assert len(judgments) == MOST_JUDGMENTS


def test_taking_over_keeps_what_is_there_where_nothing_comes() -> None:
    judgments = Judgments()
    judgments.take("q", documents("a", "b"), (3, 2))
    judgments.take("q", documents("a", "b"), (None, 0))
    assert judgments.of("q", documents("a", "b")) == (3, 0)
    judgments.clear("q", documents("a"))
    assert judgments.of("q", documents("a", "b")) == (None, 0)


@given(st.integers(0, 60), st.integers())
def test_blind_order_is_an_order_and_repeats_itself(count: int, seed: int) -> None:
    assert sorted(blind_order(count, seed)) == list(range(count))
    assert blind_order(count, seed) == blind_order(count, seed)
