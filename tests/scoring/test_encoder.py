"""Our own forward pass against the library's, on small models of each family with made-up weights."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    RobertaConfig,
    RobertaModel,
    XLMRobertaConfig,
    XLMRobertaModel,
)

from components.scoring.encoder import _can_pack, encoder_of
from components.scoring.layout import STEP, Layout

FAMILIES = {
    "bert": (BertModel, BertConfig),
    "roberta": (RobertaModel, RobertaConfig),
    "xlm-roberta": (XLMRobertaModel, XLMRobertaConfig),
}
SIZES = {
    "vocab_size": 80, "hidden_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 96,
    "max_position_embeddings": 120,
}  # fmt: skip
LENGTHS = (1, 7, 16, 17, 40, 3)


def model_of(family, **other):
    torch.manual_seed(5)
    kind, config = FAMILIES[family]
    types = 2 if family == "bert" else 1
    made = kind(config(**{**SIZES, "type_vocab_size": types, **other})).eval()
    with torch.no_grad():
        for name, weights in made.named_parameters():  # norms and biases start at 1 and 0, which would hide mistakes
            weights.add_(torch.randn_like(weights) * (0.05 if "LayerNorm" not in name else 0.2))
    return made


def rows_of(lengths, types=2):
    random = np.random.default_rng(3)
    return [
        {
            "input_ids": random.integers(5, 80, length).tolist(),
            "token_type_ids": sorted(random.integers(0, types, length).tolist()),
            "attention_mask": [1] * length,
        }
        for length in lengths
    ]


def by_library(model, rows):
    """The library's states of each row, read alone and so without padding: a list of (tokens, width)."""
    with torch.inference_mode():
        return [
            model(**{name: torch.tensor([values]) for name, values in row.items()}).last_hidden_state[0].float()
            for row in rows
        ]


@pytest.mark.parametrize("family", FAMILIES)
def test_states_are_the_librarys(family):
    model = model_of(family)
    rows = rows_of(LENGTHS, model.config.type_vocab_size)
    expected = torch.cat(by_library(model, rows))
    with torch.inference_mode():
        states, layout = encoder_of(model).states(rows)
    assert (states - expected).abs().max() < 2e-5
    assert layout.longest == 48
    grid = layout.grid(states)
    assert torch.equal(grid[torch.from_numpy(layout.inside)], states)


@pytest.mark.parametrize("family", FAMILIES)
def test_first_states_are_the_first_of_all(family):
    model = model_of(family)
    rows = rows_of(LENGTHS, model.config.type_vocab_size)
    expected = torch.stack([states[0] for states in by_library(model, rows)])
    with torch.inference_mode():
        first, _ = encoder_of(model).states(rows, first_only=True)
    assert (first - expected).abs().max() < 2e-5


def test_rows_without_types_have_the_first_type():
    model = model_of("bert")
    rows = [{"input_ids": row["input_ids"]} for row in rows_of(LENGTHS)]
    with torch.inference_mode():
        states, _ = encoder_of(model).states(rows)
    assert (states - torch.cat(by_library(model, rows))).abs().max() < 2e-5


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("activation", ["gelu", "relu"])
def test_half_the_bits_stay_near(monkeypatch, packed, activation):
    if not packed:
        monkeypatch.setattr("components.scoring.encoder._can_pack", lambda weight: False)
    elif not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        pytest.skip("this processor has no instructions for bfloat16")
    model = model_of("bert", hidden_act=activation)
    rows = rows_of(LENGTHS)
    expected = torch.cat(by_library(model, rows))
    model.to(torch.bfloat16)
    with torch.inference_mode():
        states, _ = encoder_of(model).states(rows)
    assert states.dtype == torch.bfloat16
    assert (states.float() - expected).abs().max() < 0.15


def test_weights_are_laid_out_beforehand_for_bfloat16_alone():
    weight = model_of("bert").encoder.layer[0].output.dense.weight
    assert not _can_pack(weight)
    assert _can_pack(weight.to(torch.bfloat16)) == torch.ops.mkldnn._is_mkldnn_bf16_supported()


def test_the_model_keeps_its_weights_and_its_gradients():
    """Queries, keys and values become views of one tensor: read and trained as before."""
    model = model_of("bert")
    rows = rows_of(LENGTHS)
    before = {name: weights.clone() for name, weights in model.state_dict().items()}
    with torch.inference_mode():  # as scoring does it
        encoder = encoder_of(model)
    assert all(torch.equal(weights, before[name]) for name, weights in model.state_dict().items())
    attention = model.encoder.layer[0].attention.self
    one = attention.query.weight.untyped_storage().data_ptr()
    assert attention.key.weight.untyped_storage().data_ptr() == one
    ids = torch.tensor([rows[1]["input_ids"]])
    model(input_ids=ids).last_hidden_state.square().sum().backward()
    assert attention.value.weight.grad.abs().max() > 0
    with torch.no_grad():
        attention.value.weight.mul_(1.5)  # the encoder follows
    with torch.inference_mode():
        states, _ = encoder.states(rows)
    assert (states - torch.cat(by_library(model, rows))).abs().max() < 2e-5


def test_threads_keep_their_memory_apart_and_larger_batches_get_more():
    """Four threads at once, small and large batches in turn: each gets its own states."""
    encoder = encoder_of(model_of("bert"))
    batches = [rows_of(LENGTHS[:count]) for count in (2, 6, 1, 5)]
    expected = [torch.cat(by_library(encoder._base, rows)) for rows in batches]
    together = threading.Barrier(4)

    def read(number):
        worst = 0.0
        for turn in range(20):
            place = (number + turn) % 4
            together.wait(60)
            with torch.inference_mode():
                states, _ = encoder.states(batches[place])
            worst = max(worst, float((states - expected[place]).abs().max()))
        return worst

    with ThreadPoolExecutor(4) as pool:
        assert max(pool.map(read, range(4))) < 2e-5


def test_other_families_and_settings_are_left_to_the_library():
    small = DistilBertConfig(vocab_size=80, dim=48, n_layers=1, n_heads=4, hidden_dim=96)
    assert encoder_of(DistilBertModel(small)) is None
    assert encoder_of(model_of("bert", is_decoder=True)) is None
    assert encoder_of(torch.nn.Linear(2, 2)) is None
    assert encoder_of(None) is None


@given(some.lists(some.integers(1, 70), min_size=1, max_size=12))
@settings(deadline=None)
def test_a_layout_puts_every_token_once(lengths):
    layout = Layout.of(lengths)
    tokens = sum(lengths)
    assert layout.longest % STEP == 0
    assert max(lengths) <= layout.longest < max(lengths) + STEP
    assert layout.put[layout.back].tolist() == list(range(tokens))
    assert layout.inside.sum(1).tolist() == lengths
    assert layout.starts.tolist() == [sum(lengths[:row]) for row in range(len(lengths))]
    assert layout.place.tolist() == [place for length in lengths for place in range(length)]
    mask = layout.mask(torch.float32)
    assert (mask is None) == bool(layout.inside.all())
    if mask is not None:
        assert torch.equal(mask[:, 0, 0] == 0, torch.from_numpy(layout.inside))
