"""Classes are sentence-transformers' own; other labels are used as they are; what cannot be used is one sentence."""

from __future__ import annotations

import numpy as np
import pytest
from sentence_transformers import CrossEncoder

from components.entailment.classes import Meaning, fitting, meaning
from components.errors import ModelProblem
from components.models import classifiers, machine_memory
from components.models.classifiers import find_classifier, shipped_classifiers
from components.models.loading import load_classifier
from components.scoring.classifier import Classifier
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores
from tests.entailment.conftest import LABELS, finish

PAIRS = [
    ("A man is asleep on a bench.", "A man is running."),
    ("Every window was cleaned.", "Some windows were cleaned."),
    ("Lagos lost.", ""),
    ("🦉 Eulen jagen nachts.", "Owls hunt at night."),
    ("word " * 500, "other " * 300),
    ("A man is asleep on a bench.", "A man is running."),
]


def test_probabilities_are_the_softmax_of_predict(classifier):
    made = finish(classifier.classify(PAIRS, Stores(), Progress()))
    fresh = CrossEncoder(str(find_classifier("entailment").folder), local_files_only=True)
    expected = fresh.predict(PAIRS, apply_softmax=True, show_progress_bar=False)
    assert np.abs(np.array([one.probabilities for one in made]) - expected).max() < 1e-4
    assert classifier.labels == LABELS
    assert [one.top for one in made] == expected.argmax(1).tolist()


def test_what_is_known_is_not_computed_again(classifier, monkeypatch):
    stores, progress = Stores(), Progress()
    first = finish(classifier.classify(PAIRS, stores, progress))
    assert progress.done == len(PAIRS)
    monkeypatch.setattr(classifier, "forward", lambda pairs: pytest.fail("computed again"))
    assert finish(classifier.classify(PAIRS[::-1], stores, Progress())) == first[::-1]
    assert first[0] == first[5]


def test_direction_matters_for_the_key(classifier):
    stores = Stores()
    there, back = finish(classifier.classify([PAIRS[1], PAIRS[1][::-1]], stores, Progress()))
    assert there.logits != back.logits
    assert len(stores.classes) == 2


def test_tokens_read_and_lost_are_the_tokenizers(classifier):
    (made,) = finish(classifier.classify([PAIRS[4]], Stores(), Progress()))
    sides = classifier.model.tokenizer(*PAIRS[4], truncation="longest_first", max_length=512).sequence_ids(0)
    assert (made.first.tokens_read, made.first.tokens_total) == (sides.count(0), 500)
    assert (made.second.tokens_read, made.second.tokens_total) == (sides.count(1), 300)
    assert PAIRS[4][0][: made.first.cut].split() == ["word"] * sides.count(0)


def test_a_class_is_a_scorer_whose_score_is_its_logit(classifier):
    made = finish(classifier.classify(PAIRS[:3], Stores(), Progress()))
    for index in range(3):
        scorer = classifier.of_class(index)
        assert scorer.forward(PAIRS[:3]) == pytest.approx([one.logits[index] for one in made], abs=1e-4)
        assert scorer.info.unit == f"logit of “{LABELS[index]}”"
    keys = {classifier.of_class(index).info.key for index in range(3)}
    assert len(keys) == 3


def test_a_class_is_scored_as_the_model_was_tried_out(classifier, monkeypatch):
    """A scorer of a class is made at every look through the glass: it must not compare the two passes anew."""
    classifier.warm_up()
    monkeypatch.setattr("components.scoring.passes.Passes._proved", lambda *_: pytest.fail("tried out again"))
    assert len(classifier.of_class(0).forward(PAIRS[:2])) == 2


def test_other_labels_are_used_as_they_are(models, monkeypatch):
    monkeypatch.setenv("RELEVANCE_LAB_MODELS", str(models))
    made = load_classifier(find_classifier("moods"), "cpu")
    assert made.labels == ("gloomy", "cheerful", "<b>odd</b>", "calm")
    (one,) = finish(made.classify([PAIRS[0]], Stores(), Progress()))
    expected = CrossEncoder(str(models / "moods"), local_files_only=True).predict([PAIRS[0]], apply_softmax=True)
    assert one.probabilities == pytest.approx(expected[0].tolist(), abs=1e-4)


