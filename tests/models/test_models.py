"""Models come from disk, whole, of the right kind, or there is a sentence."""

import json
import shutil
import threading

import pytest

from components.errors import ModelProblem
from components.models import registry
from components.models.checksums import ALL_MINILM_FILES, sha256, verify
from components.models.loading import load
from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, ModelSpec, neural_models
from components.models.room import LoadState, ModelRoom
from components.records import Kind
from components.scoring.bm25 import BM25Scorer


@pytest.fixture
def copied_package(tmp_path):
    """A copy of the packaged bi-encoder, small files real, weights as a link."""
    source = registry.packaged_bi_encoder()
    target = tmp_path / "model"
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("model.safetensors"))
    (target / "model.safetensors").symlink_to(source / "model.safetensors")
    return target


def test_the_packaged_weights_are_the_published_ones(copied_package):
    assert verify(copied_package, ALL_MINILM_FILES, "m").startswith("53aa5117")


@pytest.mark.parametrize("name", ["tokenizer.json", "vocab.txt", "1_Pooling/config.json", "model.safetensors"])
def test_a_changed_file_is_refused_by_name(copied_package, name):
    (copied_package / name).unlink()
    (copied_package / name).write_text("changed")
    with pytest.raises(ModelProblem, match=f"damaged: {name}"):
        verify(copied_package, ALL_MINILM_FILES, "m")


def test_a_missing_file_is_refused_by_name(copied_package):
    (copied_package / "config.json").unlink()
    with pytest.raises(ModelProblem, match=r"config\.json is missing"):
        verify(copied_package, ALL_MINILM_FILES, "m")


def test_the_default_models_are_on_disk():
    specs = {spec.key: spec for spec in neural_models()}
    assert specs[DEFAULT_BI_ENCODER].folder.is_dir()
    assert (specs[DEFAULT_CROSS_ENCODER].folder / "model.safetensors").stat().st_size < 50_000_000


def test_every_large_file_of_the_repository_stays_under_the_limit():
    assert all(path.stat().st_size < 50_000_000 for path in registry.settings.ASSETS.rglob("*") if path.is_file())


