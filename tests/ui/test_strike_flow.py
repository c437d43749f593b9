"""The word toggle's flow: this pair first, the ranking behind it, each pair's changes kept, messages in any order."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from components.models.registry import ModelSpec
from components.records import Column, Kind, PairScore, ScorerInfo
from components.scoring.scheduler import Scheduler
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore
from components.ui.compare_flow import Tools
from components.ui.strike_data import strike_data
from components.ui.strike_flow import STOPPED, StrikeFlow
from components.workspace import Workspace

PATIENCE_S = 30
DOCUMENTS = ["aa bb cc", "aa bb", "a"]


class LengthScorer:
    """The score is the number of letters. With more than one document it waits for ``go``: that is the ranking."""

    def __init__(self, key, kind, unit):
        self.info = ScorerInfo(key, kind, key, unit)
        self.go = threading.Event()
        self.go.set()

    def score(self, query, documents, stores, progress):
        for _ in documents:
            if len(documents) > 1:
                self.go.wait(PATIENCE_S)
            progress.done += 1
            yield
        return Column(self.info, tuple(PairScore(float(len(text)), 1, 1) for text in documents))


@pytest.fixture
def scene():
    scorers = {
        "cosine": LengthScorer("cosine", Kind.BI_ENCODER, "cosine"),
        "logit": LengthScorer("logit", Kind.CROSS_ENCODER, "logit"),
        "other": LengthScorer("other", Kind.CROSS_ENCODER, "logit"),
    }
    statuses = {key: SimpleNamespace(spec=ModelSpec(key, one.info.kind, key, None, "")) for key, one in scorers.items()}
    room = SimpleNamespace(
        settled=True,
        step="",
        statuses=statuses,
        columns=lambda: tuple(scorers),
        scorer=scorers.get,
        problems=lambda: (),
    )
    tools = Tools(room, Scheduler(), Stores(), SeenBefore(), "visitor", lambda: True)
    workspace = Workspace(query="q", documents_text="\n".join(DOCUMENTS), columns=("cosine", "logit"))
    return SimpleNamespace(scorers=scorers, tools=tools, workspace=workspace, flow=StrikeFlow())


def step(scene, number=1):
    return scene.flow.step(scene.workspace, number, scene.tools)


def settle(scene, number=1):
    for _ in range(200):
        view = step(scene, number)
        if not view.polling:
            return view
        threading.Event().wait(0.05)
    raise AssertionError("it did not settle")


def strike(scene, view, *struck, count=1, **more):
    scene.flow.take(
        {"pair": view.pair, "count": count, "document_struck": list(struck), "history": [1] * count, **more}
    )


def test_the_pair_comes_before_the_ranking_and_stop_keeps_it(scene):
    view = settle(scene)
    scene.scorers["logit"].go.clear()
    strike(scene, view, 0, 1)
    view = step(scene)
    while not view.is_new:  # a busy machine may take longer than the page waits
        view = step(scene)
    assert view.polling
    assert view.stoppable
    assert [(one.before, one.after) for one in view.effects] == [(8.0, 2.0), (8.0, 2.0)]
    assert view.effects[1].rank_after is None
    assert "of 16 scores" in view.waiting
    scene.flow.stop()
    scene.scorers["logit"].go.set()
    view = settle(scene)
    assert view.problem == STOPPED
    assert view.retry
    assert [one.after for one in view.effects] == [2.0, 2.0]
    scene.flow.retry()
    view = settle(scene)
    assert [(one.rank_before, one.rank_after) for one in view.effects] == [(1, 2), (1, 2)]


def test_each_pair_keeps_its_changes(scene):
    first = settle(scene, 1)
    strike(scene, first, 0)
    settle(scene, 1)
    other = settle(scene, 2)
    assert other.pair != first.pair
    assert other.change.document_struck == ()
    back = settle(scene, 1)
    assert (back.pair, back.count, back.history) == (first.pair, 1, (1,))
    assert back.change.texts == ("q", "bb cc")
    assert back.effects[0].after == 5.0


def test_a_message_goes_to_its_own_pair_and_an_old_one_changes_nothing(scene):
    first = settle(scene, 1)
    settle(scene, 2)
    strike(scene, first, 2, count=5)  # arrives after another document was chosen
    strike(scene, first, 0, 1, count=4)  # and an older one after that
    strike(scene, SimpleNamespace(pair=99), 0, count=9)
    assert step(scene, 2).change.document_struck == ()
    assert step(scene, 1).change.texts == ("q", "aa bb")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"document_struck": [0, 1, 2]}, "Nothing of the document is left"),
        ({"query": " \n"}, "Nothing of the query is left"),
        ({"document": "x" * 20_001}, "20,000 is the limit"),
    ],
)
def test_what_cannot_be_scored_is_said(scene, sent, words):
    view = settle(scene)
    scene.flow.take({"pair": view.pair, "count": 1, **sent})
    view = settle(scene)
    assert words in view.problem
    data = strike_data(view, scene.workspace, 1)
    assert data["stale"]
    assert "no scores yet" in data["finding"]


def test_two_models_of_one_unit_are_told_by_name(scene):
    scene.workspace.columns = ("cosine", "logit", "other")
    view = settle(scene)
    strike(scene, view, 0)
    data = strike_data(settle(scene), scene.workspace, 1)
    assert [one["title"] for one in data["effects"]] == [
        "bi-encoder, cosine",
        "cross-encoder logit, logit",
        "cross-encoder other, logit",
    ]
    assert "the logit of other goes from 8.00 to 5.00 (−3.00)." in data["finding"]


def test_a_file_of_the_change(scene):
    view = settle(scene)
    strike(scene, view, 0)
    settle(scene)
    scene.flow.export("csv", 7)
    file = settle(scene).file
    assert (file.count, file.name) == (7, "struck-words.csv")
    assert "aa bb cc" in file.text
    strike(scene, view, 1, count=2)
    assert settle(scene).file is None  # it was of another change
