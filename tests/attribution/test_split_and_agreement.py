"""The cosine's split adds up, late interaction is the best match, agreement is scipy's number."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from components.attention.pair import Part
from components.attribution.agreement import Agreement, attention_with_occlusion, methods_sentence, spearman
from components.attribution.cosine_split import split
from components.attribution.gradients import gradient_x_input
from components.attribution.occlusion import occlude
from components.attribution.records import Operator
from components.errors import ModelProblem
from components.scoring.scheduler import Progress
from tests.attribution.conftest import finish

PAIRS = [
    ("what do herons eat", "Herons feed on perch, eels and newts."),
    ("x", "Hydrodynamically unbelievable 🐟 寿司!"),
    ("long", "fish and frogs " * 200),
]


@pytest.mark.parametrize(("query", "document"), PAIRS)
def test_the_split_sums_to_the_models_own_cosine(bi_encoder, query, document):
    found = split(bi_encoder, query, document)
    own = float(
        bi_encoder.model.similarity(bi_encoder.model.encode_query(query), bi_encoder.model.encode_document(document))
    )
    assert float(found.contributions.sum()) == pytest.approx(own, abs=1e-5)
    assert found.contributions.shape == (len(found.query), len(found.document))
    assert found.document[0].part is Part.SPECIAL
    for unit in found.document:
        if unit.part is Part.DOCUMENT:
            assert document[unit.start : unit.end] == unit.text


def test_late_interaction_takes_the_best_token(bi_encoder):
    found = split(bi_encoder, "herons", "herons")
    assert [(one.query, one.document) for one in found.best] == [(one.query, one.query) for one in found.best]
    assert all(one.cosine == pytest.approx(1, abs=1e-4) for one in found.best)


def test_other_pooling_is_one_sentence(bi_encoder, monkeypatch):
    pooling = next(part for part in bi_encoder.model if hasattr(part, "pooling_mode"))
    monkeypatch.setattr(pooling, "pooling_mode", "cls")
    with pytest.raises(ModelProblem, match="does not take the mean"):
        split(bi_encoder, *PAIRS[0])


def test_spearman_is_scipys():
    chance = np.random.default_rng(3)
    for _ in range(20):
        a, b = chance.integers(0, 6, 15), chance.normal(size=15)
        assert spearman(list(a), list(b)) == pytest.approx(spearmanr(a, b).statistic)
    assert spearman([1, 1, 1], [1, 2, 3]) is None


@pytest.mark.parametrize(("rho", "words"), [(0.9, "points to much"), (0.45, "disagree on many"), (0.1, "no more")])
def test_the_agreement_sentence_says_what_the_numbers_say(rho, words):
    assert words in Agreement(rho, (-0.3, 0.0, 0.4), 12).sentence()


def test_agreement_and_methods_on_a_real_pair(cross_encoder, shipped_pair):
    occlusion = finish(occlude(cross_encoder, shipped_pair, Operator.REMOVE, Progress()))
    found = attention_with_occlusion(shipped_pair, occlusion)
    assert len(found.random) == 20
    assert -1 <= found.rho <= 1
    product = finish(gradient_x_input(cross_encoder, shipped_pair, Progress()))
    assert "Spearman" in methods_sentence([occlusion, product])
    assert methods_sentence([occlusion]) == ""
