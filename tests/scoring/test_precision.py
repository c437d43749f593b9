"""Exact and fast: kept apart, exact untouched, and fast only where the device has the instructions."""

import numpy as np
import pytest
import torch

from components.scoring import precision as module
from components.scoring.chunked import with_chunks
from components.scoring.precision import FastScorer, Precision, fast_dtype, fast_form, half_copy, with_precision
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores
from components.texts.chunks import Pooling

QUERY = "how long do bees live"
DOCUMENTS = ["A worker bee lives about six weeks in summer.", "Honey is sweet.", "A beehive stands in the orchard."]


def column(scorer, stores, documents=DOCUMENTS):
    work = scorer.score(QUERY, documents, stores, Progress())
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


@pytest.fixture(params=["bi_encoder", "cross_encoder"])
def exact(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def fast(exact):
    """Bfloat16 works on every processor; only its speed needs instructions, so this runs everywhere."""
    return FastScorer(exact, "bfloat16")


def test_fast_scores_are_near_and_kept_apart(exact, fast):
    stores = Stores()
    near, true = column(fast, stores), column(exact, stores)
    assert near.computed == true.computed == 3  # neither used the other's scores
    assert (near.scorer.dtype, true.scorer.dtype) == ("bfloat16", "float32")
    assert near.values != true.values
    tolerance = 0.15 if true.scorer.unit == "logit" else 0.02  # bfloat16 has 8 bits of mantissa
    assert np.abs(np.array(near.values) - true.values).max() < tolerance
    assert column(fast, stores).computed == 0
    assert [score.tokens_read for score in near.scores] == [score.tokens_read for score in true.scores]


def test_the_exact_model_is_not_touched(exact, fast):
    before = column(exact, Stores()).values
    column(fast, Stores())
    assert column(exact, Stores()).values == before
    assert {parameter.dtype for parameter in exact.model.parameters()} == {torch.float32}


def test_what_follows_the_transformer_stays_in_float32(cross_encoder):
    """Logits that are multiples of 0.03 would make ties."""
    copied = half_copy(cross_encoder.model, "bfloat16")
    kinds = {name.split(".")[2]: value.dtype for name, value in copied.named_parameters()}
    assert kinds == {"bert": torch.bfloat16, "classifier": torch.float32}
    documents = [f"A bee of hive {number} lives {number} weeks." for number in range(12)]
    logits = FastScorer(cross_encoder, "bfloat16").inner.forward([(QUERY, text) for text in documents])
    assert any(value != float(torch.tensor(value).bfloat16()) for value in logits)


def test_fast_is_for_devices_with_instructions_only(exact, monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert fast_dtype("cpu") == ""
    assert fast_form(exact) is None
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)
    assert fast_form(exact).info.dtype == "bfloat16"
    assert fast_dtype("mps") == "float16"
    for supported, dtype in [(True, "bfloat16"), (False, "float16")]:
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, s=supported: s)
        assert fast_dtype("cuda:0") == dtype


def test_a_fast_scorer_has_no_faster_one(fast):
    assert fast.inner.fast is None


def test_exact_is_used_unless_fast_is_wanted_and_pays(exact, fast, monkeypatch):
    monkeypatch.setattr(exact, "fast", fast)
    assert with_precision(exact, Precision.EXACT) is exact
    assert with_precision(exact, Precision.FAST) is fast
    fast.gain = module.LEAST_GAIN - 0.1
    assert with_precision(exact, Precision.FAST) is exact
    monkeypatch.setattr(exact, "fast", None)
    assert with_precision(exact, Precision.FAST) is exact


def test_chunks_can_be_scored_fast(fast):
    document = "A worker bee lives about six weeks in summer. " * 40
    found = column(with_chunks(fast, Pooling.MAX), Stores(), [document])
    assert found.scores[0].chunks > 1
    assert found.scorer.dtype == "bfloat16"
