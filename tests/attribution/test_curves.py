"""Deletion and insertion: every point is a fresh score, areas are trapezoids, sentences follow the numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from components.attention.extract import extract
from components.attention.words import merge_pieces
from components.attribution.curves import (
    GREEDY_WORDS,
    MOST_STEPS,
    RANDOM_ORDERS,
    Best,
    Curve,
    Curves,
    Direction,
    emptiness,
    headline,
    measure_curves,
    sentences,
)
from components.attribution.gradients import gradient_x_input
from components.attribution.occlusion import NAME, occlude
from components.attribution.records import Attribution, Operator, words_of
from components.attribution.strike import strike
from components.errors import InputProblem
from components.scoring.scheduler import Progress
from tests.attribution.conftest import finish

QUERY = "what do herons eat"


def measured(scorer, document, query=QUERY):
    pair = extract(scorer.model, scorer.info, query, document)
    found = [finish(occlude(scorer, pair, Operator.REMOVE, Progress()))]
    found.append(finish(gradient_x_input(scorer, pair, Progress())))
    progress = Progress()
    made = finish(measure_curves(scorer, pair, found, progress))
    assert progress.done == progress.total
    return made, found


@pytest.fixture(scope="module")
def short(cross_encoder):
    return measured(cross_encoder, "Herons feed on perch, eels and newts.")


def without(found, document, words):
    return strike(document, [(found.words[index].start, found.words[index].end) for index in words])


def test_every_point_is_a_fresh_score(cross_encoder, short):
    found, _ = short
    document = "Herons feed on perch, eels and newts."
    assert found.deletion.counts == tuple(range(len(found.words) + 1))
    assert set(found.deletion.named) == {"attention", "occlusion", "gradient x input"}
    for curves in (found.deletion, found.insertion):
        assert len(curves.random) == RANDOM_ORDERS
        for curve in (*curves.named.values(), curves.best, curves.random[3]):
            assert sorted(curve.order) == list(range(len(found.words)))
            for count, logit in zip(curves.counts, curve.logits, strict=True):
                left_out = curve.order[:count] if curves.direction is Direction.DELETION else curve.order[count:]
                fresh = cross_encoder.forward([(QUERY, without(found, document, left_out))])[0]
                assert logit == pytest.approx(fresh, abs=1e-4)
    assert found.whole == found.insertion.best.logits[-1] == found.deletion.best.logits[0]
    assert found.empty == found.insertion.best.logits[0] == found.deletion.best.logits[-1]


def test_the_methods_orders_are_by_their_values(short):
    found, (occlusion, product) = short
    for one in (occlusion, product):
        values = dict(zip(one.words, one.values, strict=True))
        of_order = [values[found.words[index]] for index in found.deletion.named[one.method].order]
        assert of_order == sorted(of_order, reverse=True)


def test_greedy_takes_the_best_next_word(cross_encoder, short):
    found, _ = short
    document = "Herons feed on perch, eels and newts."
    assert found.best is Best.GREEDY
    everything = set(range(len(found.words)))
    for direction, pick in ((Direction.DELETION, min), (Direction.INSERTION, max)):
        order = (found.deletion if direction is Direction.DELETION else found.insertion).best.order
        for step in (0, 3):
            left = [word for word in everything if word not in order[:step]]
            scores = {}
            for word in left:
                moved = {*order[:step], word}
                out = moved if direction is Direction.DELETION else everything - moved
                scores[word] = cross_encoder.forward([(QUERY, without(found, document, out))])[0]
            assert scores[order[step]] == pytest.approx(pick(scores.values()), abs=1e-4)


def test_areas_are_the_mean_of_the_curve():
    rng = np.random.default_rng(5)
    counts, logits = (0, 2, 3, 7), tuple(rng.normal(size=4))
    assert Curve((), logits).area(counts) == pytest.approx(np.trapezoid(logits, counts) / 7)
    assert Curve((), (2.0, 2.0)).area((0, 9)) == pytest.approx(2.0)


def test_long_documents_use_the_occlusion_order_and_few_points(cross_encoder):
    document = " ".join(f"Heron {number} eats fish." for number in range(6))
    found, _ = measured(cross_encoder, document)
    assert len(found.words) > GREEDY_WORDS
    assert found.best is Best.OCCLUSION
    assert found.deletion.best.order == found.deletion.named["occlusion"].order
    assert len(found.deletion.counts) == MOST_STEPS + 1
    assert found.deletion.counts[-1] == len(found.words)
    assert "occlusion-sorted" in headline(found)


def test_what_was_never_read_does_not_move_in(cross_encoder):
    document = "fish and frogs " * 300
    pair = extract(cross_encoder.model, cross_encoder.info, QUERY, document)
    assert pair.document_lost
    words = words_of(merge_pieces(pair))
    removed = Attribution(NAME, cross_encoder.info, words, tuple(range(len(words))), pair.logit)
    texts = []

    def listen(pairs):
        texts.extend(text for _, text in pairs)
        return [0.0] * len(pairs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cross_encoder, "forward", listen)
        found = finish(measure_curves(cross_encoder, pair, [removed], Progress()))
    read = document[: found.words[-1].end]
    assert max(map(len, texts)) <= len(read)
    assert "" in texts


def test_two_words_have_no_order(cross_encoder):
    with pytest.raises(InputProblem, match="fewer than 3 words"):
        measured(cross_encoder, "Herons eat")


def made_up(named, random, best, direction):
    """Curves whose areas are the given numbers."""
    flat = {name: Curve((0, 1), (area, area)) for name, area in named.items()}
    chance = tuple(Curve((0, 1), (area, area)) for area in random)
    return Curves(direction, (0, 2), flat, Curve((0, 1), (best, best)), chance)


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ({"attention": 1.0, "occlusion": -3.0}, "Occlusion is lower than all random ones, attention not."),
        ({"attention": 1.0, "occlusion": 0.5}, "No method's order is lower than all random ones here."),
        ({"attention": -2.0, "occlusion": -3.0}, "Every method's order is lower than all random ones."),
    ],
)
def test_the_sentence_says_what_the_areas_say(short, named, says):
    found, _ = short
    deletion = made_up(named, (-1.0, 0.0, 2.0), -4.0, Direction.DELETION)
    insertion = made_up({name: -value for name, value in named.items()}, (1.0, 0.0, -2.0), 4.0, Direction.INSERTION)
    down, up = sentences(replace(found, deletion=deletion, insertion=insertion))
    assert says in down
    assert says.replace("lower", "higher") in up
    assert "10 random" not in down
    assert "3 random orders reach −1.00 to 2.00, the best order (greedy) −4.00" in down


def test_a_document_that_only_costs_is_said(short):
    found, _ = short
    assert emptiness(replace(found, whole=1.0, empty=-2.0)) == ""
    assert "scores −3.00 and an empty one −1.00" in emptiness(replace(found, whole=-3.0, empty=-1.0))
