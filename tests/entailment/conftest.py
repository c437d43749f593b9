"""The shipped entailment model, tiny classifiers of other shapes, and records made by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from components.entailment.records import Judged, JudgedPair, Mode, Question, Similarity
from components.models.classifiers import DEFAULT_CLASSIFIER, find_classifier
from components.models.loading import load_classifier, prepare_torch
from components.records import Kind, PairClasses, Reading, ScorerInfo
from components.scoring.classifier import Classifier

LABELS = ("entailment", "neutral", "contradiction")
MODEL = ScorerInfo("classifier:made", Kind.CROSS_ENCODER, "made", "probability", 512, "abc")
BI = ScorerInfo("bi-encoder:made", Kind.BI_ENCODER, "made-bi", "cosine", 256)
READ = Reading(3, 3)


def finish(work):
    """Run a job's work to its end and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """The shipped entailment model with its real weights."""
    return load_classifier(find_classifier(DEFAULT_CLASSIFIER), prepare_torch())


def save_tiny(folder: Path, labels: list[str], tokenizer_from: Path, seed: int = 7) -> Path:
    """A tiny seeded BERT classifier with these labels, saved as sentence-transformers would load it."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=30522,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        id2label=dict(enumerate(labels)),
        label2id={label: place for place, label in enumerate(labels)},
    )
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        model.classifier.weight.mul_(40)  # so that classes differ from pair to pair
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tokenizer_from / name, folder)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "model_max_length": 64}))
    return folder


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    """A models folder with classifiers of other kinds beside what is no classifier."""
    shipped = find_classifier(DEFAULT_CLASSIFIER).folder
    root = tmp_path_factory.mktemp("models")
    save_tiny(root / "two", ["not_entailment", "entailment"], shipped)
    save_tiny(root / "moods", ["gloomy", "cheerful", "<b>odd</b>", "calm"], shipped)
    save_tiny(root / "one", ["relevance"], shipped)
    (root / "embedder").mkdir()
    (root / "embedder" / "config.json").write_text(json.dumps({"architectures": ["BertModel"]}))
    (root / "pickled").mkdir()
    three = {"architectures": ["BertForSequenceClassification"], "id2label": {"0": "a", "1": "b", "2": "c"}}
    (root / "pickled" / "config.json").write_text(json.dumps(three))
    (root / "pickled" / "pytorch_model.bin").write_bytes(b"\x80")
    (root / "remote").mkdir()
    with_code = three | {"auto_map": {"AutoModelForSequenceClassification": "modeling.Mine"}}
    (root / "remote" / "config.json").write_text(json.dumps(with_code))
    (root / "broken").mkdir()
    (root / "broken" / "config.json").write_text("{")
    return root


def classes(*logits: float, labels: tuple[str, ...] = LABELS, first: Reading = READ, second: Reading = READ):
    return PairClasses(labels, logits, first, second)


def judged(*rows, mode: Mode = Mode.HYPOTHESES, labels: tuple[str, ...] = LABELS, bi: ScorerInfo | None = BI) -> Judged:
    """A judgment of rows (logits, swapped logits or None, cosine or None)."""
    made = []
    for number, (logits, swapped, cosine) in enumerate(rows, 1):
        pair = (
            ("The premise.", f"Hypothesis {number}.") if mode is Mode.HYPOTHESES else (f"Sentence {number}.", "Claim.")
        )
        similarity = None if cosine is None else Similarity(cosine, cosine)
        back = None if swapped is None else classes(*swapped, labels=labels)
        made.append(JudgedPair(number, *pair, classes(*logits, labels=labels), back, similarity))
    question = Question(mode, tuple((row.premise, row.hypothesis) for row in made))
    return Judged(question, tuple(made), MODEL, labels, bi, len(made), 0, 0.01)
