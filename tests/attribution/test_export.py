"""Exports hold the very numbers, what made them, and nothing a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import json

import pytest

from components.attention.extract import extract
from components.attention.words import merge_pieces
from components.attribution.cosine_split import split
from components.attribution.curves import Best, Curve, Curves, CurveSet, Direction
from components.attribution.export import attribution_table, curves_table, heads_table, split_table, toggle_table
from components.attribution.gradients import integrated_gradients
from components.attribution.heads import rank_heads
from components.attribution.occlusion import occlude
from components.attribution.records import Baseline, Operator, words_of
from components.attribution.toggle import Change, ModelEffect
from components.records import Kind
from components.scoring.scheduler import Progress
from tests.attribution.conftest import finish

QUERY, DOCUMENT = "=what do herons eat", '"Herons" feed on @perch, +eels and -newts.'


@pytest.fixture(scope="module")
def pair(cross_encoder):
    return extract(cross_encoder.model, cross_encoder.info, QUERY, DOCUMENT)


def read(table):
    """CSV lines as dictionaries, after a look at every cell; and the JSON."""
    lines = list(csv.DictReader(io.StringIO(table.to_csv())))
    for line in lines:
        for cell in line.values():
            is_number = cell.replace("e-", "").lstrip("-").replace(".", "").isdigit()
            assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell
    return lines, json.loads(table.to_json())


def says_what_made_it(line, content, scorer):
    for name, value in (("model", scorer.info.name), ("device", "cpu"), ("dtype", "float32"), ("unit", "logit")):
        assert line[name] == content[name] == value
    assert content["fingerprint"] == scorer.info.fingerprint
    assert (content["query"], content["document"]) == (QUERY, DOCUMENT)


def test_methods(cross_encoder, pair):
    occlusion = finish(occlude(cross_encoder, pair, Operator.MASK, Progress()))
    integrated = finish(integrated_gradients(cross_encoder, pair, Baseline.MASK, 16, Progress()))
    for one in (occlusion, integrated):
        lines, content = read(attribution_table(one, QUERY, DOCUMENT))
        says_what_made_it(lines[0], content, cross_encoder)
        assert [float(line["value"]) for line in lines] == pytest.approx(one.values, rel=1e-7)
        assert [row["value"] for row in content["rows"]] == list(one.values)
        assert [row["word"] for row in content["rows"]] == [word.text for word in one.words]
        assert lines[0]["word"] == "'="
        assert lines[0]["method"] == one.method
    assert content["steps"] == 16
    assert lines[0]["baseline"] == content["baseline"] == "[MASK]"
    assert content["completeness_gap"] == integrated.gap


def test_heads(cross_encoder, pair):
    heads = finish(rank_heads(cross_encoder, pair, Progress()))
    lines, content = read(heads_table(heads, pair.scorer, pair.logit, QUERY, DOCUMENT))
    says_what_made_it(lines[0], content, cross_encoder)
    assert len(lines) == pair.n_layers * pair.n_heads
    assert (int(lines[0]["layer"]), int(lines[0]["head"])) == (heads[0].layer + 1, heads[0].head + 1)
    assert float(lines[0]["change"]) == pytest.approx(heads[0].change, rel=1e-7)


def test_the_split_adds_up_in_the_file(bi_encoder):
    found = split(bi_encoder, QUERY, DOCUMENT)
    lines, content = read(split_table(found, QUERY, DOCUMENT))
    assert sum(float(line["contribution"]) for line in lines) == pytest.approx(found.cosine, abs=1e-5)
    assert content["unit"] == "cosine"
    assert len(content["late_interaction"]) == len(found.best)


def test_curves(cross_encoder, pair):
    words = words_of(merge_pieces(pair))[-3:]
    curve = Curve((2, 0, 1), (1.0, -0.5, 0.25, -2.0))
    made = [Curves(one, (0, 1, 2, 3), {"attention": curve}, curve, (curve, curve)) for one in Direction]
    found = CurveSet(cross_encoder.info, words, 1.0, -2.0, Best.GREEDY, *made)
    lines, content = read(curves_table(found, QUERY, DOCUMENT))
    says_what_made_it(lines[0], content, cross_encoder)
    assert len(lines) == 2 * 4 * 4
    assert {line["order"] for line in lines} == {"attention", "best (greedy)", "random 1", "random 2"}
    assert [float(line["logit"]) for line in lines[:4]] == list(curve.logits)
    assert content["orders"][0]["words"] == [words[index].text for index in curve.order]
    assert content["best_order_is"].startswith("greedy")


def test_a_toggle(cross_encoder):
    change = Change(QUERY, DOCUMENT, (0,), (1, 2))
    effect = ModelEffect(cross_encoder.info, -1.5, 2.25, 3, 1, 8)
    lines, content = read(toggle_table(change, QUERY, DOCUMENT, [effect]))
    assert lines[0]["kind"] == Kind.CROSS_ENCODER
    assert (lines[0]["before"], lines[0]["after"], lines[0]["change"]) == ("-1.5", "2.25", "3.75")
    assert lines[0]["changed_document"] == change.texts[1]
    assert content["changed_query"] == "what do herons eat"
    assert content["rows"][0]["rank_after"] == 1
