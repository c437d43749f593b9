"""Honesty: where the shipped cross-encoder has no measured advantage, Compare says so beside the result."""

from components.models import cards
from components.models.registry import DEFAULT_CROSS_ENCODER, neural_models
from components.stored import load_stored
from components.texts.paste import Split
from components.ui.compare_data import result_data
from components.ui.compare_flow import CompareView
from components.workspace import Workspace


def test_compare_quotes_the_card():
    folder = {spec.key: spec for spec in neural_models()}[DEFAULT_CROSS_ENCODER].folder
    stored = load_stored()
    table = Workspace()
    table.edit(stored.query, "\n".join(document.text for document in stored.documents), Split.LINES)
    made = result_data(CompareView(stored), [], "session", table)["made"]
    assert made.endswith(cards.figure(folder).sentence())
