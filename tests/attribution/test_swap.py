"""Swapped attention: its own weights change nothing, others are what a plain implementation gives."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest

from components.attention.extract import eager_attention, extract
from components.attribution.batches import encoded, inner_model
from components.attribution.swap import fitted, scores_with, uniform
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Progress
from tests.lessons.conftest import finish

PAIR = ("what do herons eat", "Herons eat fish, frogs and sometimes young rats.")


@pytest.fixture(scope="module")
def pair(cross_encoder):
    return extract(cross_encoder.model, cross_encoder.info, *PAIR)


def test_a_heads_own_weights_give_the_same_score(cross_encoder, pair):
    swaps = [(layer, head, pair.weights[layer, head]) for layer in (0, 2, 5) for head in (0, 11)]
    base, scores = finish(scores_with(cross_encoder, pair, swaps, Progress()))
    assert base == pytest.approx(pair.logit, abs=1e-4)
    assert scores == pytest.approx([base] * len(swaps), abs=1e-4)


def test_uniform_weights_equal_a_softmax_that_is_replaced(cross_encoder, pair, monkeypatch):
    """The plain computation: in transformers' own attention, the softmax of one head of one layer is made uniform."""
    import torch

    layer, head, places = 3, 7, len(pair.pieces)
    _, (score,) = finish(scores_with(cross_encoder, pair, [(layer, head, uniform(places))], Progress()))
    inner = inner_model(cross_encoder)
    real, calls = torch.nn.functional.softmax, []

    def softmax(values, *args, **options):
        made = real(values, *args, **options)
        if made.dim() == 4:
            if len(calls) == layer:
                made = made.clone()
                made[:, head] = 1 / places
            calls.append(1)
        return made

    with torch.inference_mode(), eager_attention(inner):
        monkeypatch.setattr(torch.nn.functional, "softmax", softmax)
        plain = float(inner(**encoded(cross_encoder, *PAIR)).logits.reshape(-1)[0])
    assert len(calls) == pair.n_layers
    assert score == pytest.approx(plain, abs=1e-4)
    assert abs(score - pair.logit) > 1e-6


def test_the_logit_of_the_class_that_is_asked_for(cross_encoder, pair):
    """A model of several outputs: here the relevance model with a second row in its last layer."""
    import torch

    model = copy.deepcopy(cross_encoder.model)
    last = model.model.classifier
    torch.manual_seed(1)
    last.weight.data = torch.cat([last.weight.data, torch.randn_like(last.weight.data)])
    last.bias.data = torch.cat([last.bias.data, torch.ones_like(last.bias.data)])
    both = [CrossEncoderScorer(model, replace(cross_encoder.info, output=output)) for output in (0, 1)]
    swaps = [(2, 3, pair.weights[2, 3])]
    found = [finish(scores_with(scorer, pair, swaps, Progress())) for scorer in both]
    assert found[0][0] == pytest.approx(pair.logit, abs=1e-4)
    assert abs(found[1][0] - found[0][0]) > 0.1
    for scorer, (base, scores) in zip(both, found, strict=True):
        assert scores == pytest.approx([base], abs=1e-4)
        assert base == pytest.approx(scorer.forward([PAIR])[0], abs=1e-4)


def test_no_hook_stays_and_the_score_is_as_before(cross_encoder, pair):
    finish(scores_with(cross_encoder, pair, [(0, 0, uniform(len(pair.pieces)))], Progress()))
    assert cross_encoder.forward([PAIR])[0] == pytest.approx(pair.logit, abs=1e-4)


@pytest.mark.parametrize("places", [3, 5, 8])
def test_weights_of_another_text_are_cut_and_still_sum_to_one(places):
    other = np.random.default_rng(1).random((5, 5)).astype(np.float32)
    other /= other.sum(1, keepdims=True)
    made = fitted(other, places)
    assert made.shape == (places, places)
    assert made.sum(1) == pytest.approx(np.ones(places), abs=1e-6)
    if places == 5:
        assert made == pytest.approx(other, abs=1e-6)
    if places == 8:
        assert made[6] == pytest.approx(np.full(8, 1 / 8))
        assert made[0, 5:] == pytest.approx(np.zeros(3))
