"""The flow of one comparison: what is drawn while loading, scoring, stopped, failed, done."""

import threading
from types import SimpleNamespace

import pytest

from components.records import Column, Comparison, Kind, PairScore, ScorerInfo
from components.scoring.scheduler import Scheduler
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore
from components.texts.paste import Split
from components.ui.compare_flow import CompareFlow, Tools
from components.workspace import Workspace

PATIENCE_S = 30


class LengthScorer:
    """A scorer of the tests: the score is the document's length. It waits for ``go`` before each piece."""

    info = ScorerInfo("length", Kind.BI_ENCODER, "length", "dot")

    def __init__(self):
        self.go = threading.Event()
        self.go.set()
        self.error = None

    def warm_up(self):
        """Nothing to warm."""

    def score(self, query, documents, stores, progress):
        for _ in documents:
            self.go.wait(PATIENCE_S)
            if self.error:
                raise self.error
            progress.done += 1
            yield
        scores = tuple(PairScore(float(len(text)), 1, 1) for text in documents)
        return Column(self.info, scores, computed=len(documents))


@pytest.fixture
def scene():
    """A workspace of two documents, a flow, and tools whose only model is the length scorer."""
    scorer = LengthScorer()
    room = SimpleNamespace(
        ready=True, settled=True, step="", problems=lambda: (), columns=lambda: ("length",), scorer=lambda key: scorer
    )
    tools = Tools(room, Scheduler(), Stores(), SeenBefore(), "visitor", lambda: True)
    workspace = Workspace(query="q", documents_text="short\na longer one", columns=("length",))
    return SimpleNamespace(scorer=scorer, room=room, tools=tools, workspace=workspace, flow=CompareFlow())


def settle(scene):
    for _ in range(100):
        view = scene.flow.step(scene.workspace, scene.tools)
        if not view.polling:
            return view
        threading.Event().wait(0.05)
    raise AssertionError("it did not end")


def test_quick_work_is_drawn_in_the_same_run(scene):
    view = scene.flow.step(scene.workspace, scene.tools)
    assert view.shown.columns[0].values == (5.0, 12.0)
    assert not view.polling
    assert not view.stale


def test_long_work_is_polled_with_progress_and_the_old_result_stays(scene):
    old = settle(scene).shown
    scene.scorer.go.clear()
    scene.workspace.edit("another", "x\ny\nz", Split.DETECT)
    view = scene.flow.step(scene.workspace, scene.tools)
    assert (view.shown, view.stale, view.polling, view.stoppable, view.total) == (old, True, True, True, 3)
    assert view.waiting == "Scoring: 0 of 3 pairs."
    scene.scorer.go.set()
    assert len(settle(scene).shown.documents) == 3


def test_a_newer_text_replaces_the_work_on_an_older_one(scene):
    scene.scorer.go.clear()
    scene.flow.step(scene.workspace, scene.tools)
    scene.workspace.edit("newer", "only this", Split.DETECT)
    scene.flow.step(scene.workspace, scene.tools)
    scene.scorer.go.set()
    assert settle(scene).shown.query == "newer"


def test_stop_keeps_the_old_result_and_retry_goes_on(scene):
    scene.scorer.go.clear()
    scene.flow.step(scene.workspace, scene.tools)
    scene.flow.stop()
    view = scene.flow.step(scene.workspace, scene.tools)
    assert (view.polling, view.retry) == (False, True)
    assert "stopped" in view.waiting
    scene.scorer.go.set()
    for _ in range(100):
        scene.flow.retry()
        view = settle(scene)
        if view.shown:
            break
    assert view.shown.columns[0].values == (5.0, 12.0)


def test_a_failure_is_a_sentence_and_can_be_tried_again(scene):
    scene.scorer.error = MemoryError()
    view = settle(scene)
    assert "out of memory" in view.waiting
    assert view.retry
    scene.scorer.error = None
    scene.flow.retry()
    assert settle(scene).shown is not None


def test_the_worker_dies_in_the_middle_of_a_batch_and_the_text_can_be_scored_again(scene):
    old = settle(scene).shown
    scene.workspace.edit("another", "x\ny\nz", Split.DETECT)
    scene.scorer.error = SystemExit()  # ends the thread, as nothing a job may raise does
    view = settle(scene)
    assert view.waiting == "Something went wrong while scoring; the text is still there. Try again."
    assert (view.shown, view.stale, view.retry) == (old, True, True)
    scene.scorer.error = None
    scene.flow.retry()
    assert [document.text for document in settle(scene).shown.documents] == ["x", "y", "z"]


def test_a_problem_with_the_text_is_said_and_the_result_stays(scene):
    old = settle(scene).shown
    scene.workspace.edit("", "x", Split.DETECT)
    view = scene.flow.step(scene.workspace, scene.tools)
    assert (view.shown, view.stale) == (old, True)
    assert "query is empty" in view.problem


def test_while_models_load_the_stored_result_is_shown_for_its_own_text_only(scene):
    scene.room.scorer = lambda key: None
    scene.room.step = "Loading."
    stored = Comparison("q", scene.workspace.pasted.documents, (), stored="2026-01-01")
    view = scene.flow.step(scene.workspace, scene.tools, stored)
    assert (view.shown, view.stale, view.waiting, view.polling) == (stored, False, "Loading.", True)
    scene.workspace.edit("something else", "x", Split.DETECT)
    assert scene.flow.step(scene.workspace, scene.tools, stored).shown is None


def test_columns_that_cannot_be_had_are_left_out(scene):
    scene.workspace.choose_columns(("gone", "length"))
    assert [column.scorer.key for column in settle(scene).shown.columns] == ["length"]