def test_only_one_logit_models_are_offered_for_relevance(tmp_path, monkeypatch):
    monkeypatch.setenv("RELEVANCE_LAB_MODELS", str(tmp_path))
    for name, config in {
        "relevance": {"architectures": ["BertForSequenceClassification"], "id2label": {"0": "relevance"}},
        "another": {"architectures": ["BertForSequenceClassification"], "id2label": {"0": "x"}},
        "entailment": {"architectures": ["BertForSequenceClassification"], "id2label": {"0": "a", "1": "b", "2": "c"}},
        "embedder": {"architectures": ["BertModel"]},
        "broken": None,
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{" if config is None else json.dumps(config))
    assert [spec.name for spec in registry.shipped_cross_encoders()] == ["relevance", "another"]


def test_a_models_place_is_what_others_can_use(tmp_path, monkeypatch):
    of_hub, shipped = registry.neural_models()[:2]
    assert (of_hub.place, shipped.place) == ("sentence-transformers/all-MiniLM-L6-v2", "assets/models/relevance")
    assert shipped.licence == "Apache-2.0"
    monkeypatch.setenv("RELEVANCE_LAB_MODELS", str(tmp_path))  # the operator's own models have their own licence
    own = registry.shipped_cross_encoders()[0]
    assert (own.place, own.licence) == (str(tmp_path / "relevance"), "see its folder")


@pytest.mark.parametrize(("value", "minutes"), [("", 10), ("3", 3), ("0", 0), ("soon", 10), ("-1", 10), ("nan", 10)])
def test_a_number_that_is_none_is_passed_over(monkeypatch, value, minutes):
    monkeypatch.setenv("RELEVANCE_LAB_LET_GO_MINUTES", value)
    monkeypatch.setenv("RELEVANCE_LAB_LOADING_DELAY", value)
    assert registry.settings.let_go_after_s() == minutes * 60
    assert registry.settings.loading_delay_s() == (2.0 if minutes == 10 else minutes)


def test_the_default_cross_encoder_is_listed_even_when_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("RELEVANCE_LAB_MODELS", str(tmp_path))
    (spec,) = registry.shipped_cross_encoders()
    with pytest.raises(ModelProblem, match=r"weights of the model .* are missing"):
        load(spec, "cpu")


def test_a_folder_without_weights_gets_a_sentence(tmp_path):
    spec = ModelSpec("k", Kind.CROSS_ENCODER, "empty", tmp_path, "")
    with pytest.raises(ModelProblem, match=r"weights of the model .* are missing"):
        load(spec, "cpu")


def test_damaged_weights_get_a_sentence(tmp_path):
    shipped = {spec.key: spec for spec in neural_models()}[DEFAULT_CROSS_ENCODER].folder
    for path in shipped.iterdir():
        if path.name != "model.safetensors" and path.is_file():
            shutil.copy(path, tmp_path)
    (tmp_path / "model.safetensors").write_bytes((shipped / "model.safetensors").read_bytes()[:100_000])
    with pytest.raises(ModelProblem, match="may be damaged"):
        load(ModelSpec("k", Kind.CROSS_ENCODER, "cut", tmp_path, ""), "cpu")


def test_a_bi_encoder_that_is_nowhere_gets_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    spec = ModelSpec("k", Kind.BI_ENCODER, "absent", None, "", hub_name="nobody/has-this-model")
    with pytest.raises(ModelProblem, match="not on this machine"):
        load(spec, "cpu")


def test_infos_say_what_the_scores_are(bi_encoder, cross_encoder):
    assert (bi_encoder.info.unit, bi_encoder.info.max_tokens, bi_encoder.info.dtype) == ("cosine", 256, "float32")
    assert (cross_encoder.info.unit, cross_encoder.info.max_tokens, cross_encoder.info.dtype) == (
        "logit",
        512,
        "float32",
    )
    folder = {spec.key: spec for spec in neural_models()}[DEFAULT_CROSS_ENCODER].folder
    assert cross_encoder.info.fingerprint == sha256(folder / "model.safetensors")


def room_of(load_one):
    specs = [ModelSpec(f"k{n}", Kind.CROSS_ENCODER, f"model {n}", None, "") for n in range(2)]
    return ModelRoom(specs, load_one, lambda: "cpu", always_ready=[BM25Scorer()])


def test_the_room_loads_behind_and_says_what_failed():
    def load_one(spec, device):
        if spec.key == "k0":
            raise ModelProblem("the first one is missing")
        return BM25Scorer()

    room = room_of(load_one)
    assert not room.settled
    room.start()
    assert room.wait(30)
    assert room.problems() == ("the first one is missing",)
    assert room.columns() == ("k1", "bm25")
    assert room.scorer("k0") is None
    assert room.scorer("k1") is not None
    assert room.statuses["k1"].state is LoadState.READY


def test_the_room_says_what_it_is_loading_and_starts_once():
    going, go, loaded = threading.Event(), threading.Event(), []

    def load_one(spec, device):
        loaded.append(spec.key)
        going.set()
        go.wait(30)
        return BM25Scorer()

    room = room_of(load_one)
    room.start()
    room.start()
    assert going.wait(30)
    assert room.step == "Loading the cross-encoder model 0 (1 of 2)."
    assert room.columns() == ("k0", "k1", "bm25")  # what is still loading may be chosen
    go.set()
    assert room.wait(30)
    assert loaded == ["k0", "k1"]


def test_an_unexpected_error_while_loading_is_a_sentence_too():
    def load_one(spec, device):
        raise RuntimeError("details")

    room = room_of(load_one)
    room.start()
    assert room.wait(30)
    assert room.problems()[0] == "model 0 cannot be loaded (RuntimeError)."
    assert room.columns() == ("bm25",)
