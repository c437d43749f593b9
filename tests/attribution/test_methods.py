"""Occlusion, gradients and heads against the equations they come from, and nothing is left behind."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from components.attention.norms import attention_modules
from components.attention.pair import Part
from components.attribution.gradients import gradient_x_input, integrated_gradients
from components.attribution.heads import rank_heads
from components.attribution.occlusion import mask_token, occlude, occluded
from components.attribution.records import Baseline, Operator
from components.attribution.strike import strike
from components.scoring.scheduler import Job, JobState, Progress, Scheduler
from tests.attribution.conftest import finish


def hooks(model) -> int:
    """How many forward hooks there are."""
    return sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in model.modules())


@pytest.mark.parametrize(
    ("text", "words", "left"),
    [
        ("Herons eat fish, frogs.", ["eat"], "Herons fish, frogs."),
        ("Herons eat fish.", ["Herons"], "eat fish."),
        ("Herons eat fish", ["fish"], "Herons eat"),
        ("Herons eat fish.", ["Herons", "eat", "fish"], "."),
        ("a  b\nc", ["b"], "a  c"),
        ("a b ", [], "a b "),
    ],
)
def test_a_struck_word_takes_one_blank_with_it(text, words, left):
    assert strike(text, [(text.index(word), text.index(word) + len(word)) for word in words]) == left


@pytest.mark.parametrize("operator", Operator)
def test_occlusion_equals_fresh_scores(cross_encoder, shipped_pair, operator):
    found = finish(occlude(cross_encoder, shipped_pair, operator, Progress()))
    whole = cross_encoder.forward([(shipped_pair.query, shipped_pair.document)])[0]
    assert len(found.words) == 13
    for word, value in zip(found.words, found.values, strict=True):
        changed = occluded(shipped_pair.query, shipped_pair.document, word, operator, mask_token(cross_encoder))
        assert value == pytest.approx(whole - cross_encoder.forward([changed])[0], abs=1e-4)


def test_a_mask_stands_for_each_piece(cross_encoder, shipped_pair):
    word = next(
        word
        for word in finish(occlude(cross_encoder, shipped_pair, Operator.MASK, Progress())).words
        if len(word.pieces) > 1 and word.part is Part.DOCUMENT
    )
    _, document = occluded(shipped_pair.query, shipped_pair.document, word, Operator.MASK, "[MASK]")
    ids = cross_encoder.model.tokenizer(document)["input_ids"]
    assert ids.count(cross_encoder.model.tokenizer.mask_token_id) == len(word.pieces)


@pytest.mark.parametrize(("baseline", "steps"), [(Baseline.MASK, 32), (Baseline.PAD, 256)])
def test_integrated_gradients_are_complete(cross_encoder, shipped_pair, baseline, steps):
    """The path from [PAD] is rougher than the one from [MASK] and needs more steps."""
    found = finish(integrated_gradients(cross_encoder, shipped_pair, baseline, steps, Progress()))
    assert found.gap < 0.05
    assert found.score == pytest.approx(shipped_pair.logit, abs=1e-4)
    assert found.special == pytest.approx(0, abs=1e-9)  # special tokens are their own baseline


def test_integrated_gradients_follow_the_equation(tiny, tiny_pair):
    """Equation 1 of the paper by a plain midpoint sum of finite differences along the path, in float64."""
    found = finish(integrated_gradients(tiny, tiny_pair, Baseline.PAD, 32, Progress()))
    assert found.gap < 0.05
    tokenizer, inner = tiny.model.tokenizer, tiny.model.model
    reference = copy.deepcopy(inner).double().eval()
    features = dict(tiny.model.preprocess([(tiny_pair.query, tiny_pair.document)]))
    features = {name: value for name, value in features.items() if isinstance(value, torch.Tensor)}
    table = reference.get_input_embeddings()
    ids = features["input_ids"]
    special = torch.tensor([piece.part is Part.SPECIAL for piece in tiny_pair.pieces])
    with torch.no_grad():
        end = table(ids)[0]
        start = table(torch.where(special, ids[0], torch.tensor(tokenizer.pad_token_id)))
    total = torch.zeros(len(end), dtype=torch.float64)
    for step in range(100):
        point = (start + (step + 0.5) / 100 * (end - start)).detach().requires_grad_(True)
        handle = table.register_forward_hook(lambda *_, point=point: point[None])
        reference(**features).logits.sum().backward()
        handle.remove()
        total += (point.grad * (end - start)).sum(-1) / 100
    expected = [float(total[list(word.pieces)].sum()) for word in found.words]
    assert np.allclose(found.values, expected, atol=0.02 * max(map(abs, expected)) + 1e-4)


def test_gradient_x_input_is_the_slope_along_the_embedding(tiny, tiny_pair):
    """x dF/dx is the change of F when a word's embeddings are made a little longer."""
    found = finish(gradient_x_input(tiny, tiny_pair, Progress()))
    reference = copy.deepcopy(tiny.model.model).double().eval()
    features = tiny.model.preprocess([(tiny_pair.query, tiny_pair.document)])
    features = {name: value for name, value in features.items() if isinstance(value, torch.Tensor)}
    table = reference.get_input_embeddings()
    with torch.no_grad():
        own = table(features["input_ids"])

        def score(place, factor):
            changed = own.clone()
            changed[0, place] *= factor
            handle = table.register_forward_hook(lambda *_: changed)
            value = float(reference(**features).logits.sum())
            handle.remove()
            return value

        slope = [
            sum((score(place, 1 + 1e-5) - score(place, 1 - 1e-5)) / 2e-5 for place in word.pieces)
            for word in found.words
        ]
    assert np.allclose(found.values, slope, atol=1e-3 * max(1, *map(abs, slope)))


