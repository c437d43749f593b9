"""Which way a model's passes go, and that it makes no difference to what comes out."""

import logging

import numpy as np
import pytest
import torch

from components.scoring import lanes
from components.scoring.passes import TRIAL_PAIRS, Passes
from components.scoring.tokens import Tokeniser

PAIRS = [("who digs at night", text) for text in ("A fox.", "Badgers dig at night. " * 9, "Moles dig " * 200, "", "🦊")]


@pytest.fixture(autouse=True)
def first_guess():
    yield
    lanes.use(None)


def passes_of(scorer):
    return Passes(scorer.model, "scores", Tokeniser(scorer.model, 512), TRIAL_PAIRS)


def logits_of(scorer, pairs):
    return scorer.model.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_any_number_of_lanes_gives_predicts_logits(cross_encoder, count):
    lanes.use(count)
    passes = passes_of(cross_encoder)
    found = passes(Tokeniser(cross_encoder.model, 512)(PAIRS))[:, 0]
    assert passes.is_own
    assert np.abs(found - logits_of(cross_encoder, PAIRS)).max() < 1e-4


def test_the_bi_encoder_and_both_fast_forms_go_our_own_way(bi_encoder, cross_encoder):
    for scorer in (bi_encoder, cross_encoder):
        scorer.warm_up()
        assert scorer._passes.is_own
        if scorer.fast is not None:
            scorer.fast.warm_up()
            assert scorer.fast.inner._passes.is_own


def test_an_encoder_that_differs_is_not_used(cross_encoder, monkeypatch, caplog):
    """Attention that forgets its mask, say: the library's pass goes on, and the log says why."""
    monkeypatch.setattr("components.scoring.layout.Layout.mask", lambda self, dtype: None)
    passes = passes_of(cross_encoder)
    with caplog.at_level(logging.WARNING, logger="relevance_lab"):
        found = passes(Tokeniser(cross_encoder.model, 512)(PAIRS))[:, 0]
    assert not passes.is_own
    assert "not used" in caplog.text
    assert np.abs(found - logits_of(cross_encoder, PAIRS)).max() < 1e-4


def test_without_an_encoder_the_library_runs_in_lanes(cross_encoder, monkeypatch):
    monkeypatch.setattr("components.scoring.passes.encoder_of", lambda base: None)
    lanes.use(2)
    passes = passes_of(cross_encoder)
    found = passes(Tokeniser(cross_encoder.model, 512)(PAIRS))[:, 0]
    assert not passes.is_own
    assert np.abs(found - logits_of(cross_encoder, PAIRS)).max() < 1e-4


def test_a_model_that_learns_meanwhile_is_read_as_it_is(cross_encoder):
    """The encoder holds no copy of any weight."""
    passes = passes_of(cross_encoder)
    tokens = Tokeniser(cross_encoder.model, 512)(PAIRS)
    before = passes(tokens)
    layer = cross_encoder.model[0].model.base_model.encoder.layer[2].attention.self.key
    kept = layer.weight.detach().clone()
    with torch.no_grad():
        layer.weight.mul_(0.5)
    try:
        assert np.abs(passes(tokens)[:, 0] - logits_of(cross_encoder, PAIRS)).max() < 1e-4
        assert np.abs(passes(tokens) - before).max() > 1e-2
    finally:
        with torch.no_grad():
            layer.weight.copy_(kept)
