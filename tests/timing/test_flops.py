"""Operations counted from the shape are those that torch counts while the model runs."""

from __future__ import annotations

import pytest

from components.timing.flops import Shape
from components.timing.stages import runners


def test_by_hand():
    assert Shape(layers=2, width=3, feed_forward=5).flops(7) == 2 * (8 * 7 * 9 + 4 * 49 * 3 + 4 * 7 * 3 * 5) + 2 * 9


def test_padding_is_computed_too():
    shape = Shape(6, 384, 1536)
    assert shape.flops_of([(3, 9), (2, 100)]) == 3 * shape.flops(9) + 2 * shape.flops(100)


@pytest.mark.parametrize("words", [3, 60, 200])
def test_as_torch_counts_them(bi_encoder, cross_encoder, words):
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    bi, cross = runners(bi_encoder, cross_encoder)
    text = "fish " * words
    for runner, texts in ((bi, [text, text]), (cross, [("herons eat", text)])):
        model = runner.model[0].auto_model
        kept = model.config._attn_implementation
        model.set_attn_implementation("eager")  # the fused kernel of the CPU is not in torch's list
        try:
            features = runner.features(texts)
            with FlopCounterMode(display=False) as counter, torch.inference_mode():
                runner.model(features)
        finally:
            model.set_attn_implementation(kept)
        rows, longest = features["input_ids"].shape
        assert runner.shape().flops_of([(rows, longest)]) == pytest.approx(counter.get_total_flops(), rel=1e-3)
