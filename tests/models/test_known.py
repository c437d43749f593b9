"""The list of well-known models, and a small stand-in of each architecture run as the list says it has to be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer

from components.models.known import KINDS, KnownModel, known, known_models
from components.models.loading import load
from components.models.registry import ModelSpec
from components.records import Kind
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores
from tests.attention.families import FAMILIES, WINDOW, build

QUERY = "what do herons eat"
DOCUMENTS = ["Herons eat fish, frogs and rats.", "The heron waits in shallow water", "a soup of fish"]
MODELS = known_models()


def of_kind(kind: str) -> list[KnownModel]:
    return [model for model in MODELS if model.kind == kind and not model.remote_code]


def run(work):
    """The result of a job's generator."""
    try:
        while True:
            next(work)
    except StopIteration as done:
        return done.value


def test_the_list_has_what_people_ask_for_each_once():
    names = [model.name for model in MODELS]
    assert len(set(names)) == len(names) >= 10
    assert {model.kind for model in MODELS} == set(KINDS)
    for model in MODELS:
        assert model.parameters_million > 0
        assert model.max_tokens >= 128
        assert model.licence
        assert model.about
        assert set(model.prompts) <= {"query", "document"}
        assert (model.kind == "bi-encoder") == (model.pooling in ("mean", "cls"))


def test_a_published_figure_has_its_source():
    with_figures = [model for model in MODELS if model.dl19 is not None]
    assert len(with_figures) >= 5
    for model in with_figures:
        assert 0.3 < model.dl19 < 1
        assert model.source
        assert f"{model.dl19:.3f}" in model.figure
    assert "no published figure" in replace(with_figures[0], dl19=None).figure


def test_names_are_found_whatever_their_capitals():
    assert known(" baai/BGE-small-en-v1.5 ") is known("BAAI/bge-small-en-v1.5") is not None
    assert known("nobody/nothing") is None


def test_a_model_with_code_of_its_own_is_refused_by_the_list():
    refused = [model for model in MODELS if model.remote_code]
    assert refused
    assert all("code of its own" in model.refusal for model in refused)
    assert all(model.refusal == "" for model in MODELS if not model.remote_code)


@pytest.mark.parametrize("model", of_kind("cross-encoder"), ids=lambda model: model.name)
def test_a_cross_encoder_of_the_architecture_gives_its_raw_logits(model, tmp_path):
    build(model.architecture, tmp_path)
    spec = ModelSpec("cross-encoder:test", Kind.CROSS_ENCODER, model.name, tmp_path, model.licence)
    scorer = load(spec, "cpu")
    assert isinstance(scorer, CrossEncoderScorer)
    column = run(scorer.score(QUERY, DOCUMENTS, Stores(), Progress()))

    tokenizer = AutoTokenizer.from_pretrained(str(tmp_path))
    reference = AutoModelForSequenceClassification.from_pretrained(str(tmp_path)).eval()
    with torch.inference_mode():
        expected = [float(reference(**tokenizer(QUERY, text, return_tensors="pt")).logits[0, 0]) for text in DOCUMENTS]
    assert column.values == pytest.approx(expected, abs=1e-4)
    assert max(expected) - min(expected) > 1e-3, "the stand-in must tell texts apart"


def stand_in(model: KnownModel, folder: Path, prompts: dict[str, str]) -> None:
    """A tiny bi-encoder of the model's architecture, pooled as the list says, saved with these prompts in its files."""
    classifier = folder / "classifier"
    build(model.architecture, classifier)
    transformer = folder / "transformer"
    AutoModel.from_pretrained(str(classifier)).save_pretrained(transformer)
    AutoTokenizer.from_pretrained(str(classifier)).save_pretrained(transformer)
    module = Transformer(str(transformer), max_seq_length=WINDOW)
    pooling = Pooling(24, pooling_mode=model.pooling)
    made = SentenceTransformer(modules=[module, pooling, Normalize()], prompts=prompts, device="cpu")
    made.save(str(folder / "saved"))


@pytest.mark.parametrize("says_it", [True, False], ids=["prompts in its files", "prompts from the list"])
@pytest.mark.parametrize("model", of_kind("bi-encoder"), ids=lambda model: model.name)
def test_a_bi_encoder_is_pooled_and_prompted_as_the_list_says(model, says_it, tmp_path):
    assert model.architecture in FAMILIES
    stand_in(model, tmp_path, dict(model.prompts) if says_it else {})
    folder = tmp_path / "saved"
    spec = ModelSpec("bi-encoder:test", Kind.BI_ENCODER, model.name, folder, model.licence)
    scorer = load(spec, "cpu")
    assert isinstance(scorer, BiEncoderScorer)
    column = run(scorer.score(QUERY, DOCUMENTS, Stores(), Progress()))

    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    reference = AutoModel.from_pretrained(str(folder)).eval()

    def vector(text: str) -> np.ndarray:
        with torch.inference_mode():
            states = reference(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
        return (states.mean(0) if model.pooling == "mean" else states[0]).numpy()

    query = vector(model.prompts.get("query", "") + QUERY)
    vectors = [vector(model.prompts.get("document", "") + text) for text in DOCUMENTS]
    expected = [float(one @ query / np.linalg.norm(one) / np.linalg.norm(query)) for one in vectors]
    assert column.scorer.unit == "cosine"
    assert dict(column.scorer.prompts) == dict(model.prompts)
    assert column.values == pytest.approx(expected, abs=1e-4)
