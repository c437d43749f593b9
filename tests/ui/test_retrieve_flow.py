"""The flow of Retrieve & re-rank with stand-ins for both models: what is started, kept, stopped and said."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER
from components.records import Kind, ScorerInfo
from components.retrieval.indexing import OpenIndexes
from components.retrieval.pipeline import Stage
from components.scoring.scheduler import Scheduler
from components.ui.retrieve_data import retrieve_data
from components.ui.retrieve_flow import STOPPED_INDEX, RetrieveFlow
from components.ui.retrieve_records import Shared, Tools
from tests.retrieval.conftest import TinyEmbedder, many


class WordCounter:
    """A cross-encoder that counts the query's letters in a passage."""

    info = ScorerInfo(DEFAULT_CROSS_ENCODER, Kind.CROSS_ENCODER, "counter", "logit", 64, "c0")

    def __init__(self) -> None:
        self.pairs = 0

    def forward(self, pairs: list[tuple[str, str]]) -> list[float]:
        self.pairs += len(pairs)
        return [float(sum(text.count(letter) for letter in query)) for query, text in pairs]

    def token_spans(self, texts: list[str]) -> list[list[tuple[int, int]]]:
        return [[(0, 1)] * len(text.split()) for text in texts]


class Room:
    """Models that are there at once."""

    settled, step = True, ""

    def __init__(self, **scorers) -> None:
        self.scorers = {DEFAULT_BI_ENCODER: TinyEmbedder(), DEFAULT_CROSS_ENCODER: WordCounter(), **scorers}
        spec = SimpleNamespace(kind=Kind.CROSS_ENCODER, name="counter")
        self.statuses = {DEFAULT_CROSS_ENCODER: SimpleNamespace(spec=spec)}

    def scorer(self, key):
        return self.scorers.get(key)

    def problems(self):
        return ()

    def columns(self):
        return tuple(self.scorers)


@pytest.fixture
def tools():
    return Tools(Room(), Scheduler(), Shared(OpenIndexes(None)), "visitor", lambda: True)


def settle(flow, tools):
    """Look until nothing is awaited any more."""
    for _ in range(600):
        view = flow.step(tools)
        if not view.polling:
            return view
        threading.Event().wait(0.02)
    raise AssertionError("it did not settle")


def test_from_the_first_look_to_two_columns(tools):
    flow = RetrieveFlow()
    view = settle(flow, tools)
    assert view.run.query == flow.collection.queries[0].text
    assert view.run.depth == 50
    assert view.judged.ks[-1] == 50
    data = retrieve_data(flow, view, flow.rerankers(tools.room), flow.reranker(tools.room))
    assert len(data["result"]["rows"]) == 55, "fifty, and five below the cut"
    assert len(data["result"]["finding"]) == len(data["result"]["ks"]) == len(data["result"]["ndcg"])
    assert "index" in data["about"]


def test_going_back_to_a_query_computes_nothing(tools):
    flow = RetrieveFlow()
    settle(flow, tools)
    model = tools.room.scorers[DEFAULT_CROSS_ENCODER]
    flow.ask("where are the bees")
    settle(flow, tools)
    pairs = model.pairs
    flow.ask(flow.collection.queries[0].text)
    assert settle(flow, tools).run.depth == 50
    assert model.pairs == pairs
    flow.choose(most=100)
    assert settle(flow, tools).run.depth == 100
    assert model.pairs == pairs + 50, "only what was not scored yet"


def test_an_empty_query_is_said_and_the_old_result_stays(tools):
    flow = RetrieveFlow()
    settle(flow, tools)
    flow.ask("  ")
    view = settle(flow, tools)
    assert "The query is empty" in view.problem
    assert view.stale
    assert view.run is not None
    flow.ask("x" * 2_001)
    assert "2,001 characters" in settle(flow, tools).problem


def test_measuring_all_queries_and_judging_afterwards(tools):
    flow = RetrieveFlow()
    flow.choose(stage=Stage.BM25, most=20)
    flow.measuring.ask()
    view = settle(flow, tools)
    assert len(view.evaluation.queries) == view.evaluation.asked == 60
    assert not flow.measuring.outdated
    flow.judge(flow.collection.ids[0], 3)
    assert flow.measuring.outdated
    taken = flow.taken(view)
    assert len(taken.runs) == 60
    assert taken.k == 20
    data = retrieve_data(flow, view, {}, "")
    assert len(data["all"]["queries"]) == 60


def test_stopping_the_measuring_keeps_what_there_is(tools):
    flow = RetrieveFlow()
    flow.choose(most=200)
    settle(flow, tools)
    flow.measuring.ask()
    while not flow.measuring.evaluations:
        flow.step(tools)
    flow.measuring.stop()
    view = settle(flow, tools)
    assert view.evaluating is None
    assert 0 < len(view.evaluation.queries) <= 60


def test_judging_a_typed_query_gives_it_measures(tools):
    flow = RetrieveFlow()
    flow.ask("something typed")
    view = settle(flow, tools)
    assert view.judged is None
    flow.judge(flow.collection.ids[view.run.hits.places[0]], 2)
    view = settle(flow, tools)
    assert view.judged.recall[0] == 1.0
    flow.judge("no such passage", 2)
    assert len(flow.collection.grades("something typed")) == 1


def test_another_collection_starts_afresh_and_stop_can_be_taken_up(tools):
    flow = RetrieveFlow()
    settle(flow, tools)
    flow.take_collection(many(20_000), "file", "many.txt: 20,000 passages.")
    view = flow.step(tools)
    assert view.indexing is not None
    assert view.run is None
    flow.stop_index()
    view = settle(flow, tools)
    assert view.waiting == STOPPED_INDEX
    assert view.stopped == "index"
    flow.take_collection(many(30), "file", "")
    flow.ask("bees")
    assert len(settle(flow, tools).run.hits) == 30


def test_without_the_cross_encoder_there_is_the_first_stage(tools):
    del tools.room.scorers[DEFAULT_CROSS_ENCODER]
    flow = RetrieveFlow()
    view = settle(flow, tools)
    assert view.run.depth == 0
    data = retrieve_data(flow, view, {}, "")
    assert data["result"]["finding"][0].startswith("First stage only")
    assert data["held_out"] == ""


def test_two_visitors_share_an_index_and_not_a_query(tools):
    first, second = RetrieveFlow(), RetrieveFlow()
    settle(first, tools)
    before = tools.room.scorers[DEFAULT_BI_ENCODER].passes
    second.ask("another thing")
    other = Tools(tools.room, tools.scheduler, tools.shared, "other", lambda: True)
    assert settle(second, other).run.query == "another thing"
    assert tools.room.scorers[DEFAULT_BI_ENCODER].passes == before + 1, "the query alone"
    assert settle(first, tools).run.query == first.query
