"""The flow of the lessons: predicting, running, counting, stopping, going elsewhere and back."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from components.lessons import probes
from components.lessons.probes import Probe, listed
from components.lessons.records import Count, Opening, Outcome, Tally
from components.records import Kind
from components.scoring.bm25 import BM25Scorer
from components.scoring.scheduler import Scheduler
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore
from components.texts.paste import Split
from components.ui import lessons_flow
from components.ui.compare_flow import Tools
from components.ui.lessons_data import lessons_data, predicted_sentence
from components.ui.lessons_flow import LessonsFlow
from components.workspace import Workspace

FIRST, *_ = listed()


@pytest.fixture
def scene(bi_encoder, cross_encoder):
    scorers = {scorer.info.key: scorer for scorer in (bi_encoder, cross_encoder, BM25Scorer())}
    room = SimpleNamespace(settled=True, step="", problems=lambda: ("It is missing.",), scorer=scorers.get)
    tools = Tools(room, Scheduler(), Stores(), SeenBefore(), "visitor", lambda: True)
    return SimpleNamespace(room=room, scorers=scorers, tools=tools, flow=LessonsFlow())


@pytest.fixture
def quick(monkeypatch):
    """Probes of the tests in the place of all real ones: they wait for ``go`` and count their runs."""
    made = SimpleNamespace(go=threading.Event(), runs=[], tallies=0)
    made.go.set()

    def run(lesson, item, setting, bench, progress):
        progress.total = 1
        made.go.wait(30)
        yield
        made.runs.append((lesson.id, item.number, setting))
        option = lesson.options[0].id
        return Outcome(option, "Found.", "Beside.", "Made.", (), (Opening("compare", "q", ("d",)),))

    def tally(lesson, bench, progress):
        made.tallies += 1
        made.go.wait(30)
        yield
        return Tally("Right", (Count(Kind.BI_ENCODER, 1, 2),), 0.5, "Beside.")

    monkeypatch.setattr(lessons_flow, "PROBES", dict.fromkeys(probes.PROBES, Probe(run, tally)))
    monkeypatch.setattr(lessons_flow, "load_tally", lambda lesson, fingerprints: None)
    return made


def settle(scene):
    for _ in range(400):
        view = scene.flow.step(scene.tools)
        if not view.polling:
            return view
        threading.Event().wait(0.05)
    raise AssertionError("it never settled")


def test_nothing_runs_before_it_is_asked_for(scene, quick):
    view = scene.flow.step(scene.tools)
    assert (view.outcome, view.tally, view.polling, view.working) == (None, None, False, "")
    assert quick.runs == []


def test_predict_run_count(scene, quick):
    flow = scene.flow
    flow.predict(flow.lesson.options[1].id)
    flow.run()
    view = settle(scene)
    assert view.outcome.finding == "Found."
    assert view.tally.counts[0].right == 1
    assert quick.tallies == 1
    flow.predict(flow.lesson.options[0].id)  # too late
    assert flow.step(scene.tools).predicted == flow.lesson.options[1].id
    data = lessons_data(view)
    assert data["result"]["predicted"].startswith("You predicted")
    assert data["result"]["openings"] == [{"index": 0, "title": "Compare"}]


def test_an_unknown_prediction_is_none(scene, quick):
    scene.flow.predict("surely")
    assert scene.flow.step(scene.tools).predicted == ""


def test_a_stored_tally_is_shown_without_counting_and_counted_again_on_request(scene, quick, monkeypatch):
    stored = Tally("Right", (Count(Kind.BI_ENCODER, 2, 2),), 0.5, "Beside.", stored="2026-01-01")
    monkeypatch.setattr(lessons_flow, "load_tally", lambda lesson, fingerprints: stored)
    scene.flow.run()
    assert settle(scene).tally == stored
    assert quick.tallies == 0
    scene.flow.count_again()
    view = settle(scene)
    assert view.tally.stored is None
    assert quick.tallies == 1


def test_while_models_load_it_waits_and_then_runs(scene, quick):
    scene.room.settled, scene.room.step, scene.room.scorer = False, "Loading.", lambda key: None
    assert not scene.flow.step(scene.tools).polling  # reading and predicting need no model
    scene.flow.run()
    view = scene.flow.step(scene.tools)
    assert view.polling
    assert view.waiting == "The result appears by itself. Loading."
    scene.room.settled, scene.room.scorer = True, scene.scorers.get
    assert settle(scene).outcome is not None


def test_a_missing_model_is_said_in_a_sentence(scene, quick):
    scene.room.scorer = lambda key: None
    scene.flow.run()
    assert settle(scene).problem == "This lesson needs both models. It is missing."


def test_results_stay_when_one_comes_back(scene, quick):
    numbers = list(listed())
    scene.flow.run()
    settle(scene)
    scene.flow.go(numbers[1])
    assert scene.flow.step(scene.tools).outcome is None
    scene.flow.go(numbers[0])
    assert scene.flow.step(scene.tools).outcome is not None
    assert len(quick.runs) == 1
    scene.flow.go(999)
    assert scene.flow.number == numbers[0]


def test_texts_can_be_chosen_and_shuffled(scene, quick):
    flow, count = scene.flow, len(scene.flow.lesson.items)
    flow.choose_item(count)
    assert flow.item.number == count
    flow.choose_item(count + 5)
    assert flow.item.number == count
    seen = []
    flow.shuffle(5)
    for place in range(1, count + 1):
        flow.choose_item(place)
        seen.append(flow.item.number)
    assert sorted(seen) == list(range(1, count + 1))
    assert seen != sorted(seen)


def test_a_setting_runs_again_only_after_a_run(scene, quick):
    flow = scene.flow
    flow.go(next(number for number, lesson in listed().items() if lesson.setting))
    low, high = flow.lesson.setting.values[0], flow.lesson.setting.values[-1]
    flow.set(low)
    assert flow.step(scene.tools).outcome is None
    flow.run()
    settle(scene)
    flow.set(high)
    assert settle(scene).setting == high
    flow.set(-1.0)
    assert flow.step(scene.tools).setting == high
    assert [run[2] for run in quick.runs] == [low, high]


def test_stop_and_run_again(scene, quick):
    quick.go.clear()
    scene.flow.run()
    assert scene.flow.step(scene.tools).stoppable
    scene.flow.stop()
    quick.go.set()
    view = settle(scene)
    assert view.problem.startswith("Stopped")
    assert view.outcome is None
    scene.flow.run()
    assert settle(scene).outcome is not None


def test_predicted_sentences():
    lesson = listed()[FIRST]
    one, other = lesson.options[:2]
    assert predicted_sentence(lesson, "", one.id) == f"What came out: {one.text}."
    assert "so it came out" in predicted_sentence(lesson, one.id, one.id)
    assert predicted_sentence(lesson, other.id, one.id).endswith(f"it came out otherwise: {one.text}.")


def test_a_lessons_texts_take_the_place_of_ones_own_which_come_back():
    workspace = Workspace(query="mine", documents_text="my text\nand more")
    workspace.take_texts("q", ("a", "b"))
    assert [document.text for document in workspace.pasted.documents] == ["a", "b"]
    workspace.take_texts("q2", ("c", "d\ne"))
    assert [document.text for document in workspace.pasted.documents] == ["c", "d\ne"]
    assert workspace.pasted.split is Split.BLOCKS
    workspace.take_back()
    assert (workspace.query, workspace.documents_text) == ("mine", "my text\nand more")


def test_a_text_is_found_by_its_number_in_any_order():
    flow = LessonsFlow()
    for seed in (0, 1, 2):
        flow.shuffle(seed)
        flow.choose_text(4)
        assert flow.item.number == 4
    flow.choose_text(999)
    assert flow.item.number == 4
