"""The Tokens page without a browser: which pair is read, what is kept, what is said when something is missing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components.attention.payload import decode
from components.models.registry import ModelSpec
from components.models.room import LoadState, ModelStatus
from components.records import Kind
from components.scoring.scheduler import Progress, Scheduler
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore
from components.texts.paste import Split
from components.ui.compare_flow import Tools
from components.ui.tokens_data import map_data, rank_words
from components.ui.tokens_export import offline_page
from components.ui.tokens_flow import KEPT_MAPS, NO_MODEL, TokensFlow
from components.workspace import Workspace

APP = Path(__file__).resolve().parent.parent.parent / "app.py"
QUERY = "what do herons eat"
TEXTS = ["Herons eat fish.", "Soup with fennel.", "</script><b>Herons</b> eat frogs & newts."]
VIEW = {"layer": 2, "head": 9, "heads": "one", "weighting": "norm", "direction": "query-document", "pieces": False}


class Room:
    """A room of models in a state the test wants."""

    def __init__(self, scorer, state=LoadState.READY, step=""):
        spec = ModelSpec(scorer.info.key, Kind.CROSS_ENCODER, "relevance", None, "Apache-2.0")
        self.statuses = {spec.key: ModelStatus(spec, state)}
        self.step = step
        self._scorer = scorer if state is LoadState.READY else None

    def columns(self):
        return tuple(key for key, status in self.statuses.items() if status.state is not LoadState.FAILED)

    def scorer(self, key):
        return self._scorer if key in self.columns() else None

    def problems(self):
        return () if self.columns() else ("relevance is damaged.",)


@pytest.fixture(scope="module")
def scheduler():
    return Scheduler()


def tools_of(room, scheduler):
    return Tools(room, scheduler, Stores(), SeenBefore(), "visitor", lambda: True)


def workspace_of(texts, query=QUERY):
    made = Workspace()
    made.edit(query, "\n".join(texts), Split.LINES)
    return made


def settle(flow, workspace, tools):
    """Look until nothing is waited for."""
    for _ in range(400):
        view = flow.step(workspace, tools)
        if not view.polling:
            return view
        time.sleep(0.05)
    raise AssertionError("it never ended")


def test_the_map_is_of_the_chosen_document(cross_encoder, scheduler):
    flow, workspace, tools = TokensFlow(), workspace_of(TEXTS), tools_of(Room(cross_encoder), scheduler)
    for number, text in enumerate(TEXTS, 1):
        flow.choose(number)
        view = settle(flow, workspace, tools)
        header, _ = decode(view.shown.payload)
        assert (header["query"], header["document"]) == (QUERY, text)
        assert view.shown.logit == pytest.approx(cross_encoder.forward([(QUERY, text)])[0], abs=1e-4)
    again = flow.step(workspace, tools)
    assert again.shown is view.shown  # kept, not read again


def test_a_number_that_is_not_there_is_brought_into_range(cross_encoder, scheduler):
    flow, tools = TokensFlow(), tools_of(Room(cross_encoder), scheduler)
    for number, expected in ((99, 3), (-5, 1), (0, 1)):
        flow.choose(number)
        assert settle(flow, workspace_of(TEXTS), tools).number == expected


def test_only_the_last_maps_are_kept(cross_encoder, scheduler):
    flow, tools = TokensFlow(), tools_of(Room(cross_encoder), scheduler)
    workspace = workspace_of([f"document {number}" for number in range(KEPT_MAPS + 2)])
    for number in range(1, KEPT_MAPS + 3):
        flow.choose(number)
        settle(flow, workspace, tools)
    assert len(flow._kept) == KEPT_MAPS


@pytest.mark.parametrize(("query", "texts", "words"), [("", TEXTS, "query is empty"), (QUERY, [""], "no documents")])
def test_missing_input_is_one_sentence(cross_encoder, scheduler, query, texts, words):
    view = TokensFlow().step(workspace_of(texts, query), tools_of(Room(cross_encoder), scheduler))
    assert words in view.problem
    assert view.shown is None
    assert not view.polling


def test_while_models_load_it_says_so_and_looks_again(cross_encoder, scheduler):
    room = Room(cross_encoder, LoadState.LOADING, step="Loading the cross-encoder relevance (2 of 2).")
    view = TokensFlow().step(workspace_of(TEXTS), tools_of(room, scheduler))
    assert view.waiting == "The map appears by itself. Loading the cross-encoder relevance (2 of 2)."
    assert view.polling


def test_without_a_cross_encoder_it_says_why_there_is_no_map(cross_encoder, scheduler):
    view = TokensFlow().step(workspace_of(TEXTS), tools_of(Room(cross_encoder, LoadState.FAILED), scheduler))
    assert view.problem == f"{NO_MODEL} relevance is damaged."


def test_a_failed_pass_can_be_asked_for_again(cross_encoder, scheduler, monkeypatch):
    flow, workspace, tools = TokensFlow(), workspace_of(TEXTS), tools_of(Room(cross_encoder), scheduler)
    with monkeypatch.context() as patch:
        patch.setattr("components.ui.tokens_flow.extract", lambda *_: 1 / 0)
        view = settle(flow, workspace, tools)
        assert view.retry
        assert "Try again" in view.problem
        assert settle(flow, workspace, tools).retry  # and it is not tried again unasked
    flow.retry()
    assert settle(flow, workspace, tools).shown is not None


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_an_export_is_computed_again_in_full_precision(cross_encoder, scheduler, kind):
    flow, workspace, tools = TokensFlow(), workspace_of(TEXTS), tools_of(Room(cross_encoder), scheduler)
    settle(flow, workspace, tools)
    flow.export(kind, VIEW, 7, workspace, tools)
    file = settle(flow, workspace, tools).download
    assert (file.count, file.name) == (7, f"token-map-document-1.{kind}")
    assert "herons" in file.text
    flow.export(kind, {**VIEW, "layer": 99}, 8, workspace, tools)
    assert "choose one of them" in settle(flow, workspace, tools).download.problem
    flow.choose(2)
    assert settle(flow, workspace, tools).download is None  # another map's file is not offered


def test_the_rank_is_shown_only_of_scores_this_visitor_has_seen(cross_encoder, scheduler):
    flow, workspace, tools = TokensFlow(), workspace_of(TEXTS), tools_of(Room(cross_encoder), scheduler)
    made = settle(flow, workspace, tools).shown
    list(cross_encoder.score(QUERY, TEXTS, tools.stores, Progress()))
    assert rank_words(made, 1, workspace, tools.stores, tools.seen) == ""
    from components.scoring.scorer import pair_key

    for text in TEXTS:
        tools.seen.add(pair_key(cross_encoder.info, QUERY, text))
    scores = cross_encoder.forward([(QUERY, text) for text in TEXTS])
    rank = 1 + sum(score > scores[1] for score in scores)
    assert rank_words(made, 2, workspace, tools.stores, tools.seen) == f"rank {rank} of 3"


def test_the_offline_file_cannot_be_ended_by_a_text(cross_encoder, scheduler):
    flow, workspace, tools = TokensFlow(), workspace_of(TEXTS), tools_of(Room(cross_encoder), scheduler)
    flow.choose(3)
    view = settle(flow, workspace, tools)
    data = map_data(view, workspace, tools.stores, tools.seen)
    text = offline_page(view.shown.payload, data, VIEW)
    assert text.count("</script>") == 1
    assert "<b>Herons" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")


def test_the_page_draws_and_says_what_it_waits_for(monkeypatch):
    """The page's script on a server whose models are not loaded yet."""
    monkeypatch.setenv("RELEVANCE_LAB_LOADING_DELAY", "600")
    st.cache_resource.clear()
    app = AppTest.from_file(str(APP), default_timeout=30).run()
    app.switch_page("pages/tokens.py").run()
    assert not app.exception
    drawn = app.get("bidi_component")[-1]
    assert "The map appears by itself." in str(drawn.proto)
    st.cache_resource.clear()
