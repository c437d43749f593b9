"""Fast mode in Compare's flow: the fast result first, then what it costs."""

import threading
from types import SimpleNamespace

import pytest

from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER
from components.ranking.fast_cost import COUNTING, NOT_COUNTED
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.bm25 import BM25Scorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.precision import FastScorer, Precision
from components.scoring.scheduler import Job, Scheduler
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore
from components.ui import compare_flow
from components.ui.compare_flow import CompareFlow, Tools
from components.ui.compare_speed import speed_data
from components.workspace import Workspace

PATIENCE_S = 120


@pytest.fixture
def scene(bi_encoder, cross_encoder):
    """Three documents and the real models, fast forms included whatever this machine's instructions are."""
    scorers = {
        DEFAULT_BI_ENCODER: BiEncoderScorer(bi_encoder.model, bi_encoder.info),
        DEFAULT_CROSS_ENCODER: CrossEncoderScorer(cross_encoder.model, cross_encoder.info),
        "bm25": BM25Scorer(),
    }
    for key in (DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER):
        scorers[key].fast = FastScorer(scorers[key], "bfloat16")
    room = SimpleNamespace(
        ready=True, settled=True, step="", problems=lambda: (), columns=lambda: tuple(scorers), scorer=scorers.get
    )
    tools = Tools(room, Scheduler(), Stores(), SeenBefore(), "visitor", lambda: True)
    text = "A worker bee lives about six weeks.\nHoney is sweet.\nA beehive stands in the orchard."
    workspace = Workspace(query="how long do bees live", documents_text=text)
    return SimpleNamespace(tools=tools, workspace=workspace, flow=CompareFlow(), scorers=scorers, room=room)


def settle(scene):
    for _ in range(int(PATIENCE_S / 0.05)):
        view = scene.flow.step(scene.workspace, scene.tools)
        if not view.polling:
            return view
        threading.Event().wait(0.05)
    raise AssertionError("it did not end")


def holding(go):
    """Work that keeps the worker until ``go`` is set."""

    def work(progress):
        go.wait(PATIENCE_S)
        yield

    return work


def test_exact_says_nothing_about_fast(scene):
    view = settle(scene)
    assert {column.scorer.dtype for column in view.shown.columns} == {"float32"}
    assert not view.notes


def test_fast_columns_stand_while_their_cost_is_computed(scene, monkeypatch):
    monkeypatch.setattr(compare_flow, "WAIT_S", 0.0)
    scene.workspace.precision = Precision.FAST
    go = threading.Event()
    scene.flow.step(scene.workspace, scene.tools)
    scene.flow._job.wait(PATIENCE_S)
    scene.tools.scheduler.submit(Job("another", "test", holding(go)))
    view = scene.flow.step(scene.workspace, scene.tools)
    assert {column.scorer.dtype for column in view.shown.columns} == {"bfloat16"}
    assert (view.stale, view.polling, view.notes) == (False, True, (COUNTING,))
    go.set()
    (note,) = settle(scene).notes
    assert note.startswith("Fast mode (bfloat16) against float32 on these 3 documents. Bi-encoder: tau-b ")
    assert "largest logit difference" in note


def test_stopped_counting_is_said_and_does_not_start_again(scene, monkeypatch):
    monkeypatch.setattr(compare_flow, "WAIT_S", 0.0)
    scene.workspace.precision = Precision.FAST
    scene.flow.step(scene.workspace, scene.tools)
    scene.flow._job.wait(PATIENCE_S)
    go = threading.Event()
    scene.tools.scheduler.submit(Job("another", "test", holding(go)))
    assert scene.flow.step(scene.workspace, scene.tools).stoppable
    scene.flow.stop()
    go.set()
    assert settle(scene).notes == (NOT_COUNTED,)


def test_back_to_exact_the_exact_scores_are_known(scene):
    """What was computed to say the cost is what exact needs."""
    scene.workspace.precision = Precision.FAST
    settle(scene)
    scene.workspace.precision = Precision.EXACT
    view = settle(scene)
    assert {column.scorer.dtype for column in view.shown.columns} == {"float32"}
    assert [column.computed for column in view.shown.columns] == [0, 0]
    assert not view.notes


def test_columns_without_a_fast_form_stay_exact_and_that_is_said(scene):
    scene.workspace.precision = Precision.FAST
    scene.workspace.columns = ("bm25",)
    assert "so the scores are exact" in settle(scene).notes[0]


def test_the_menu_says_what_was_measured(scene):
    words = speed_data(scene.workspace, scene.room)
    assert words["fast_possible"]
    assert "Not measured yet" in words["fast_words"]
    for scorer, gain in zip(list(scene.scorers.values())[:2], (2.04, 5.26), strict=True):
        scorer.fast.gain = gain
    said = speed_data(scene.workspace, scene.room)["fast_words"]
    assert "the bi-encoder 2.0 times, the cross-encoder 5.3 times as fast as exact" in said
    scene.scorers[DEFAULT_BI_ENCODER].fast.gain = 0.9
    half = speed_data(scene.workspace, scene.room)["fast_words"]
    assert "the cross-encoder 5.3 times as fast as exact. The bi-encoder stays exact" in half
    scene.scorers[DEFAULT_CROSS_ENCODER].fast.gain = 0.9
    poor = speed_data(scene.workspace, scene.room)
    assert not poor["fast_possible"]
    assert "does not pay here" in poor["fast_words"]
    scene.workspace.columns = ("bm25",)
    assert "no fast form" in speed_data(scene.workspace, scene.room)["fast_words"]
