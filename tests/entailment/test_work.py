"""The jobs: both ways, cosines without a direction, word flips, the tally, the exports; against real models."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.attention.words import cut_words
from components.attribution.toggle import Change
from components.entailment.export import to_csv, to_json
from components.entailment.flips import Flip, find_flipping_words, reclassify, single_strikes, struck_words
from components.entailment.judge import judge
from components.entailment.pairs import built_in_pairs
from components.entailment.records import Mode, Question
from components.entailment.tally import can_be_checked, check
from components.models.classifiers import find_classifier
from components.models.loading import load_classifier
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore
from tests.entailment.conftest import finish

PREMISE = "The bakery on Mill Lane does not open on Mondays."
HYPOTHESES = ("On Mondays it is closed.", "It opens on Mondays.", "Die Bäckerei verkauft jeden Tag frisches Brot.")
QUESTION = Question(Mode.HYPOTHESES, tuple((PREMISE, text) for text in HYPOTHESES))


def ask(question, classifier, bi_encoder, both_ways=True, stores=None, seen=None):
    made = []
    work = judge(question, classifier, bi_encoder, both_ways, stores or Stores(), seen or SeenBefore(), made.append)
    progress = Progress()
    finish(work(progress))
    assert progress.done == progress.total
    return made[0]


def test_both_ways_are_predicts_and_the_cosine_has_no_direction(classifier, bi_encoder):
    made = ask(QUESTION, classifier, bi_encoder)
    pairs = [*QUESTION.pairs, *((b, a) for a, b in QUESTION.pairs)]
    expected = classifier.model.predict(pairs, apply_softmax=True, show_progress_bar=False)
    ours = [row.classes.probabilities for row in made.rows] + [row.swapped.probabilities for row in made.rows]
    assert np.abs(np.array(ours) - expected).max() < 1e-4
    model = bi_encoder.model
    cosines = model.similarity(model.encode([PREMISE]), model.encode(list(HYPOTHESES)))[0]
    for row, cosine in zip(made.rows, cosines, strict=True):
        assert row.similarity.value == pytest.approx(float(cosine), abs=1e-4)
        assert row.similarity.swapped == pytest.approx(row.similarity.value, abs=1e-6)
    assert made.is_both_ways
    assert "German" in made.notes[0]


def test_kept_counts_what_this_visitor_was_shown_and_known_work_is_not_timed(classifier, bi_encoder):
    stores, seen = Stores(), SeenBefore()
    first = ask(QUESTION, classifier, bi_encoder, False, stores, seen)
    assert (first.scored, first.kept) == (3, 0)
    assert first.seconds is not None
    again = ask(QUESTION, classifier, bi_encoder, False, stores, seen)
    assert (again.scored, again.kept, again.seconds) == (0, 3, None)
    other = ask(QUESTION, classifier, bi_encoder, False, stores, SeenBefore())
    assert (other.scored, other.kept, other.seconds) == (3, 0, None)


def test_without_a_bi_encoder_there_are_classes_alone(classifier):
    made = ask(QUESTION, classifier, None, False)
    assert [row.similarity for row in made.rows] == [None] * 3
    assert made.bi_encoder is None


def test_a_changed_pair_is_what_a_fresh_paste_would_be(classifier, bi_encoder):
    change = Change(PREMISE, HYPOTHESES[0], (6,), ())
    made = []
    work = reclassify(
        (PREMISE, HYPOTHESES[0]), change, classifier, bi_encoder, Stores(), lambda *both: made.append(both)
    )
    finish(work(Progress()))
    ((before, after),) = made
    expected = classifier.forward([(PREMISE, HYPOTHESES[0]), change.texts])
    assert before.classes.logits == pytest.approx(expected[0], abs=1e-4)
    assert after.classes.logits == pytest.approx(expected[1], abs=1e-4)


def test_flipping_words_are_all_those_whose_striking_gives_another_class(classifier):
    change = Change(PREMISE, HYPOTHESES[1])
    made = []
    finish(find_flipping_words(change, classifier, Stores(), lambda *found: made.append(found))(Progress()))
    ((words, tried),) = made
    strikes = list(single_strikes(change))
    assert tried == len(strikes) == len(cut_words(PREMISE)) + len(cut_words(HYPOTHESES[1]))
    base, *each = classifier.forward([change.texts, *(one.texts for _, _, one in strikes)])
    expected = {
        (side, index)
        for (side, index, _), logits in zip(strikes, each, strict=True)
        if np.argmax(logits) != np.argmax(base)
    }
    assert {(one.side, one.index) for one in words} == expected
    for one in words:
        text = PREMISE if one.side == "premise" else HYPOTHESES[1]
        start, end = cut_words(text)[one.index]
        assert one.word == text[start:end]


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=5), st.sets(st.integers(0, 4)))
def test_single_strikes_strike_one_more_and_empty_nothing(words, struck):
    text = " ".join(words)
    kept = tuple(sorted(index for index in struck if index < len(words)))
    for side, index, change in single_strikes(Change(text, text, kept, kept)):
        now, other = (
            (change.query_struck, change.document_struck)
            if side == "premise"
            else (change.document_struck, change.query_struck)
        )
        assert now == tuple(sorted({*kept, index}))
        assert other == kept
        assert index not in kept
        assert change.texts[0 if side == "premise" else 1].strip()


def test_struck_words_come_in_order_and_in_range():
    assert struck_words([2, 0, 2, 99, -1, "1", None, 1.0], "a b c") == (0, 1, 2)
    assert struck_words("012", "a b c") == ()


def test_the_tally_is_predict_held_against_the_expected_labels(classifier):
    made = []
    finish(check(classifier, made.append)(Progress()))
    pairs = built_in_pairs()
    expected = classifier.model.predict([(one.premise, one.hypothesis) for one in pairs], show_progress_bar=False)
    right = sum(classifier.labels[row.argmax()] == one.expected for row, one in zip(expected, pairs, strict=True))
    assert made[0].right == right
    assert len(made[0].checked) == len(pairs)


def test_two_classes_are_enough_for_the_tally_and_other_labels_are_not(models, monkeypatch):
    monkeypatch.setenv("RELEVANCE_LAB_MODELS", str(models))
    two = load_classifier(find_classifier("two"), "cpu")
    assert can_be_checked(two.labels)
    made = []
    finish(check(two, made.append)(Progress()))
    for one in made[0].checked:
        says_entailment = one.classes.label == "entailment"
        assert one.is_right == (says_entailment == (one.pair.expected == "entailment"))
    assert not can_be_checked(("gloomy", "cheerful", "calm"))


def test_exports_hold_the_numbers_of_the_run(classifier, bi_encoder):
    question = Question(Mode.HYPOTHESES, (("=1+1", "@sum"), QUESTION.pairs[0]), ("neutral", "entailment"))
    made = ask(question, classifier, bi_encoder)
    rows = list(csv.DictReader(io.StringIO(to_csv(made))))
    assert [rows[0]["premise"], rows[0]["hypothesis"]] == ["'=1+1", "'@sum"]  # no formula
    for row, one in zip(rows, made.rows, strict=True):
        assert row["class"] == one.classes.label
        for label, probability, logit in zip(made.labels, one.classes.probabilities, one.classes.logits, strict=True):
            assert float(row[f"probability_{label}"]) == pytest.approx(probability, rel=1e-6)
            assert float(row[f"logit_{label}"]) == pytest.approx(logit, rel=1e-6)
        assert float(row["swapped_cosine"]) == pytest.approx(one.similarity.swapped, rel=1e-6)
        assert row["expected"] == one.expected
    changed = reclassified(classifier, bi_encoder)
    content = json.loads(to_json(made, [Flip(1, "“not” struck", *changed)]))
    assert content["pairs"][0]["premise"] == "=1+1"
    assert content["pairs"][1]["swapped"]["logit"] == dict(zip(made.labels, made.rows[1].swapped.logits, strict=True))
    assert content["flips"][0]["after"]["class"] == changed[1].classes.label
    assert content["model"]["fingerprint"] == classifier.info.fingerprint


def reclassified(classifier, bi_encoder):
    made = []
    change = Change(PREMISE, HYPOTHESES[0], (6,), ())
    work = reclassify(
        (PREMISE, HYPOTHESES[0]), change, classifier, bi_encoder, Stores(), lambda *both: made.append(both)
    )
    finish(work(Progress()))
    return made[0]