def test_only_models_with_classes_are_listed_the_default_first(models, monkeypatch):
    monkeypatch.setenv("RELEVANCE_LAB_MODELS", str(models))
    names = [spec.name for spec in shipped_classifiers()]
    assert names[0] == "entailment"  # listed even where it is missing
    assert set(names) == {"entailment", "two", "moods", "pickled", "remote"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("one", "has one output, a relevance score, and this page needs a model with classes: choose “entailment”"),
        ("embedder", "is no cross-encoder"),
        ("broken", "is no cross-encoder"),
        ("pickled", "pickle file only"),
        ("remote", "code of its own"),
        ("absent", "There is no model “absent” in the models folder"),
        ("nobody/has-this", "in the Hub's cache on this machine"),
        ("../one", "no model's name"),
        ("a/b/c", "no model's name"),
        ("", "no model's name"),
        ("<script>", "no model's name"),
        ("x" * 500, "no model's name"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_with_what_to_do(models, monkeypatch, tmp_path, name, words):
    monkeypatch.setenv("RELEVANCE_LAB_MODELS", str(models))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelProblem) as error:
        find_classifier(name)
    assert words in str(error.value)
    assert "choose" in str(error.value) or "type" in str(error.value)


def test_a_relevance_model_is_refused_when_it_is_loaded_too(cross_encoder):
    with pytest.raises(ModelProblem, match="one output"):
        Classifier(cross_encoder.model, cross_encoder.info)


def test_a_hub_model_in_the_cache_is_found(models, monkeypatch, tmp_path):
    snapshot = tmp_path / "models--somebody--nli" / "snapshots" / "0123"
    snapshot.parent.mkdir(parents=True)
    snapshot.symlink_to(models / "two")
    (tmp_path / "models--somebody--nli" / "refs").mkdir()
    (tmp_path / "models--somebody--nli" / "refs" / "main").write_text("0123")
    monkeypatch.setenv("RELEVANCE_LAB_HUB_CACHE", str(tmp_path))
    spec = find_classifier("somebody/nli")
    assert load_classifier(spec, "cpu").labels == ("not_entailment", "entailment")


def test_below_the_memory_limit_only_the_relevance_models_are_loaded(monkeypatch):
    monkeypatch.setattr(machine_memory, "total_bytes", lambda: 1_000_000_000)
    with pytest.raises(ModelProblem, match=r"This server has 1\.0 GB of memory.*from 1\.2 GB on"):
        find_classifier("entailment")
    monkeypatch.setattr(machine_memory, "total_bytes", lambda: int(classifiers.SMALLEST_MEMORY))
    monkeypatch.setattr(machine_memory, "free_bytes", lambda: 100_000_000)
    with pytest.raises(ModelProblem, match=r"more than half of the 0\.1 GB that are free"):
        find_classifier("entailment")


def test_a_containers_limit_counts(tmp_path, monkeypatch):
    limit, used = tmp_path / "memory.max", tmp_path / "memory.current"
    monkeypatch.setattr(machine_memory, "_LIMITS", (tmp_path / "none", limit))
    monkeypatch.setattr(machine_memory, "_USED", (used,))
    limit.write_text("1000\n")
    used.write_text("400\n")
    assert (machine_memory.total_bytes(), machine_memory.free_bytes()) == (1000, 600)
    limit.write_text("max\n")
    assert machine_memory.total_bytes() > 10**8


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("ENTAILMENT", Meaning.ENTAILMENT),
        ("contradiction", Meaning.CONTRADICTION),
        ("Neutral", Meaning.NEUTRAL),
        ("not_entailment", Meaning.NOT_ENTAILMENT),
        ("non-entailment", Meaning.NOT_ENTAILMENT),
        ("LABEL_0", Meaning.OTHER),
    ],
)
def test_meanings_are_read_from_labels(label, expected):
    assert meaning(label) is expected


def test_what_an_expected_label_asks_of_a_model():
    assert fitting(("contradiction", "entailment", "neutral"), "neutral") == 2
    assert [fitting(("entailment", "not_entailment"), one) for one in LABELS] == [0, 1, 1]
    assert fitting(("LABEL_0", "LABEL_1"), "entailment") is None
