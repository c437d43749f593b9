"""The Timing page without a browser: what races, what is kept, what is said when something is missing."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.errors import ModelProblem
from components.models.registry import ModelSpec
from components.models.room import LoadState, ModelStatus
from components.scoring.scheduler import Scheduler
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore
from components.texts.examples import FIRST, examples
from components.texts.paste import Split
from components.timing.records import Asked, Part, Source, Way
from components.timing.stored import load_stored
from components.ui import timing_flow
from components.ui.compare_flow import Tools
from components.ui.explain import TERMS
from components.ui.timing_data import TERM_NAMES, timing_data
from components.ui.timing_flow import STOPPED_EARLY, TimingFlow, read_asked
from components.ui.timing_result_data import findings_of, result_data
from components.workspace import Workspace
from tests.pages.sent import views
from tests.timing.made import race_of

APP = Path(__file__).resolve().parent.parent.parent / "app.py"
QUERY, TEXTS = "what do herons eat", ["Herons eat fish.", "Soup with fennel."]


class Room:
    """A room of models in a state the test wants."""

    def __init__(self, *scorers, state=LoadState.READY, step=""):
        specs = [ModelSpec(one.info.key, one.info.kind, one.info.name, None, "Apache-2.0") for one in scorers]
        self.statuses = {spec.key: ModelStatus(spec, state) for spec in specs}
        self.step = step
        self._scorers = {one.info.key: one for one in scorers} if state is LoadState.READY else {}

    def columns(self):
        return tuple(key for key, status in self.statuses.items() if status.state is not LoadState.FAILED)

    def scorer(self, key):
        return self._scorers.get(key)

    def problems(self):
        return () if self.columns() else ("relevance is damaged.",)


class Track:
    """Stands in for the race: its steps wait until the test lets them go on."""

    def __init__(self, monkeypatch):
        self.results, self.error, self.go, self.asked = [], None, False, []
        monkeypatch.setattr(timing_flow, "race", self.race)

    def race(self, asked, query, texts, bi, cross, live):
        self.asked.append((asked, query, tuple(texts)))

        def work(progress):
            progress.total = 100
            while not self.go:
                progress.done = 50
                time.sleep(0.01)
                yield
            if self.error:
                raise self.error
            for result in self.results:
                live.result, live.race_done = result, True
                yield
            self.go = False
            while self.results and not self.results[-1].complete:
                time.sleep(0.01)
                yield

        return work


@pytest.fixture
def track(monkeypatch):
    return Track(monkeypatch)


@pytest.fixture
def tools(bi_encoder, cross_encoder):
    return tools_of(Room(bi_encoder, cross_encoder))


def tools_of(room):
    return Tools(room, Scheduler(), Stores(), SeenBefore(), "visitor", lambda: True)


def workspace_of(texts=TEXTS, query=QUERY):
    made = Workspace()
    made.edit(query, "\n".join(texts), Split.LINES)
    return made


def until(flow, workspace, tools, wanted):
    for _ in range(2000):
        view = flow.step(workspace, tools)
        if wanted(view):
            return view
        time.sleep(0.01)
    raise AssertionError("it never came")


def ended(view):
    return not view.polling


def test_a_race_is_started_and_ends(track, tools):
    flow, workspace = TimingFlow(), workspace_of()
    stored = load_stored()
    view = flow.step(workspace, tools, stored)
    assert (view.shown, view.can_race, view.polling) == (stored, True, False)
    flow.start(workspace, tools)
    flow.start(workspace, tools)  # a second click changes nothing
    view = until(flow, workspace, tools, lambda view: view.left_s is not None)
    assert (view.stoppable, view.polling, view.can_race) == (True, True, False)
    assert view.left_s >= 0
    track.results, track.go = [race_of()], True
    view = until(flow, workspace, tools, ended)
    assert view.shown == race_of()
    assert (view.stale, view.other, view.can_race) == (False, False, True)
    assert len(track.asked) == 1
    assert track.asked[0][1:] == (QUERY, tuple(TEXTS))


def test_the_race_is_shown_while_its_reasons_are_measured(track, tools):
    flow, workspace = TimingFlow(), workspace_of()
    flow.start(workspace, tools)
    part = replace(race_of(), complete=False, scans=())
    track.results, track.go = [part], True
    view = until(flow, workspace, tools, lambda view: view.shown is not None)
    assert view.polling
    assert not view.stale
    assert "still being measured" in timing_data(view)["mark"]
    assert result_data(view)["collection"] is None
    flow.stop()
    view = until(flow, workspace, tools, ended)
    assert view.shown == replace(part, stopped=True)
    assert "Stopped: the figures are of the 3 replicates" in timing_data(view)["mark"]


def test_stopped_too_early_there_is_nothing_and_the_old_result_stays(track, tools):
    flow, workspace = TimingFlow(), workspace_of()
    flow.start(workspace, tools)
    track.results, track.go = [race_of()], True
    until(flow, workspace, tools, ended)
    flow.start(workspace, tools)
    assert flow.step(workspace, tools).stale
    flow.stop()
    assert not flow.step(workspace, tools).stoppable
    view = until(flow, workspace, tools, ended)
    assert view.problem == STOPPED_EARLY
    assert view.shown == race_of()
    assert view.can_race


def test_two_runs_of_one_race_are_compared_and_of_two_are_not(track, tools):
    flow, workspace = TimingFlow(), workspace_of()
    for result in (race_of(cross=10), race_of(cross=11)):
        flow.start(workspace, tools)
        track.results, track.go = [result], True
        view = until(flow, workspace, tools, ended)
    assert view.before == race_of(cross=10)
    assert "agree within 25 %" in timing_data(view)["before"]
    workspace.edit(QUERY, "Another text", Split.LINES)
    view = flow.step(workspace, tools)
    assert view.other
    assert "of other documents or settings" in timing_data(view)["mark"]
    flow.start(workspace, tools)
    track.results, track.go = [race_of(cross=12)], True
    assert until(flow, workspace, tools, ended).before is None


def test_an_old_result_counts_as_kept(track, tools):
    now = [0.0]
    flow, workspace = TimingFlow(clock=lambda: now[0]), workspace_of()
    flow.start(workspace, tools)
    track.results, track.go = [race_of()], True
    view = until(flow, workspace, tools, ended)
    assert timing_data(view)["mark"] == "Measured here at 03:04 UTC."
    now[0] = 600
    assert timing_data(flow.step(workspace, tools))["mark"] == (
        "Kept: measured here at 03:04 UTC, 10 min ago, not anew."
    )


def test_a_failure_is_one_sentence_and_one_can_race_again(track, tools):
    flow, workspace = TimingFlow(), workspace_of()
    flow.start(workspace, tools)
    track.error, track.go = ModelProblem("The model is damaged."), True
    view = until(flow, workspace, tools, ended)
    assert (view.problem, view.can_race) == ("The model is damaged.", True)


def test_a_problem_with_the_text_is_said_and_nothing_starts(track, tools):
    flow = TimingFlow()
    for workspace, words in ((workspace_of(query=""), "query is empty"), (workspace_of(texts=[]), "no documents")):
        flow.start(workspace, tools)
        view = flow.step(workspace, tools)
        assert words in view.problem
        assert not view.can_race
    assert track.asked == []


def test_made_up_documents_race_for_the_example_s_query_where_there_is_none(track, tools):
    flow, workspace = TimingFlow(), workspace_of(texts=[], query="")
    flow.ask(Asked(Source.MADE_UP, 5, 16, 5))
    assert flow.step(workspace, tools).can_race
    flow.start(workspace, tools)
    track.go = True
    until(flow, workspace, tools, ended)
    assert track.asked == [(Asked(Source.MADE_UP, 5, 16, 5), examples()[FIRST].query, ())]


def test_without_models_it_waits_or_says_so(bi_encoder, cross_encoder):
    loading = tools_of(Room(bi_encoder, cross_encoder, state=LoadState.LOADING, step="Loading."))
    view = TimingFlow().step(workspace_of(), loading, load_stored())
    assert (view.polling, view.can_race) == (True, False)
    assert "Loading." in view.waiting
    assert view.shown is not None
    failed = tools_of(Room(bi_encoder, cross_encoder, state=LoadState.FAILED))
    view = TimingFlow().step(workspace_of(), failed)
    assert "could not be loaded" in view.problem
    assert not view.polling


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, Asked()),
        ({"source": "made up", "count": 7, "length": 16, "replicates": 5}, Asked(Source.MADE_UP, 7, 16, 5)),
        ({"source": "x", "count": 0, "length": 17, "replicates": 6}, Asked(count=1)),
        ({"count": 5000}, Asked(count=200)),
        ({"count": None, "length": "64", "replicates": float("nan")}, Asked()),
        ({"count": float("inf"), "source": ["workspace"]}, Asked()),
    ],
)
def test_what_a_browser_sends_is_checked(sent, expected):
    assert read_asked(sent, Asked()) == expected


def test_the_views_data_are_plain_and_whole():
    view = timing_flow.TimingView(Asked(), QUERY, 2, race_of(), kept_s=1.0)
    data = result_data(view)
    json.dumps([data, timing_data(view), findings_of(race_of())], allow_nan=False)
    assert [row["way"] for row in data["replicates"]["rows"]] == [str(way) for way in Way]
    points = {one["way"]: one["points"] for one in data["why"]["figures"][0]["series"]}
    assert [point[0] for point in points[Way.CROSS]] == [2, 4, 8, 16, 32]
    assert sum(point[0] == 8 for point in points[Way.CROSS]) == 1
    assert not [leg for leg in race_of().legs if leg.part is Part.LENGTH]
    steps = data["budget"]["steps"]
    assert [step["sentence"].split(":")[0] for step in steps] == [step["words"] for step in steps]
    for step in steps:
        assert f"{step['documents']:,} document" in step["sentence"] or step["documents"] == 0
    collection = data["collection"]
    assert len(collection["two"]) == len(collection["kept"]) == len(collection["sentences"])
    assert collection["all"][-1]["extrapolated"]
    assert collection["all"][-1]["words"] in collection["sentences"][0][-1]


def test_before_anything_is_there_the_view_stands():
    view = timing_flow.TimingView(Asked(), "", 0)
    assert timing_data(view)["lanes"]["documents"] == 0
    assert result_data(view) == {"id": "", "download": None}


def test_every_term_is_explained():
    assert set(TERM_NAMES) <= set(TERMS)


def test_the_page_runs():
    at = AppTest.from_file(str(APP)).run(timeout=30)
    at.switch_page("pages/timing.py").run(timeout=30)
    assert not at.exception
    sent = views(at)
    race, figures = sent["timing"], sent["timing_result"]
    assert race["finding"].startswith("The cross-encoder took")
    assert figures["stored"] is True
