"""The flow of Retrieve & re-rank with a collection of the operator's folder that memory does not hold."""

from __future__ import annotations

import pytest

from components import settings
from components.models.registry import DEFAULT_BI_ENCODER
from components.retrieval.export import files
from components.retrieval.indexing import OpenIndexes
from components.retrieval.pipeline import Stage
from components.retrieval.shelf import Shelf
from components.scoring.scheduler import Job, Scheduler
from components.ui.retrieve_data import retrieve_data
from components.ui.retrieve_flow import STOPPED_INDEX, RetrieveFlow
from components.ui.retrieve_records import Shared, Tools, work_of
from tests.retrieval.conftest import many
from tests.ui.test_retrieve_flow import Room, settle

NAME = "keepers.txt"
COUNT = 3_000  # TinyEmbedder's vectors are short


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "collections"
    path.mkdir()
    (path / NAME).write_text("\n".join(many(COUNT).texts), encoding="utf-8")
    return path


@pytest.fixture
def tools(tmp_path, folder):
    indexes = OpenIndexes(Shelf(tmp_path / "cache"), most_index_bytes=1_000_000)
    return Tools(Room(), Scheduler(), Shared(indexes, folder=folder), "visitor", lambda: True)


def data_of(flow, tools):
    view = settle(flow, tools)
    return view, retrieve_data(flow, view, flow.rerankers(tools.room), flow.reranker(tools.room))


def test_from_the_folder_to_two_columns_on_disk(tools):
    pytest.importorskip("lancedb", reason="requirements-large.txt is not installed")
    flow = RetrieveFlow()
    _, data = data_of(flow, tools)
    assert data["searches"] == [], "the built-in one is small: in memory, exact"
    flow.reading.ask(tools.shared.folder, NAME)
    view, data = data_of(flow, tools)
    assert flow.source == data["source"] == "folder"
    assert data["name"] == NAME
    assert "3,000 passages" in data["said"]
    assert "The query is empty" in view.problem
    flow.ask("bees in passage 7")
    view, data = data_of(flow, tools)
    assert view.opened.on_disk
    assert view.run.depth == 50
    assert "on disk" in data["about"]
    assert "GB of memory in all, models included" in data["about"]
    assert "k1 1.2" in data["made"]
    assert "exact search on disk" in data["made"]
    assert "NOTE" not in files(flow.taken(view))["pipeline.py"]
    assert "recall@10" in data["made"]

    exact = view.run.hits
    assert [value for value, _ in data["searches"]] == ["exact", "approximate"]
    assert f"finds {100 * view.opened.vectors.recall.value:.0f} of 100" in data["searches"][1][1]
    flow.choose(exact=False)
    view, data = data_of(flow, tools)
    assert data["search"] == "approximate"
    assert "approximate search on disk (the " in data["made"]
    script = files(flow.taken(view))["pipeline.py"]
    assert 'method="lucene", k1=1.2' in script
    assert "search was approximate: measured with 100" in script
    compile(script, "pipeline.py", "exec")
    assert len(set(view.run.hits.places[:10]) & set(exact.places[:10])) >= 5
    flow.choose(stage=Stage.FUSED, exact=True)
    view, _ = data_of(flow, tools)
    assert view.run.stage is Stage.FUSED
    assert len(view.run.hits) == 200
    assert flow.taken(view).collection is flow.collection


def test_a_second_visitor_opens_it_without_reading_it_again(tools):
    pytest.importorskip("lancedb", reason="requirements-large.txt is not installed")
    first, second = RetrieveFlow(), RetrieveFlow()
    for flow in (first, second):
        flow.reading.ask(tools.shared.folder, NAME)
        flow.ask("bees")
        settle(flow, tools)
    assert first.collection.texts is second.collection.texts
    assert tools.room.scorer(DEFAULT_BI_ENCODER).passes < COUNT + 100, "each passage once"
    first.judge("p000003", 2)
    assert second.collection.grades("bees") == {}


def test_a_broken_file_is_said_and_the_old_collection_stays(tools):
    (tools.shared.folder / "bad.jsonl").write_text('{"text": "one"}\n{"text"\n', encoding="utf-8")
    flow = RetrieveFlow()
    settle(flow, tools)
    flow.reading.ask(tools.shared.folder, "bad.jsonl")
    view, data = data_of(flow, tools)
    assert "Line 2 of bad.jsonl is broken" in view.problem
    assert data["source"] == "built-in"
    assert view.run is not None


@pytest.mark.parametrize("name", ["../../etc/passwd", "gone.txt", "/etc/hosts", ""])
def test_only_names_of_the_folder_are_opened(tools, name):
    flow = RetrieveFlow()
    flow.reading.ask(tools.shared.folder, name)
    view = settle(flow, tools)
    assert "is not among this server's collections" in view.problem
    flow.reading.ask(None, NAME)
    assert "is not among" in settle(flow, tools).problem
    flow.take_collection(many(30), "file", "")
    flow.ask("bees")
    assert settle(flow, tools).problem == ""


def test_stop_while_a_large_one_is_made_and_go_on(tools):
    pytest.importorskip("lancedb", reason="requirements-large.txt is not installed")
    flow = RetrieveFlow()
    flow.reading.ask(tools.shared.folder, NAME)
    for _ in range(10_000):
        view = flow.step(tools)
        if flow.source == "folder" and view.indexing is not None:
            break
    assert view.indexing.unit == "passages"
    flow.stop_index()
    assert settle(flow, tools).waiting == STOPPED_INDEX
    flow.go_on()
    flow.ask("bees")
    assert settle(flow, tools).opened.on_disk


def test_what_is_to_be_installed_is_said_in_the_page(tools, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "lancedb", None)
    flow = RetrieveFlow()
    flow.reading.ask(tools.shared.folder, NAME)
    view = settle(flow, tools)
    assert "pip install -r requirements-large.txt" in view.waiting
    assert view.stopped == "index"


def test_what_was_kept_from_before_says_nothing_about_the_rate():
    """Else an index that is gone on with would be said to be done in a moment."""
    job = Job("visitor", "index", lambda _: iter(()))
    job.submitted_at -= 10
    job.progress.total, job.progress.done, job.progress.kept = 3_000, 1_100, 1_000
    work = work_of(job)
    assert work.rate == pytest.approx(10, rel=0.01)
    assert work.left_s == pytest.approx(190, rel=0.01)
    job.progress.done = 1_000
    assert work_of(job).left_s is None


def test_what_the_operator_sets(monkeypatch, tmp_path):
    for name in ("COLLECTIONS", "ARRAY_MB", "CACHE_GB"):
        monkeypatch.delenv(f"RELEVANCE_LAB_{name}", raising=False)
    assert settings.collections_folder() is None
    assert settings.most_index_bytes() is None
    assert settings.most_cache_bytes() == 2 * 1024**3
    monkeypatch.setenv("RELEVANCE_LAB_COLLECTIONS", str(tmp_path))
    monkeypatch.setenv("RELEVANCE_LAB_ARRAY_MB", "300")
    monkeypatch.setenv("RELEVANCE_LAB_CACHE_GB", "5")
    assert settings.collections_folder() == tmp_path
    assert settings.most_index_bytes() == 300_000_000
    assert settings.most_cache_bytes() == 5 * 1024**3
    monkeypatch.setenv("RELEVANCE_LAB_ARRAY_MB", "much")
    assert settings.most_index_bytes() is None
