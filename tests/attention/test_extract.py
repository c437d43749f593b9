"""Attention and norms against transformers' own and against the paper's equations, for every family."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from components.attention import norms
from components.attention.extract import NO_NORMS, extract
from components.attention.pair import Part
from components.attention.words import merge_pieces
from components.errors import ModelProblem
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores
from tests.attention.families import DOCUMENT, QUERY

LONG = "Herons eat fish; the fish eat frogs' eggs, and so on. " * 12


def tensors(model, query, document):
    features = model.preprocess([(query, document)])
    return {name: value for name, value in features.items() if isinstance(value, torch.Tensor)}


def own(model, query, document, **options):
    """transformers' own answer from a model of its own that was set to eager attention in the ordinary way."""
    inner = model.model
    fresh = type(inner)(copy.deepcopy(inner.config))
    if inner.config._attn_implementation != "eager":
        fresh.set_attn_implementation("eager")
    fresh.load_state_dict(inner.state_dict())
    with torch.inference_mode():
        return fresh.eval()(**tensors(model, query, document), output_attentions=True, **options)


def test_weights_are_transformers_own(family):
    model, info = family
    before = model.model.config._attn_implementation
    pair = extract(model, info, QUERY, DOCUMENT)
    expected = own(model, QUERY, DOCUMENT)
    weights = torch.stack([layer[0] for layer in expected.attentions]).numpy()
    assert np.abs(pair.weights - weights).max() < 1e-6
    assert model.model.config._attn_implementation == before
    assert pair.logit == pytest.approx(float(expected.logits[0, 0]), abs=1e-5)


def test_rows_sum_to_one(family):
    model, info = family
    pair = extract(model, info, QUERY, DOCUMENT)
    assert np.abs(pair.weights.sum(-1) - 1).max() < 1e-5
    assert pair.weights.min() >= 0


def no_hooks(inner):
    """No hook on any linear layer, where ours go; transformers leaves hooks of its own on whole blocks."""
    layers = [module for module in inner.modules() if isinstance(module, torch.nn.Linear)]
    return bool(layers) and not any(layer._forward_hooks or layer._forward_pre_hooks for layer in layers)


@torch.inference_mode()
def reference_norms(name, inner, hidden):
    """||(x W_V + b_V) W_O|| head by head, with the matrices read from each family by hand."""
    heads = inner.config.num_attention_heads
    result = []
    for index in range(inner.config.num_hidden_layers):
        x = hidden[index][0].double()
        if name in ("bert", "roberta", "xlm-roberta", "electra"):
            base = {"xlm-roberta": "roberta"}.get(name, name)
            block = getattr(inner, base).encoder.layer[index].attention
            value, output = block.self.value, block.output.dense
        elif name == "distilbert":
            block = inner.distilbert.transformer.layer[index].attention
            value, output = block.v_lin, block.out_lin
        elif name == "mpnet":
            block = inner.mpnet.encoder.layer[index].attention.attn
            value, output = block.v, block.o
        elif name == "albert":
            block = inner.albert.encoder.albert_layer_groups[0].albert_layers[0].attention
            value, output = block.value, block.dense
        elif name == "deberta-v2":
            block = inner.deberta.encoder.layer[index].attention
            value, output = block.self.value_proj, block.output.dense
        elif name == "modernbert":
            layer = inner.model.layers[index]
            x = layer.attn_norm(hidden[index])[0].double()
            value, output = layer.attn.Wqkv, layer.attn.Wo
        else:
            block = inner.deberta.encoder.layer[index].attention
            value, output = block.self.in_proj, block.output.dense
        matrix = value.weight.double()  # (values, model width)
        bias = value.bias.double() if value.bias is not None else torch.zeros(len(matrix), dtype=torch.double)
        width = x.shape[-1] // heads
        of_heads = []
        for head in range(heads):
            rows = slice(head * width, (head + 1) * width)
            if name == "modernbert":  # queries, keys, values
                rows = slice(2 * heads * width + head * width, 2 * heads * width + (head + 1) * width)
            if name == "deberta":  # query, key, value of head 0, then of head 1 ...
                rows = slice(head * 3 * width + 2 * width, head * 3 * width + 3 * width)
            v = x @ matrix[rows].T + bias[rows]
            if name == "deberta":
                v = v + block.self.v_bias.double()[head * width : (head + 1) * width]
            out = output.weight.double()[:, head * width : (head + 1) * width]  # (model width, head width)
            of_heads.append((v @ out.T).norm(dim=-1))
        result.append(torch.stack(of_heads))
    return torch.stack(result).detach().numpy()


