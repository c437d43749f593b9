"""The sentences say what the numbers are, whatever they are: made-up records, the arithmetic by hand."""

from __future__ import annotations

import math

import pytest

from components.attribution.toggle import Change
from components.entailment.findings import finding, tally_finding, toggle_finding
from components.entailment.flips import Flip, Outcome, describe, percent
from components.entailment.pairs import BuiltInPair
from components.entailment.records import Judged, JudgedPair, Mode, Similarity
from components.entailment.tally import CheckedPair, Tally
from tests.entailment.conftest import MODEL, classes, judged

ENTAILS = (math.log(8), 0.0, 0.0)  # 80 %, 10 %, 10 %
NEUTRAL = (0.0, math.log(8), 0.0)
AGAINST = (0.0, 0.0, math.log(8))


def test_softmax_by_hand():
    assert classes(*ENTAILS).probabilities == pytest.approx((0.8, 0.1, 0.1))
    assert classes(1000.0, 0.0, 0.0).probabilities == pytest.approx((1, 0, 0))
    assert classes(1.0, 1.0, 0.0).top == 0  # the first of several


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0 %"), (0.001, "<1 %"), (0.8, "80 %"), (0.999, ">99 %"), (1, "100 %")]
)
def test_per_cent_is_never_rounded_to_certainty(value, words):
    assert percent(value) == words


def test_one_hypothesis():
    assert finding(judged((AGAINST, None, 0.873))) == "The model's class is contradiction 80 %; the cosine is 0.87."
    assert finding(judged((AGAINST, None, None))) == "The model's class is contradiction 80 %."


def test_several_hypotheses_name_the_highest_cosine():
    made = judged((ENTAILS, None, 0.5), (AGAINST, None, 0.9), (AGAINST, None, 0.2))
    assert finding(made) == (
        "Of 3 hypotheses the model takes 1 for entailment and 2 for contradiction. "
        "The highest cosine, 0.90, has number 2: contradiction 80 %."
    )


def test_a_claim_with_support_and_contradiction():
    made = judged((NEUTRAL, None, 0.1), (ENTAILS, None, 0.1), (AGAINST, None, 0.1), mode=Mode.CLAIM)
    assert finding(made) == (
        "Of 3 sentences, sentence 2 supports the claim (entailment 80 %) and sentence 3 contradicts it "
        "(contradiction 80 %)."
    )


def test_a_claim_nobody_supports():
    made = judged((NEUTRAL, None, 0.1), (NEUTRAL, None, 0.1), mode=Mode.CLAIM)
    assert finding(made) == (
        "Of 2 sentences, none supports the claim (highest entailment 10 %) and none contradicts it (highest "
        "contradiction 10 %)."
    )


def test_a_claim_with_labels_that_say_nothing_about_support():
    made = judged(((1.0, 0.0), None, 0.1), mode=Mode.CLAIM, labels=("calm", "gloomy"))
    assert finding(made) == "Of 1 sentence, 1 calm."


def test_swapped_with_and_without_another_class():
    made = judged((ENTAILS, NEUTRAL, 0.81), (ENTAILS, ENTAILS, 0.3))
    assert finding(made) == (
        "Swapped, the class changes for 1 of 2, as in number 1: entailment 80 % → neutral 80 %; "
        "the cosine of each is the same both ways."
    )
    assert finding(judged((ENTAILS, NEUTRAL, 0.81))) == (
        "Swapped, the class changes: entailment 80 % → neutral 80 %; the cosine is 0.81 both ways."
    )
    assert finding(judged((ENTAILS, (math.log(3), 0.0, 0.0), 0.81))) == (
        "Swapped, the class stays the same; probabilities move by up to 20 points; the cosine is 0.81 both ways."
    )


def test_a_cosine_that_does_differ_is_said():
    made = judged((ENTAILS, ENTAILS, 0.5))
    row = made.rows[0]
    odd = JudgedPair(1, row.premise, row.hypothesis, row.classes, row.swapped, Similarity(0.5, 0.4))
    assert finding(Judged(made.question, (odd,), made.model, made.labels, made.bi_encoder)).endswith(
        "the cosine differs by up to 0.1."
    )


def outcome(logits, cosine=0.5):
    return Outcome(classes(*logits), Similarity(cosine, cosine))


def test_the_toggles_sentence_flipped_kept_and_untouched():
    pair = ("It is not hot.", "It is hot.")
    struck = Change(*pair, (2,), ())
    before, after = outcome(AGAINST, 0.87), outcome(ENTAILS, 0.91)
    assert toggle_finding(pair, struck, before, after, "cosine") == (
        "With “not” struck from the premise, the class flips: contradiction 80 % → entailment 80 %; "
        "the cosine goes from 0.87 to 0.91."
    )
    assert toggle_finding(pair, struck, before, before, "cosine") == (
        "With “not” struck from the premise, the class stays contradiction, 80 % → 80 %; the cosine stays 0.87."
    )
    assert toggle_finding(pair, Change(*pair), before, before, "cosine") == (
        "Strike a word until the class flips. As it stands: contradiction 80 %, cosine 0.87."
    )


def test_a_step_is_described_from_the_step_before_it():
    pair = ("It is not hot.", "It is hot.")
    one, two = Change(*pair, (2,), ()), Change(*pair, (2, 3), (0,))
    assert describe(one, two) == "“hot” struck from the premise, “It” struck from the hypothesis"
    assert describe(two, one) == "“hot” brought back into the premise, “It” brought back into the hypothesis"
    assert describe(one, Change("Edited.", pair[1])) == "the premise edited"
    assert describe(one, one) == "nothing changed"
    flip = Flip(3, describe(one, two), outcome(AGAINST), outcome(ENTAILS))
    assert flip.sentence().endswith(": contradiction 80 % → entailment 80 %")


def checked(phenomenon, wanted, logits):
    return CheckedPair(BuiltInPair(phenomenon, "x", "p", "h", "entailment"), classes(*logits), wanted)


def test_the_tally_counts_beside_what_costs_nothing():
    pairs = (checked("A", 0, ENTAILS), checked("A", 2, AGAINST), checked("B", 0, NEUTRAL), checked("B", 1, NEUTRAL))
    assert tally_finding(Tally(MODEL, pairs, 0.1)) == (
        "Right on 3 of our 4 pairs (75 %); always giving the commonest class would be right on 2. Weakest: b, 1 of 2."
    )
    assert "Weakest" not in tally_finding(Tally(MODEL, pairs[:2], 0.1))
