"""A toggle's change is what a fresh paste of the changed text would show."""

from __future__ import annotations

import pytest

from components.attention.words import cut_words
from components.attribution.toggle import Change, rescore
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores
from tests.attribution.conftest import finish

QUERY = "what do herons eat"
DOCUMENTS = ["Herons feed on perch and eels.", "Otters eat young herons.", "Soup with fennel."]


@pytest.mark.parametrize(
    ("change", "texts"),
    [
        (Change(QUERY, DOCUMENTS[0], (), (1, 2)), (QUERY, "Herons perch and eels.")),
        (Change(QUERY, DOCUMENTS[0], (2,), ()), ("what do eat", DOCUMENTS[0])),
        (Change("what do otters eat", "Otters eat fish."), ("what do otters eat", "Otters eat fish.")),
    ],
)
def test_a_change_equals_a_fresh_paste(bi_encoder, cross_encoder, change, texts):
    assert change.texts == texts
    delivered = []
    finish(rescore((QUERY, DOCUMENTS, 0), change, [bi_encoder, cross_encoder], Stores(), delivered.append)(Progress()))
    early, whole = delivered
    assert [one.rank_after for one in early] == [None, None]
    for scorer, effect in zip((bi_encoder, cross_encoder), whole, strict=True):
        fresh = finish(scorer.score(texts[0], [texts[1], *DOCUMENTS[1:]], Stores(), Progress())).values
        before = finish(scorer.score(QUERY, DOCUMENTS, Stores(), Progress())).values
        assert effect.after == pytest.approx(fresh[0], abs=1e-4)
        assert effect.before == pytest.approx(before[0], abs=1e-4)
        assert effect.rank_after == 1 + sum(value > fresh[0] for value in fresh[1:])
        assert effect.rank_before == 1 + sum(value > before[0] for value in before[1:])


def test_no_change_changes_nothing():
    text = "a  text, with\todd   blanks "
    assert Change(QUERY, text).texts == (QUERY, text)
    assert Change(QUERY, text, (), (99, -1)).texts == (QUERY, text)
    every = tuple(range(len(cut_words(text))))
    assert Change(QUERY, text, (), every).texts[1].strip() == ""
