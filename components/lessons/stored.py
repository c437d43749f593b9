"""Tallies of all lessons, computed once and shipped: ``python -m components.lessons.stored [ID ...]`` makes them anew.

A stored tally counts only for the very weights and texts it was made with: with others it is not shown, and the page
counts anew.
"""

from __future__ import annotations

import datetime
import json
import sys
from dataclasses import asdict, replace
from typing import Any

from components.lessons.bench import Bench
from components.lessons.records import Count, Curves, Figure, Lesson, Line, Strip, Table, Tally
from components.records import Kind
from components.scoring.classifier import Classifier
from components.settings import ASSETS

FILE = ASSETS / "stored" / "lessons.json"


def load_tally(lesson: Lesson, fingerprints: tuple[str, ...]) -> Tally | None:
    """The stored tally of a lesson, marked with its date; None where there is none for these weights and texts."""
    try:
        row = json.loads(FILE.read_text(encoding="utf-8"))[lesson.id]
        if row["digest"] != lesson.digest or tuple(row["fingerprints"]) != fingerprints:
            return None
        return from_json(row["tally"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def from_json(row: dict[str, Any]) -> Tally:
    """A tally from what ``dataclasses.asdict`` made of it."""
    counts = tuple(Count(Kind(count["kind"]), count["right"], count["total"]) for count in row["counts"])
    return Tally(**{**row, "counts": counts, "figures": tuple(_figure(figure) for figure in row["figures"])})


def _figure(row: dict[str, Any]) -> Figure:
    if "rows" in row:
        return Table(row["caption"], tuple(row["heads"]), tuple(tuple(cells) for cells in row["rows"]))
    if "lines" in row:
        lines = tuple(
            Line(line["name"], Kind(line["kind"]), line["unit"], tuple((x, y) for x, y in line["points"]))
            for line in row["lines"]
        )
        return Curves(row["caption"], row["x_title"], lines, row["digits"])
    marks = tuple((name, value) for name, value in row["marks"])
    return Strip(row["caption"], row["name"], Kind(row["kind"]), row["unit"], tuple(row["ticks"]), marks)


def shipped_bench() -> Bench:
    """The default models, loaded for a run outside the app."""
    from components.models.loading import load, prepare_torch
    from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, neural_models
    from components.scoring.bi_encoder import BiEncoderScorer
    from components.scoring.bm25 import BM25Scorer
    from components.scoring.cross_encoder import CrossEncoderScorer
    from components.scoring.scorer import Stores

    device = prepare_torch()
    specs = {spec.key: spec for spec in neural_models()}
    bi, cross = load(specs[DEFAULT_BI_ENCODER], device), load(specs[DEFAULT_CROSS_ENCODER], device)
    assert isinstance(bi, BiEncoderScorer)
    assert isinstance(cross, CrossEncoderScorer)
    return Bench(bi, cross, BM25Scorer(), Stores())


def shipped_classifier() -> Classifier:
    """The entailment model, loaded for a run outside the app."""
    from components.models.classifiers import DEFAULT_CLASSIFIER, find_classifier
    from components.models.loading import load_classifier, prepare_torch

    return load_classifier(find_classifier(DEFAULT_CLASSIFIER), prepare_torch())


def make(ids: list[str]) -> None:
    """Count the lessons named (all when none is) and save what came out; print it."""
    from components.lessons.probes import PROBES, listed
    from components.scoring.forward import driven
    from components.scoring.scheduler import Progress

    bench = shipped_bench()
    rows: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if ids and FILE.is_file() else {}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    for lesson in listed().values():
        if (ids and lesson.id not in ids) or lesson.more.get("always_live"):
            continue
        bench = replace(bench, classifier=shipped_classifier() if lesson.more.get("needs") == "classifier" else None)
        tally: Tally = replace(driven(PROBES[lesson.id].tally(lesson, bench, Progress())), stored=today)
        rows[lesson.id] = {"digest": lesson.digest, "fingerprints": bench.fingerprints, "tally": asdict(tally)}
        print(f"{lesson.number} {lesson.title}\n  {tally.sentence()}\n  {tally.published}")
        for figure in tally.figures:
            if isinstance(figure, Table):
                print("  ", *figure.heads, sep=" | ")
                for cells in figure.rows:
                    print("  ", *cells, sep=" | ")
    FILE.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    make(sys.argv[1:])
