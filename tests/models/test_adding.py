"""Adding a model: from a Hub of our own or a folder, refused in a sentence, let go when nobody uses it."""

from __future__ import annotations

import gc
import json
import time
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.errors import ModelProblem
from components.models import adding as adding_module
from components.models.adding import AddState, add, hub_problem
from components.models.files import ModelFiles, check, files_in
from components.models.hub import cached, find_on_disk
from components.models.loading import load
from components.models.room import ModelRoom
from components.records import Kind
from components.scoring.bm25 import BM25Scorer
from tests.models.fake_hub import fake_hub, tiny_bi_encoder, tiny_cross_encoder

MOST = 10**9


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Folders of tiny models: of both kinds, and some that must be refused."""
    base = tmp_path_factory.mktemp("tiny")
    made = {"cross": tiny_cross_encoder(base / "cross"), "bi": tiny_bi_encoder(base / "bi")}
    made["three"] = tiny_cross_encoder(base / "three", labels=3)
    pickle = tiny_cross_encoder(base / "pickle")
    (pickle / "model.safetensors").rename(pickle / "pytorch_model.bin")
    remote = tiny_bi_encoder(base / "remote")
    config = json.loads((remote / "config.json").read_text())
    (remote / "config.json").write_text(
        json.dumps({**config, "model_type": "NewModel", "auto_map": {"AutoModel": "x"}})
    )
    plain = tiny_bi_encoder(base / "plain")
    (plain / "modules.json").unlink()
    return {**made, "pickle": pickle, "remote": remote, "plain": plain}


@pytest.fixture
def room():
    made = ModelRoom([], load, lambda: "cpu", always_ready=[BM25Scorer()])
    made.start()
    assert made.wait(60)
    return made


@pytest.fixture
def hub(tiny, tmp_path, monkeypatch):
    """The Hub with the tiny models, an empty cache, and the environment of a server that may ask."""
    monkeypatch.setenv("RELEVANCE_LAB_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    with fake_hub({f"owner/{name}": folder for name, folder in tiny.items()}) as (url, asked):
        monkeypatch.setenv("HF_ENDPOINT", url)
        yield asked


def ended(adding):
    """Wait for what comes of a wish."""
    deadline = time.monotonic() + 120
    while adding.state is AddState.WORKING:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return adding


@pytest.mark.parametrize(("name", "kind"), [("owner/cross", Kind.CROSS_ENCODER), ("owner/bi", Kind.BI_ENCODER)])
def test_a_model_from_the_hub_is_fetched_loaded_and_kept(hub, room, name, kind):
    added = ended(add(name, kind, room, is_local=True))
    assert added.message.startswith(f"{name} is loaded")
    scorer = room.scorer(added.key)
    assert (scorer.info.kind, scorer.info.name) == (kind, name)
    assert room.statuses[added.key].parameters > 1000
    assert room.statuses[added.key].spec.licence == "mit"
    assert added.key in room.columns()
    assert cached(name).is_dir()
    before = len(hub)
    again = ModelRoom([], load, lambda: "cpu")
    again.start()
    assert ended(add(name, kind, again, is_local=True)).state is AddState.READY
    assert len(hub) == before, "what is in the cache is not asked for again"


def test_an_added_bi_encoder_keeps_its_prompts_and_similarity(hub, room):
    info = room.scorer(ended(add("owner/bi", Kind.BI_ENCODER, room, is_local=True)).key).info
    assert dict(info.prompts) == {"query": "query: ", "document": "passage: "}
    assert (info.unit, info.max_tokens) == ("cosine", 64)


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("owner/bi", Kind.CROSS_ENCODER, "is a bi-encoder"),
        ("owner/cross", Kind.BI_ENCODER, "is a cross-encoder"),
        ("owner/three", Kind.CROSS_ENCODER, "has 3 outputs"),
        ("owner/pickle", Kind.CROSS_ENCODER, "only as pickle"),
        ("owner/remote", Kind.BI_ENCODER, "runs no code of others"),
        ("owner/plain", Kind.BI_ENCODER, "neither a bi-encoder nor a cross-encoder"),
        ("owner/nothing", Kind.BI_ENCODER, "There is no model “owner/nothing” on the Hub"),
        ("../../etc/passwd", Kind.BI_ENCODER, "neither a name on the Hub"),
        ("a b c", Kind.BI_ENCODER, "neither a name on the Hub"),
        ("", Kind.BI_ENCODER, "Type a model's name"),
    ],
)
def test_what_cannot_be_had_is_said_within_five_seconds(hub, room, name, kind, words):
    import transformers  # noqa: F401  (what is measured is the answer, not the first import)

    started = time.monotonic()
    refused = ended(add(name, kind, room, is_local=True))
    assert refused.state is AddState.FAILED
    assert words in refused.message
    assert refused.message.count(". ") == 0, "one sentence"
    assert time.monotonic() - started < 5
    assert room.columns() == ("bm25",)
    assert not any(path.endswith((".safetensors", ".bin")) for path in hub), "nothing large is fetched to refuse it"


def test_a_hub_that_does_not_answer_is_given_up(room, tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("RELEVANCE_LAB_HUB_CACHE", str(tmp_path))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with fake_hub({}, delay_s=30) as (url, _):
        monkeypatch.setenv("HF_ENDPOINT", url)
        started = time.monotonic()
        refused = ended(add("owner/slow", Kind.BI_ENCODER, room, is_local=True))
        assert "the Hub cannot be reached" in refused.message
        assert time.monotonic() - started < 5
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "the Hub cannot be reached" in ended(add("owner/x", Kind.BI_ENCODER, room, is_local=True)).message
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "switched off here" in ended(add("owner/x", Kind.BI_ENCODER, room, is_local=True)).message


def test_too_large_a_model_is_refused_before_it_is_fetched(hub, room, monkeypatch):
    monkeypatch.setattr(adding_module, "free_bytes", lambda: 100_000)
    refused = ended(add("owner/cross", Kind.CROSS_ENCODER, room, is_local=True))
    assert "choose a smaller model" in refused.message
    assert not any(path.endswith(".safetensors") for path in hub)


def test_a_folder_has_to_lie_inside_an_allowed_one(tiny, tmp_path, monkeypatch, room):
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (allowed / "mine").symlink_to(tiny["cross"])  # leads out of the folder
    monkeypatch.setenv("RELEVANCE_LAB_MODEL_FOLDERS", str(allowed))
    assert find_on_disk("mine") is None
    assert find_on_disk(str(tiny["cross"])) is None
    assert find_on_disk("../../..") is None
    assert find_on_disk("relevance")[1] == "relevance"
    monkeypatch.setenv("RELEVANCE_LAB_MODEL_FOLDERS", str(tiny["cross"].parent))
    added = ended(add("cross", Kind.CROSS_ENCODER, room, is_local=False))
    assert added.state is AddState.READY
    assert added.key == "cross-encoder:cross"


@pytest.mark.parametrize(
    ("rule", "is_local", "words"),
    [
        ("", True, ""),
        ("", False, "only for visitors on the server's own machine"),
        ("off", True, "switched that off"),
        ("any", False, ""),
        ("owner/a, owner/b", False, ""),
        ("owner/b", True, "not among the models"),
    ],
)
def test_the_operator_says_who_may_ask_the_hub(monkeypatch, rule, is_local, words):
    monkeypatch.setenv("RELEVANCE_LAB_HUB", rule)
    assert words in hub_problem("owner/a", is_local)
    assert bool(hub_problem("owner/a", is_local)) == bool(words)


def test_models_nobody_uses_are_let_go(tiny, monkeypatch, room):
    monkeypatch.setenv("RELEVANCE_LAB_MODEL_FOLDERS", str(tiny["cross"].parent))
    key = ended(add("cross", Kind.CROSS_ENCODER, room, is_local=False)).key
    model = weakref.ref(room.scorer(key).model)
    here = {"visitor": True}
    room.use("visitor", lambda: here["visitor"], ["bm25", key])
    assert room.let_go(0.0) == (), "somebody has it as a column"
    room.use("visitor", lambda: here["visitor"], ["bm25"])
    assert room.let_go(600.0) == (), "it was in use a moment ago"
    room.use("visitor", lambda: here["visitor"], ["bm25", key])
    here["visitor"] = False
    assert room.let_go(0.0) == (key,)
    assert room.columns() == ("bm25",)
    gc.collect()
    assert model() is None, "its memory is free again"


def test_visitors_who_have_gone_are_forgotten(room):
    for number in range(1000):
        room.use(f"visitor {number}", lambda: False, ["bm25"])
    assert len(room._users) <= 101


def test_a_model_that_is_loaded_is_not_loaded_again(tiny, monkeypatch, room):
    monkeypatch.setenv("RELEVANCE_LAB_MODEL_FOLDERS", str(tiny["cross"].parent))
    first = room.scorer(ended(add("cross", Kind.CROSS_ENCODER, room, is_local=False)).key)
    assert room.scorer(ended(add("cross", Kind.CROSS_ENCODER, room, is_local=False)).key) is first


def test_a_damaged_folder_is_a_sentence_and_the_others_stay(tiny, tmp_path, monkeypatch, room):
    folder = tmp_path / "models" / "cut"
    folder.mkdir(parents=True)
    for path in tiny["cross"].iterdir():
        (folder / path.name).write_bytes(path.read_bytes()[: 5000 if path.suffix == ".safetensors" else None])
    monkeypatch.setenv("RELEVANCE_LAB_MODEL_FOLDERS", str(folder.parent))
    refused = ended(add("cut", Kind.CROSS_ENCODER, room, is_local=True))
    assert "may be damaged" in refused.message
    assert room.columns() == ("bm25",)


contents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["architectures", "id2label", "auto_map", "model_type", "type", "path", "num_labels"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(
    contents, contents, st.dictionaries(st.text(max_size=12), st.integers(0, 10**6), max_size=4), st.sampled_from(Kind)
)
def test_any_files_are_taken_or_refused_in_a_sentence(config, modules, sizes, kind):
    files = ModelFiles("owner/x", sizes, {"config.json": config, "modules.json": modules})
    said = "owner/x is fine"
    try:
        check(files, kind, MOST)
    except ModelProblem as problem:
        said = str(problem)
    assert said.startswith("owner/x ")


def test_the_shipped_models_pass_their_own_check(bi_encoder, cross_encoder):
    from components.models.registry import neural_models

    for spec in neural_models():
        check(files_in(spec.folder, spec.name), spec.kind, MOST)
