"""What is exported loads by ``CrossEncoder(path)`` alone, with the logits of the model that was trained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from sentence_transformers import CrossEncoder
from torch import nn

from components.training.export import average, export, fingerprint, fold
from components.training.scoring import encode_pairs, pad

LEFT = ["who eats fish", "a short query"]
RIGHT = ["Cats eat fish. " * 30, "Dogs chase cats."]


def own_logits(model: nn.Module, tokenizer: object) -> torch.Tensor:
    with torch.inference_mode():
        return model.eval()(**pad(encode_pairs(tokenizer, LEFT, RIGHT, 512), torch.device("cpu"))).logits


def test_round_trip_by_cross_encoder_alone(tmp_path: Path, tiny_model: nn.Module, tokenizer: object) -> None:
    fold(tiny_model, 2.0, -1.0)
    tiny_model.half().float()  # so that rounding to 16 bits changes nothing more
    export(tiny_model, tmp_path, ["relevance"])
    loaded = CrossEncoder(str(tmp_path), device="cpu")
    assert next(loaded.model.parameters()).dtype == torch.float32
    found = loaded.predict(list(zip(LEFT, RIGHT, strict=True)), convert_to_tensor=True)
    assert found.tolist() == pytest.approx(own_logits(tiny_model, tokenizer)[:, 0].tolist(), abs=1e-5)
    assert loaded.max_seq_length == 512


def test_config_says_what_loading_needs(tmp_path: Path, tiny_model: nn.Module) -> None:
    export(tiny_model, tmp_path, ["relevance"])
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["dtype"] == "float32"
    assert config["id2label"] == {"0": "relevance"}
    assert config["sentence_transformers"]["activation_fn"] == "torch.nn.modules.linear.Identity"
    assert "_name_or_path" not in config
    assert len(fingerprint(tmp_path)) == 64


def test_fold_scales_and_shifts_logits(tiny_model: nn.Module, tokenizer: object) -> None:
    before = own_logits(tiny_model, tokenizer)
    fold(tiny_model, 3.0, 0.5)
    assert torch.allclose(own_logits(tiny_model, tokenizer), 3.0 * before + 0.5, atol=1e-5)


def test_weights_too_large_for_16_bits_are_refused(tmp_path: Path, tiny_model: nn.Module) -> None:
    with torch.no_grad():
        tiny_model.classifier.bias.fill_(1e9)
    with pytest.raises(ValueError, match=r"classifier\.bias"):
        export(tiny_model, tmp_path, ["relevance"])


def test_average_is_the_weighted_mean(tmp_path: Path, tiny_model: nn.Module) -> None:
    for name, value in (("one", 1.0), ("two", 4.0)):
        with torch.no_grad():
            tiny_model.classifier.bias.fill_(value)
        export(tiny_model, tmp_path / name, ["relevance"])
    mixed = average([tmp_path / "one", tmp_path / "two"], [1.0, 2.0])
    assert mixed["classifier.bias"].item() == pytest.approx((1.0 + 2 * 4.0) / 3)
    with pytest.raises(ValueError, match="give one for each"):
        average([tmp_path / "one"], [1.0, 2.0])
