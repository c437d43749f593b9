"""The flows of the entailment page: loading, answering, another model, stopping, the word toggle with its flips."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from components.entailment.desk import Desk
from components.entailment.records import Mode
from components.errors import ModelProblem
from components.models.classifier_room import KEPT, ClassifierRoom
from components.models.room import LoadState
from components.records import Kind, PairClasses, Reading, ScorerInfo
from components.scoring.scheduler import Scheduler
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore
from components.ui.compare_flow import Tools
from components.ui.entailment_data import labels_data, result_data
from components.ui.entailment_flow import EntailmentFlow
from components.ui.entailment_more_data import tally_data, toggle_data
from components.ui.entailment_tally import TallyBoard
from components.ui.entailment_toggle import ToggleFlow

PATIENCE_S = 30
LABELS = ("entailment", "neutral", "contradiction")


class WordClassifier:
    """A classifier of the tests: "not" in the first text contradicts, more words than the first are neutral."""

    def __init__(self, name="entailment", labels=LABELS):
        self.info = ScorerInfo(f"classifier:{name}", Kind.CROSS_ENCODER, name, "probability", 512, name)
        self.labels = labels
        self.go = threading.Event()
        self.go.set()
        self.error = None

    def warm_up(self):
        """Nothing to warm."""

    def classify(self, pairs, stores, progress):
        made = []
        for first, second in pairs:
            self.go.wait(PATIENCE_S)
            if self.error:
                raise self.error
            is_neutral = len(second.split()) > len(first.split())
            top = 2 if "not" in first.split() else int(is_neutral)
            logits = tuple(2.0 * (place == min(top, len(self.labels) - 1)) for place in range(len(self.labels)))
            made.append(PairClasses(self.labels, logits, Reading(3, 3), Reading(3, 3)))
            progress.done += 1
            yield
        return tuple(made)


@pytest.fixture
def scene():
    """A desk with two hypotheses, a flow, and a room whose classifiers are those of the tests."""
    models = {"entailment": WordClassifier(), "other": WordClassifier("other", ("gloomy", "<b>odd</b>"))}
    first = SimpleNamespace(words="")

    def find(name):
        if name not in models:
            raise ModelProblem(f"There is no model “{name}”: choose another.")
        return name

    classifiers = ClassifierRoom(find, lambda spec, device: models[spec], lambda: "cpu", lambda: first.words)
    room = SimpleNamespace(scorer=lambda key: None)
    tools = Tools(room, Scheduler(), Stores(), SeenBefore(), "visitor", lambda: True)
    desk = Desk()
    desk.edit(Mode.HYPOTHESES, {Mode.HYPOTHESES: ("It is not hot.", "It is hot.\nIt is a very hot day.")})
    return SimpleNamespace(
        models=models, first=first, classifiers=classifiers, tools=tools, desk=desk, flow=EntailmentFlow()
    )


def step(scene):
    return scene.flow.step(scene.desk, None, scene.tools, scene.classifiers)


def settle(look):
    """Look until nothing is awaited."""
    for _ in range(600):
        view = look()
        if not view.polling:
            return view
        threading.Event().wait(0.05)
    raise AssertionError("it did not end")


def tops(judged):
    return [row.classes.label for row in judged.rows]


def test_nothing_is_loaded_before_the_relevance_models_are_ready(scene):
    scene.first.words = "Loading the bi-encoder (1 of 2)."
    view = step(scene)
    assert view.waiting == "The first answer appears by itself. Loading the bi-encoder (1 of 2)."
    assert view.polling
    assert scene.classifiers.want("entailment").state is LoadState.WAITING
    scene.first.words = ""
    assert tops(settle(lambda: step(scene)).shown) == ["contradiction", "contradiction"]


def test_another_model_is_used_once_it_is_there_and_its_labels_as_they_are(scene):
    settle(lambda: step(scene))
    scene.flow.ask_for_model("other", scene.classifiers)
    view = settle(lambda: step(scene))
    assert scene.desk.model == "other"
    assert view.shown.labels == ("gloomy", "<b>odd</b>")
    assert result_data(view, scene.desk)["model"] == "other"


def test_a_model_that_cannot_be_had_is_a_sentence_and_the_present_one_stays(scene):
    before = settle(lambda: step(scene)).shown
    scene.flow.ask_for_model("absent", scene.classifiers)
    view = settle(lambda: step(scene))
    assert view.model_problem == "There is no model “absent”: choose another."
    assert (view.shown, view.stale, scene.desk.model) == (before, False, "entailment")
    scene.models["absent"] = WordClassifier("absent")  # it is put there, and asked for once more
    scene.flow.ask_for_model("absent", scene.classifiers)
    assert settle(lambda: step(scene)).model_problem == ""
    assert scene.desk.model == "absent"


def test_a_default_that_cannot_be_had_can_be_tried_again(scene):
    good = scene.models.pop("entailment")
    view = settle(lambda: step(scene))
    assert view.retry
    assert "There is no model" in view.waiting
    scene.models["entailment"] = good
    scene.flow.retry(scene.desk, scene.classifiers)
    assert settle(lambda: step(scene)).shown is not None


def test_a_problem_with_the_text_is_said_and_the_answer_stays(scene):
    old = settle(lambda: step(scene)).shown
    scene.desk.edit(Mode.HYPOTHESES, {Mode.HYPOTHESES: ("", "x")})
    view = step(scene)
    assert (view.shown, view.stale) == (old, True)
    assert view.problem.startswith("The premise is empty")


def test_both_ways_on_request(scene):
    assert not settle(lambda: step(scene)).shown.is_both_ways
    scene.desk.both_ways = True
    shown = settle(lambda: step(scene)).shown
    assert [row.swapped.label for row in shown.rows] == ["neutral", "entailment"]


def test_stop_keeps_the_old_answer_and_retry_goes_on(scene):
    old = settle(lambda: step(scene)).shown
    scene.models["entailment"].go.clear()
    scene.desk.edit(Mode.HYPOTHESES, {Mode.HYPOTHESES: ("Another.", "One.\nTwo.")})
    view = step(scene)
    assert view.stoppable
    assert view.waiting == "Reading: 0 of 2 pairs."
    scene.flow.stop()
    view = step(scene)
    assert (view.shown, view.stale, view.retry) == (old, True, True)
    scene.models["entailment"].go.set()
    for _ in range(100):
        scene.flow.retry(scene.desk, scene.classifiers)
        view = settle(lambda: step(scene))
        if not view.retry:
            break
    assert tops(view.shown) == ["entailment", "entailment"]


def test_a_failure_is_a_sentence_and_can_be_tried_again(scene):
    scene.models["entailment"].error = MemoryError()
    view = settle(lambda: step(scene))
    assert "out of memory" in view.waiting
    assert view.retry


def test_only_the_last_classifiers_are_kept(scene):
    for name in ("one", "two", "three"):
        scene.models[name] = WordClassifier(name)
        for _ in range(200):
            if scene.classifiers.want(name).classifier:
                break
            threading.Event().wait(0.02)
    assert len(scene.classifiers._ready) == KEPT
    assert scene.classifiers.want("one").state is LoadState.LOADING


PAIR = ("It is not hot.", "It is hot.")


def toggle_step(flow, scene, pair=PAIR):
    return flow.step(pair, scene.models["entailment"], None, scene.tools)


def change(flow, count, **struck):
    sent = {"pair": list(PAIR), "premise": PAIR[0], "hypothesis": PAIR[1], "count": count, "history": [{}] * count}
    flow.take(sent | struck)


def test_flips_are_recorded_step_by_step_and_undone_flips_too(scene):
    flow = ToggleFlow()
    view = settle(lambda: toggle_step(flow, scene))
    assert view.after.classes.label == "contradiction"
    assert view.flips == ()
    change(flow, 1, hypothesis_struck=[0])  # no flip
    assert settle(lambda: toggle_step(flow, scene)).flips == ()
    change(flow, 2, premise_struck=[2], hypothesis_struck=[0])
    view = settle(lambda: toggle_step(flow, scene))
    assert [flip.sentence() for flip in view.flips] == [
        "“not” struck from the premise: contradiction 79 % → entailment 79 %"
    ]
    assert view.flips[0].step == 2
    change(flow, 3)  # reset
    view = settle(lambda: toggle_step(flow, scene))
    assert len(view.flips) == 2
    assert "“not” brought back into the premise" in view.flips[1].what
    data = toggle_data(view, flow.history, None)
    assert data["count"] == 3
    assert len(data["history"]) == 3


def test_an_old_message_and_one_of_another_pair_change_nothing(scene):
    flow = ToggleFlow()
    settle(lambda: toggle_step(flow, scene))
    change(flow, 5, premise_struck=[2])
    change(flow, 4, premise_struck=[0])
    flow.take({"pair": ["other", "pair"], "count": 9, "premise": "other", "hypothesis": "pair"})
    assert settle(lambda: toggle_step(flow, scene)).change.query_struck == (2,)


def test_a_text_with_every_word_struck_is_a_sentence(scene):
    flow = ToggleFlow()
    settle(lambda: toggle_step(flow, scene))
    change(flow, 1, premise_struck=[0, 1, 2, 3, 4])
    view = settle(lambda: toggle_step(flow, scene))
    assert view.problem == "Nothing of the premise is left: undo, or bring a word back."
    assert not view.is_new


def test_another_pair_starts_anew(scene):
    flow = ToggleFlow()
    settle(lambda: toggle_step(flow, scene))
    change(flow, 1, premise_struck=[2])
    assert settle(lambda: toggle_step(flow, scene)).flips
    view = settle(lambda: toggle_step(flow, scene, ("A new one.", "It is hot.")))
    assert (view.flips, view.change.query_struck, view.count) == ((), (), 0)


def test_single_flipping_words_are_found_for_the_change_on_the_screen(scene):
    flow = ToggleFlow()
    settle(lambda: toggle_step(flow, scene))
    flow.search(scene.models["entailment"], scene.tools)
    view = settle(lambda: toggle_step(flow, scene))
    assert [(one.side, one.word) for one in view.words] == [("premise", "not")]
    assert view.tried == 9
    change(flow, 1, hypothesis_struck=[0])
    assert settle(lambda: toggle_step(flow, scene)).words is None


def test_one_tally_serves_everybody_and_is_made_anew_on_request(scene):
    board, model = TallyBoard(), scene.models["entailment"]
    view = settle(lambda: board.step(model, scene.tools))
    assert len(view.shown.checked) == view.shown.right + sum(not one.is_right for one in view.shown.checked)
    assert board.step(model, scene.tools).shown is view.shown
    board.step(model, scene.tools, again=True)
    again = settle(lambda: board.step(model, scene.tools)).shown
    assert again is not view.shown
    data = tally_data(board.step(model, scene.tools))
    assert sum(len(group["pairs"]) for group in data["groups"]) == len(again.checked)
    assert "A live run of entailment" in data["made"]


def test_labels_without_the_known_meanings_are_not_held_against_ours(scene):
    view = TallyBoard().step(scene.models["other"], scene.tools)
    assert view.problem.startswith("The labels of this model are “gloomy”, “<b>odd</b>”, not entailment")
    assert not view.polling


def test_the_same_meaning_has_the_same_pattern_whatever_the_order():
    styles = {one["name"]: one["style"] for one in labels_data(("contradiction", "entailment", "neutral"))}
    assert styles == {one["name"]: one["style"] for one in labels_data(LABELS)}
    odd = [one["style"] for one in labels_data(("a", "b", "c", "d"))]
    assert len(set(odd)) == 4
