"""The forms: what is asked for in each, and that an answer which is not whole is never taken for one."""

import math

import pytest

from components.service import wire
from components.service.scale import scale_of
from components.service.wire import Form, WrongAnswer

ROW = {"index": 0, "relevance_score": 1.0}


def test_each_form_asks_in_its_own_words():
    cohere, infinity, tei = (wire.rerank_question(form, "m", "q", ["a", "b"]) for form in Form)
    assert cohere == {"model": "m", "query": "q", "documents": ["a", "b"], "top_n": 2}
    assert infinity["raw_scores"] is True
    assert infinity["documents"] == ["a", "b"]
    assert tei["texts"] == ["a", "b"]
    assert tei["raw_scores"] is tei["truncate"] is True
    assert "model" not in tei


def test_scores_come_back_by_their_index():
    rows = [
        {"index": 2, "relevance_score": 9.0},
        {"index": 0, "relevance_score": 1},
        {"index": 1, "relevance_score": -3},
    ]
    assert wire.read_scores(Form.INFINITY, {"results": rows}, 3) == [1.0, -3.0, 9.0]
    bare = [{"index": 1, "score": 2.0}, {"index": 0, "score": 5.0}]
    assert wire.read_scores(Form.TEI, bare, 2) == [5.0, 2.0]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"detail": "secret words"}, "no “results”"),
        ([], "no “results”"),
        ({"results": "secret words"}, "no list"),
        ({"results": [ROW]}, "1 results for 2 texts"),
        ({"results": [ROW, ROW]}, "which text"),
        ({"results": [ROW, {**ROW, "index": 7}]}, "which text"),
        ({"results": [ROW, {**ROW, "index": "1"}]}, "which text"),
        ({"results": [ROW, {"index": 1, "relevance_score": None}]}, "not a number"),
        ({"results": [ROW, {"index": 1, "relevance_score": math.nan}]}, "not a number"),
    ],
)
def test_an_answer_that_is_not_whole_is_refused_without_repeating_it(answer, words):
    with pytest.raises(WrongAnswer) as caught:
        wire.read_scores(Form.COHERE, answer, 2)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "vectors", [[[1.0, 2.0], [1.0]], [[1.0, 2.0], None], [["a", "b"], [1.0, 2.0]], [[], []], [1, 2]]
)
def test_vectors_of_different_lengths_or_none_are_refused(vectors):
    with pytest.raises(WrongAnswer):
        wire.read_vectors({"data": [{"index": i, "embedding": v} for i, v in enumerate(vectors)]}, 2)


def sigmoid(value):
    return 1 / (1 + math.exp(-value))


def test_known_pairs_tell_logits_from_sigmoid_values_and_from_another_model():
    here = [4.5, -2.0, 0.66]  # at 0.66 both look alike: one pair would not do
    assert scale_of([4.5, -2.0, 0.66001], here).is_sigmoid is False
    found = scale_of([sigmoid(value) for value in here], here)
    assert found.is_sigmoid
    assert found.deviation < 1e-6
    assert scale_of([4.5, -2.0, 3.0], here) is None
    assert scale_of([0.9, 0.1, 0.5], here) is None
