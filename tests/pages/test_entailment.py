"""The entailment page without a browser: what its views are sent, and what a pair does under Tokens' glass."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.attention.extract import extract
from components.attribution.gradients import gradient_x_input
from components.attribution.heads import rank_heads
from components.attribution.occlusion import occlude
from components.attribution.records import Operator
from components.entailment.pairs import FIRST, entailment_examples
from components.scoring.scheduler import Progress
from components.ui import engine as engine_module
from tests.entailment.conftest import classifier as classifier
from tests.entailment.conftest import finish
from tests.pages.sent import views as sent

APP = str(Path(__file__).resolve().parent.parent.parent / "app.py")
PAIR = ("The bakery does not open on Mondays.", "On Mondays the bakery is closed.")


@pytest.fixture
def app(bi_encoder, cross_encoder, classifier, monkeypatch):
    """The app at the entailment page, its models ready."""
    engine_module.engine.clear()
    shared = engine_module.engine()
    ready = {scorer.info.key: scorer for scorer in (bi_encoder, cross_encoder)}
    monkeypatch.setattr(shared.room, "_load", lambda spec, device: ready[spec.key])
    monkeypatch.setattr(shared.room, "_prepare", lambda: "cpu")
    monkeypatch.setattr(shared.classifiers, "_load", lambda spec, device: classifier)
    monkeypatch.setattr(shared.classifiers, "_prepare", lambda: "cpu")
    shared.room.start()
    assert shared.room.wait(60)
    made = AppTest.from_file(APP, default_timeout=60).run()
    made.switch_page("pages/entailment.py")
    yield made
    engine_module.engine.clear()


def run(app: AppTest) -> dict[str, dict]:
    for _ in range(100):
        app.run()
        assert not app.exception
        views = {name.removeprefix("entailment_"): data for name, data in sent(app).items()}
        if views["result"]["rows"] and views["tally"]["groups"] and not views["result"]["stale"]:
            return views
        threading.Event().wait(0.2)
    raise AssertionError("the answer did not come")


def test_the_first_visit_shows_the_first_example_answered_and_the_tally(app, classifier):
    views = run(app)
    example = entailment_examples()[FIRST]
    assert views["inputs"]["boxes"]["hypotheses"] == [example.above, "\n".join(example.below)]
    expected = classifier.model.predict([(example.above, text) for text in example.below], apply_softmax=True)
    for row, of_row in zip(views["result"]["rows"], expected, strict=True):
        assert row["classes"]["exact"] == pytest.approx(of_row.tolist(), abs=1e-4)
        assert row["expected"] in classifier.labels
    assert views["tally"]["finding"].startswith("Right on ")


def test_text_and_answer_outlive_a_visit_to_another_page(app):
    run(app)
    desk = app.session_state["lab_entailment_desk"]
    from components.entailment.records import Mode

    desk.edit(Mode.CLAIM, {Mode.CLAIM: ("It opens.", "It opens at nine. It closes at five.")})
    before = run(app)["result"]["rows"]
    app.switch_page("pages/compare.py").run()
    app.switch_page("pages/entailment.py")
    views = run(app)
    assert views["inputs"]["boxes"]["claim"] == ["It opens.", "It opens at nine. It closes at five."]
    assert views["result"]["rows"] == before


def test_a_link_to_an_example_opens_it(app):
    app.query_params["pair"] = "roles-1"
    app.session_state.clear() if hasattr(app.session_state, "clear") else None
    fresh = AppTest.from_file(APP, default_timeout=60)
    fresh.query_params["pair"] = "roles-1"
    fresh.run()
    fresh.switch_page("pages/entailment.py")
    assert run(fresh)["inputs"]["example"] == "roles-1"


def test_under_the_glass_every_method_explains_the_class(classifier):
    for index in range(3):
        scorer = classifier.of_class(index)
        (logits,) = classifier.forward([PAIR])
        pair = extract(scorer.model, scorer.info, *PAIR)
        assert pair.logit == pytest.approx(logits[index], abs=1e-4)
        struck = classifier.forward([("bakery does not open on Mondays.", PAIR[1])])[0][index]
        by_occlusion = finish(occlude(scorer, pair, Operator.REMOVE, Progress()))
        assert by_occlusion.score == pytest.approx(logits[index], abs=1e-4)
        assert by_occlusion.values[0] == pytest.approx(logits[index] - struck, abs=1e-3)
        assert finish(gradient_x_input(scorer, pair, Progress())).score == pytest.approx(logits[index], abs=1e-3)
        assert len(finish(rank_heads(scorer, pair, Progress()))) == pair.n_layers * pair.n_heads
