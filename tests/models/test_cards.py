import json

import pytest

from components.models.cards import Figure, figure
from components.models.registry import DEFAULT_CROSS_ENCODER, neural_models


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.01, 0.05, "ranks better than"),
        (-0.03, 0.04, "ranks not measurably better than"),
        (-0.05, -0.01, "ranks worse than"),
    ],
)
def test_the_sentence_claims_no_more_than_the_interval(low, high, words):
    found = Figure("a set", "nDCG@10", 0.642, 0.646, low, high)
    assert words in found.sentence()
    assert "0.646 against 0.642" in found.sentence()
    assert found.is_advantage == (low > 0)


def test_the_shipped_card_has_its_figure():
    folder = {spec.key: spec for spec in neural_models()}[DEFAULT_CROSS_ENCODER].folder
    row = next(r for r in json.loads((folder / "evaluation.json").read_text())["lines"] if r["name"] == "TREC DL 2019")
    assert figure(folder).cross_encoder == row["cross_encoder"]


def test_a_model_without_a_card_has_no_figure(tmp_path):
    assert figure(tmp_path) is None
    (tmp_path / "evaluation.json").write_text("[]")
    figure.cache_clear()
    assert figure(tmp_path) is None
