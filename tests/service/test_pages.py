"""Compare and Retrieve & re-rank with a service: what they show is the service's, and who answered is said."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER
from components.records import Kind
from components.retrieval.collection import Collection, Query
from components.retrieval.indexing import Indexer, OpenIndexes
from components.retrieval.pipeline import Pipeline, Stage
from components.scoring.forward import driven
from components.scoring.precision import Precision
from components.scoring.scheduler import Progress, Scheduler
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore
from components.texts.chunks import Pooling
from components.ui.compare_data import result_data
from components.ui.compare_flow import CompareFlow, Tools
from components.ui.compare_speed import speed_data
from components.ui.retrieve_data import made as captions
from components.ui.retrieve_flow import RetrieveFlow
from components.ui.retrieve_records import Shared
from components.ui.retrieve_records import Tools as RetrieveTools
from components.ui.service_words import OWN_MODEL, own_model
from components.workspace import Workspace
from tests.service.local_server import hang_up, status

PATIENCE = 200


@pytest.fixture
def scene(pairs, vectors, cross_encoder, bi_encoder, monkeypatch):
    """A visitor on Compare whose two models are served; ``scene.settle()`` is the view at rest."""
    scorers = {DEFAULT_BI_ENCODER: bi_encoder, DEFAULT_CROSS_ENCODER: cross_encoder}
    room = SimpleNamespace(
        settled=True, step="", problems=lambda: (), columns=lambda: tuple(scorers), scorer=scorers.get, statuses={}
    )
    tools = Tools(room, Scheduler(), Stores(), SeenBefore(), "visitor", lambda: True)
    workspace = Workspace(
        query="who mends clocks", documents_text="a watchmaker mends clocks\nplum cake", columns=tuple(scorers)
    )
    flow = CompareFlow()

    def serve(falls_back=False):
        monkeypatch.setattr(cross_encoder, "served", pairs(falls_back=falls_back))
        monkeypatch.setattr(bi_encoder, "served", vectors(falls_back=falls_back))

    def settle():
        for _ in range(PATIENCE):
            view = flow.step(workspace, tools)
            if not view.polling:
                return view
            threading.Event().wait(0.05)
        raise AssertionError("it did not end")

    serve()
    return SimpleNamespace(room=room, workspace=workspace, flow=flow, settle=settle, serve=serve)


def made(scene, view):
    return result_data(view, [], "session", scene.workspace)["made"]


def test_the_caption_says_that_the_service_scored(scene):
    view = scene.settle()
    assert made(scene, view).count("scored by the scoring service (Infinity's form)") == 2
    assert view.notes == ()


def test_a_dead_service_is_one_sentence_and_can_be_tried_again(scene, service):
    service.faults = [status(500)] * 2
    view = scene.settle()
    assert view.shown is None
    assert view.waiting.startswith("The scoring service failed with error 500: ")
    assert view.retry
    scene.flow.retry()
    assert scene.settle().shown is not None


def test_where_it_may_the_own_model_answers_and_is_named(scene, service):
    scene.serve(falls_back=True)
    service.faults = [hang_up] * 4
    view = scene.settle()
    assert [note for note in view.notes if "this server's own" in note] == list(view.notes)
    assert len(view.notes) == 2
    assert "scored by" not in made(scene, view)
    assert "float32 on cpu" in made(scene, view)


@pytest.mark.parametrize("falls_back", [False, True])
def test_chunks_say_who_scored_them(scene, service, falls_back):
    scene.serve(falls_back)
    service.faults = [hang_up] * 4 if falls_back else []
    scene.workspace.pooling = Pooling.MAX
    columns = scene.settle().shown.columns
    assert all(column.scorer.pooling for column in columns)
    assert all(bool(column.scorer.service) is not falls_back for column in columns)


def test_fast_is_the_service_s_own_business(scene):
    said = speed_data(scene.workspace, scene.room)
    assert said["fast_words"].startswith("The scoring service computes the bi-encoder and the cross-encoder:")
    assert "this machine" not in said["fast_words"]
    assert not said["fast_possible"]
    scene.workspace.precision = Precision.FAST
    columns = scene.settle().shown.columns
    assert all(column.scorer.service for column in columns)


def test_retrieve_searches_and_reranks_by_the_service(pairs, vectors, service, bi_encoder, cross_encoder):
    texts = tuple(f"passage {number} about {topic}" for number, topic in enumerate(["clocks", "bread", "bells"] * 5))
    collection = Collection("tiny", tuple(f"d{number}" for number in range(len(texts))), texts)
    opened = []
    list(Indexer(vectors(), OpenIndexes(None)).work(collection, opened.append)(Progress()))
    asked = len(service.questions)
    assert {path for path, _ in service.questions} == {"/embeddings"}
    served = Pipeline(vectors(), pairs())
    run = driven(served.run("who mends clocks", Stage.BI_ENCODER, 10, collection, opened[0], Progress()))
    own = driven(
        Pipeline(bi_encoder, cross_encoder).run(
            "who mends clocks", Stage.BI_ENCODER, 10, collection, opened[0], Progress()
        )
    )
    assert run.hits.scores == pytest.approx(own.hits.scores, abs=1e-4)
    assert run.logits == pytest.approx(own.logits, abs=1e-4)
    assert run.note == ""
    assert run.embed_s > 0
    assert len(service.questions) > asked
    service.faults = [hang_up] * 2
    fallen = driven(
        Pipeline(bi_encoder, pairs(falls_back=True)).run("bells", Stage.BM25, 5, collection, opened[0], Progress())
    )
    assert "this server's own cross-encoder relevance scored instead" in fallen.note


def test_retrieve_says_who_made_its_figures(scene, service, cross_encoder):
    spec = SimpleNamespace(kind=Kind.CROSS_ENCODER, name="relevance")
    scene.room.statuses = {DEFAULT_CROSS_ENCODER: SimpleNamespace(spec=spec)}
    tools = RetrieveTools(scene.room, Scheduler(), Shared(OpenIndexes(None)), "visitor", lambda: True)
    flow = RetrieveFlow()
    texts = ("a watchmaker mends clocks", "plum cake", "bells ring")
    flow.take_collection(Collection("tiny", ("a", "b", "c"), texts, (Query("q", "who mends clocks"),)), "file")
    for _ in range(PATIENCE):
        view = flow.step(tools)
        if not view.polling:
            break
        threading.Event().wait(0.05)
    assert view.run.logits == pytest.approx(
        cross_encoder.forward([("who mends clocks", texts[place]) for place in view.run.hits.places]), abs=1e-4
    )
    assert captions(flow, view).count("scored by the scoring service") == 2
    assert {path for path, _ in service.questions} == {"/rerank", "/embeddings"}


def test_pages_that_look_inside_say_that_they_use_the_own_copy(cross_encoder, bi_encoder, monkeypatch):
    monkeypatch.delenv("RELEVANCE_LAB_RERANK_URL", raising=False)
    assert own_model([cross_encoder.info, bi_encoder.info]) == ""
    monkeypatch.setenv("RELEVANCE_LAB_RERANK_URL", "http://127.0.0.1:9")
    assert own_model([cross_encoder.info]) == OWN_MODEL
    assert own_model([bi_encoder.info]) == ""
    assert cross_encoder.info.kind is Kind.CROSS_ENCODER