def test_heads_equal_a_model_whose_weights_are_zero_there(tiny, tiny_pair):
    effects = finish(rank_heads(tiny, tiny_pair, Progress()))
    assert len(effects) == tiny_pair.n_layers * tiny_pair.n_heads
    assert [abs(one.change) for one in effects] == sorted((abs(one.change) for one in effects), reverse=True)
    if tiny.info.name == "albert":
        return  # its layers share their weights: no single one can be set to zero
    features = tiny.model.preprocess([(tiny_pair.query, tiny_pair.document)])
    features = {name: value for name, value in features.items() if isinstance(value, torch.Tensor)}
    for one in effects[:2]:
        cut = copy.deepcopy(tiny.model.model).eval()
        _, _, output = list(attention_modules(cut))[one.layer]
        width = output.in_features // tiny_pair.n_heads
        with torch.no_grad():
            output.weight[:, one.head * width : (one.head + 1) * width] = 0
            assert float(cut(**features).logits) - tiny_pair.logit == pytest.approx(one.change, abs=1e-4)


METHODS = {
    "integrated": lambda scorer, pair: integrated_gradients(scorer, pair, Baseline.PAD, 16, Progress()),
    "product": lambda scorer, pair: gradient_x_input(scorer, pair, Progress()),
    "heads": lambda scorer, pair: rank_heads(scorer, pair, Progress()),
}


@pytest.mark.parametrize("name", METHODS)
def test_nothing_stays_behind(tiny, tiny_pair, name):
    """After every piece: no hook (another visitor's pair may be next), no gradient, the same score."""
    before, model = tiny.forward([(tiny_pair.query, tiny_pair.document)]), tiny.model.model
    count = hooks(model)
    for _ in METHODS[name](tiny, tiny_pair):
        assert hooks(model) == count
        assert torch.is_grad_enabled()
        assert all(parameter.grad is None for parameter in model.parameters())
        assert tiny.forward([(tiny_pair.query, tiny_pair.document)]) == before


@pytest.mark.parametrize("name", METHODS)
def test_nothing_stays_behind_after_a_failure(tiny, tiny_pair, name, monkeypatch):
    before, model = tiny.forward([(tiny_pair.query, tiny_pair.document)]), tiny.model.model
    count = hooks(model)
    head = next(part for part in reversed(list(model.modules())) if isinstance(part, torch.nn.Linear))
    with monkeypatch.context() as patch:
        patch.setattr(head, "forward", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            finish(METHODS[name](tiny, tiny_pair))
    assert hooks(model) == count
    assert tiny.forward([(tiny_pair.query, tiny_pair.document)]) == before


def test_stop_ends_long_work_between_pieces(cross_encoder, shipped_pair):
    scheduler, count = Scheduler(), hooks(cross_encoder.model.model)

    def work(progress):
        yield from integrated_gradients(cross_encoder, shipped_pair, Baseline.PAD, 4096, progress)

    job = scheduler.submit(Job("visitor", "attribution", work))
    while not job.progress.done:
        job.wait(0.02)
    job.stop()
    assert job.wait(5)
    assert job.state is JobState.STOPPED
    assert job.progress.done < 4096
    assert hooks(cross_encoder.model.model) == count
