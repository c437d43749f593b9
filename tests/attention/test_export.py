"""CSV and JSON of a view hold the shares in full precision and harm no spreadsheet."""

from __future__ import annotations

import csv
import io
import json

import pytest

from components.attention.aggregate import Direction, Heads, View, word_shares
from components.attention.export import LIMITS_WORDS, read_view, to_csv, to_json
from components.attention.pair import Part
from components.attention.words import merge_pieces
from components.errors import InputProblem
from tests.attention.made import made_pair

SENT = {"layer": 2, "head": 9, "heads": "one", "weighting": "norm", "direction": "query-document"}


def test_the_cells_are_the_tables(pair):
    words = merge_pieces(pair)
    view = read_view(SENT, 6, 12)
    table = word_shares(pair, view, words)
    content = json.loads(to_json(pair, view, words, as_pieces=False))
    assert content["limits"] == LIMITS_WORDS
    assert (content["layer"], content["head"]) == (3, 10)
    query = [index for index, word in enumerate(words) if word.part is Part.QUERY]
    assert {cell["from"] - 1 for cell in content["cells"]} == set(query)
    for cell in content["cells"]:
        assert cell["share"] == table[cell["from"] - 1, cell["to"] - 1]
    rows = list(csv.DictReader(io.StringIO(to_csv(pair, view, words, as_pieces=False))))
    assert len(rows) == len(content["cells"])
    for row, cell in zip(rows, content["cells"], strict=True):
        assert float(row["share"]) == pytest.approx(cell["share"], rel=1e-6)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("as_pieces", [False, True])
def test_every_direction_has_its_rows(pair, direction, as_pieces):
    rows = list(
        csv.DictReader(io.StringIO(to_csv(pair, View(0, 0, direction=direction), merge_pieces(pair), as_pieces)))
    )
    parts = {Direction.QUERY_TO_DOCUMENT: "query", Direction.DOCUMENT_TO_QUERY: "document", Direction.CLS: "special"}
    assert {row["from_part"] for row in rows} == {parts[direction]}
    if direction is Direction.CLS:
        assert sum(float(row["share"]) for row in rows) == pytest.approx(1, abs=1e-5)


def test_rollout_is_called_raw(pair):
    content = json.loads(to_json(pair, View(5, 0, Heads.ROLLOUT), merge_pieces(pair), as_pieces=False))
    assert content["weighting"] == "raw"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_formulas_are_made_harmless(start):
    text = to_csv(made_pair("a", f"b {start}"), View(0, 0), merge_pieces(made_pair("a", f"b {start}")), False)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(text)) for cell in row)


@pytest.mark.parametrize(
    "change", [{"layer": 6}, {"head": -1}, {"heads": "all"}, {"direction": None}, {"layer": "x"}, {"weighting": 3}]
)
def test_a_view_that_is_not_there_is_refused(change):
    with pytest.raises(InputProblem):
        read_view({**SENT, **change}, 6, 12)
    with pytest.raises(InputProblem):
        read_view({}, 6, 12)