def test_norms_are_the_papers(family):
    model, info = family
    pair = extract(model, info, QUERY, DOCUMENT)
    hidden = own(model, QUERY, DOCUMENT, output_hidden_states=True).hidden_states
    expected = reference_norms(info.name, model.model, hidden)
    assert pair.norms is not None
    assert pair.note == ""
    np.testing.assert_allclose(pair.norms, expected, rtol=2e-5)


def test_every_piece_is_in_one_word_and_stands_for_its_text(family):
    model, info = family
    pair = extract(model, info, QUERY, DOCUMENT)
    words = merge_pieces(pair)
    assert sorted(place for word in words for place in word.pieces) == list(range(len(pair.pieces)))
    names = [word.text for word in words if word.part is Part.DOCUMENT]
    assert "don't" in [name.lower() for name in names]
    assert "3.50" in names
    assert "🐟" in names


def test_what_lies_beyond_the_window_is_counted(family):
    model, info = family
    pair = extract(model, info, QUERY, LONG)
    total = len(model.tokenizer(LONG, add_special_tokens=False)["input_ids"])
    assert pair.document_lost == total - len(pair.places(Part.DOCUMENT)) > 0
    assert pair.query_lost == 0
    assert pair.weights.shape[-1] == info.max_tokens


def test_the_scoring_model_is_left_as_it_was(cross_encoder):
    documents = ["Herons eat fish.", "Soup with fennel.", LONG]
    before = cross_encoder.forward([(QUERY, text) for text in documents])
    for text in documents:
        extract(cross_encoder.model, cross_encoder.info, QUERY, text)
    assert cross_encoder.forward([(QUERY, text) for text in documents]) == before  # to the last bit
    assert no_hooks(cross_encoder.model.model)


def test_no_hook_stays_when_a_pass_fails(cross_encoder):
    inner = cross_encoder.model.model
    with pytest.raises(RuntimeError), norms.recording(inner, 12):
        raise RuntimeError("in the middle")
    assert no_hooks(inner)


def test_the_score_is_the_rankings(cross_encoder):
    work = cross_encoder.score(QUERY, [DOCUMENT, LONG], Stores(), Progress())
    try:
        while True:
            next(work)
    except StopIteration as end:
        column = end.value
    for text, score in zip([DOCUMENT, LONG], column.scores, strict=True):
        assert extract(cross_encoder.model, cross_encoder.info, QUERY, text).logit == pytest.approx(
            score.value, abs=1e-4
        )


def test_without_a_value_layer_the_weights_are_raw_and_it_is_said(cross_encoder, monkeypatch):
    monkeypatch.setattr(norms, "VALUE_LAYERS", ("no_such_layer",))
    pair = extract(cross_encoder.model, cross_encoder.info, QUERY, DOCUMENT)
    assert pair.norms is None
    assert pair.note == NO_NORMS


def test_values_that_do_not_give_the_output_are_refused(cross_encoder, monkeypatch):
    """A family whose value layer is named like BERT's but used in another way must not get false norms."""
    monkeypatch.setattr(norms, "VALUE_LAYERS", ("key",))
    assert extract(cross_encoder.model, cross_encoder.info, QUERY, DOCUMENT).norms is None


def test_a_model_without_attention_says_so(cross_encoder, monkeypatch):
    class Silent:
        attentions = None

    monkeypatch.setattr(type(cross_encoder.model.model), "forward", lambda *_, **__: Silent())
    with pytest.raises(ModelProblem, match="does not give its attention weights"):
        extract(cross_encoder.model, cross_encoder.info, QUERY, DOCUMENT)
