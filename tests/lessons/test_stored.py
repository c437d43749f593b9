"""Stored tallies: of these weights and texts, or not shown."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from components.lessons import stored
from components.lessons.interval import wilson
from components.lessons.probes import PROBES, listed
from components.lessons.records import Count, Curves, Line, Strip, Table, Tally
from components.records import Kind
from components.scoring.scheduler import Progress
from tests.lessons.conftest import finish

QUICK = ("two-ways", "not", "what-is-a-score")


@pytest.mark.parametrize("id_", QUICK)
def test_a_stored_tally_is_what_counting_now_gives(id_, bench):
    lesson = next(lesson for lesson in listed().values() if lesson.id == id_)
    kept = stored.load_tally(lesson, bench.fingerprints)
    now = finish(PROBES[id_].tally(lesson, bench, Progress()))
    if kept is None:  # other weights than it was made with: the page counts anew, and nothing old is shown
        assert now.stored is None
        return
    assert kept.stored
    assert (kept.counts, kept.what, kept.published) == (now.counts, now.what, now.published)


def test_other_weights_or_texts_have_no_stored_tally(tmp_path, monkeypatch):
    lesson = next(iter(listed().values()))
    tally = Tally("Right", (Count(Kind.BI_ENCODER, 1, 2),), 0.5, "x.", stored="2026-01-01")
    row = {"digest": lesson.digest, "fingerprints": ["a", "b"], "tally": json.loads(json.dumps(stored.asdict(tally)))}
    monkeypatch.setattr(stored, "FILE", tmp_path / "lessons.json")
    stored.FILE.write_text(json.dumps({lesson.id: row}), encoding="utf-8")
    assert stored.load_tally(lesson, ("a", "b")) == tally
    assert stored.load_tally(lesson, ("a", "c")) is None
    assert stored.load_tally(replace(lesson, digest="other"), ("a", "b")) is None
    stored.FILE.write_text("{", encoding="utf-8")
    assert stored.load_tally(lesson, ("a", "b")) is None


def test_figures_survive_the_file():
    figures = (
        Table("c", ("a", "b"), (("1", "2"),)),
        Curves("c", "x", (Line("n", Kind.BM25, "u", ((1.0, 2.0),)),), 3),
        Strip("c", "n", Kind.CROSS_ENCODER, "logit", (1.0, 2.0), (("m", 3.0),)),
    )
    tally = Tally("Right", (Count(Kind.BM25, 1, 2),), None, "x.", figures, sampled=False)
    assert stored.from_json(json.loads(json.dumps(stored.asdict(tally)))) == tally


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [(14, 20, 0.481, 0.855), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (0, 0, 0.0, 1.0)],
)
def test_wilsons_interval(right, total, low, high):
    """Values from Newcombe (1998), method 3, recomputed by hand from the formula."""
    assert wilson(right, total) == pytest.approx((low, high), abs=1e-3)


def test_a_tallys_sentence_has_intervals_and_the_coin():
    tally = Tally("Right", (Count(Kind.CROSS_ENCODER, 14, 20), Count(Kind.BI_ENCODER, 6, 20)), 0.5, "x.")
    assert tally.sentence() == "Right: cross-encoder 14 of 20 (48 to 85 %), bi-encoder 6 of 20 (15 to 52 %), coin 10."
    assert replace(tally, sampled=False, chance=None).sentence() == "Right: cross-encoder 14 of 20, bi-encoder 6 of 20."
