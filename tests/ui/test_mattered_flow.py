"""What the view of "What mattered" may ask for, and what it is sent, for every method that is listed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from components.attribution.methods import METHODS
from components.attribution.records import Baseline, Knobs, Operator
from components.scoring.scheduler import Scheduler
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore
from components.texts.paste import Split
from components.ui.compare_flow import Tools
from components.ui.mattered_data import mattered_data
from components.ui.mattered_flow import CURVE_METHODS, CURVES, HEADS, Asked, MatteredFlow, read_asked
from components.workspace import Workspace

KNOBS = {"operator": "mask", "baseline": "pad", "steps": 64}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, Asked()),
        ({"what": "split"}, Asked()),  # the other tab's, which is never asked for here
        ({"what": "occlusion", **KNOBS}, Asked("occlusion", Knobs(operator=Operator.MASK))),
        (
            {"what": "integrated gradients", **KNOBS},
            Asked("integrated gradients", Knobs(baseline=Baseline.PAD, steps=64)),
        ),
        ({"what": "integrated gradients", "baseline": 7, "steps": 63}, Asked("integrated gradients")),
        ({"what": "gradient x input", **KNOBS}, Asked("gradient x input")),
        ({"what": "heads", **KNOBS}, Asked(HEADS)),
        ({"what": "curves", **KNOBS}, Asked(CURVES)),
    ],
)
def test_only_what_a_method_heeds_is_taken(sent, expected):
    assert read_asked(sent) == expected


def test_the_first_method_is_occlusion_and_the_curves_try_all():
    assert Asked().what == "occlusion"
    assert [one.what for one in CURVE_METHODS] == list(METHODS)
    assert all(set(method.knobs) <= set(vars(Knobs())) for method in METHODS.values())


@pytest.mark.parametrize("what", METHODS)
def test_every_method_is_found_and_shown(what, cross_encoder):
    workspace = Workspace()
    workspace.edit("what do herons eat", "Herons eat fish.\nSoup with fennel.", Split.LINES)
    key = cross_encoder.info.key
    status = SimpleNamespace(spec=SimpleNamespace(kind=cross_encoder.info.kind))
    room = SimpleNamespace(scorer={key: cross_encoder}.get, columns=lambda: (key,), statuses={key: status}, step="")
    tools = Tools(room, Scheduler(), Stores(), SeenBefore(), "visitor", lambda: True)
    flow = MatteredFlow()
    flow.ask(Asked(what))
    view = flow.step(workspace, 1, tools)
    while view.polling:
        view = flow.step(workspace, 1, tools)
    data = mattered_data(view, workspace, 1)
    assert [one["name"] for one in data["listed"]] == list(METHODS)
    assert what in data["finding"]
    assert what in data["caption"]
    assert [word["text"] for word in data["words"]] == ["what", "do", "herons", "eat", "Herons", "eat", "fish", "."]
    assert ("without it" in data["finding"]) == METHODS[what].rescores
