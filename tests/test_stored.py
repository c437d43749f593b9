"""The stored result is of the shipped models and the present example."""

import pytest

from components import stored
from components.models.checksums import ALL_MINILM_FILES, sha256
from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, neural_models
from components.texts.examples import FIRST, examples
from tests.scoring.test_parity import run


def test_it_was_made_with_the_shipped_weights():
    hashes = {column.scorer.key: column.scorer.fingerprint for column in stored.load_stored().columns}
    relevance = {spec.key: spec for spec in neural_models()}[DEFAULT_CROSS_ENCODER].folder / "model.safetensors"
    assert hashes == {
        DEFAULT_BI_ENCODER: ALL_MINILM_FILES["model.safetensors"],
        DEFAULT_CROSS_ENCODER: sha256(relevance),
    }


def test_it_is_of_the_first_example_and_marked_with_a_date():
    kept = stored.load_stored()
    example = examples()[FIRST]
    assert (kept.query, tuple(document.text for document in kept.documents)) == (example.query, example.documents)
    assert kept.stored is not None


def test_its_scores_are_what_the_models_say(bi_encoder, cross_encoder):
    kept = stored.load_stored()
    texts = [document.text for document in kept.documents]
    for column, scorer in zip(kept.columns, (bi_encoder, cross_encoder), strict=True):
        assert column.values == pytest.approx(run(scorer, kept.query, texts)[0].values, abs=1e-3)


def test_a_damaged_file_is_no_result(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "FILE", tmp_path / "compare.json")
    assert stored.load_stored() is None
    (tmp_path / "compare.json").write_text('{"columns": 1}')
    assert stored.load_stored() is None
