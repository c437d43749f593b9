"""A comparison as CSV and as JSON: every number in full precision, with what it means."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from components import __version__
from components.judging.metrics import Quality
from components.ranking.findings import column_names
from components.ranking.ranks import competition_ranks
from components.records import Comparison
from components.texts.cells import harmless


def to_csv(shown: Comparison, grades: Sequence[int | None]) -> str:
    """A line a document, in the order of the input. Texts that begin like a formula get an apostrophe before them."""
    names = column_names(shown.columns)
    ranks = [competition_ranks(column.values) for column in shown.columns]
    head = ["number", "id", "judgment"]
    for name, column in zip(names, shown.columns, strict=True):
        head += [harmless(f"{name} {what}") for what in ("rank", column.scorer.unit, "tokens read", "tokens")]
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([*head, "document", "query"])
    for place, document in enumerate(shown.documents):
        row: list[Any] = [document.number, harmless(document.id), "" if grades[place] is None else grades[place]]
        for column, of_column in zip(shown.columns, ranks, strict=True):
            score = column.scores[place]
            row += [of_column[place], repr(score.value), score.tokens_read, score.tokens_total]
        writer.writerow([*row, harmless(document.text), harmless(shown.query)])
    return sink.getvalue()


def to_json(shown: Comparison, grades: Sequence[int | None], quality: Quality | None) -> str:
    """The whole record: models and what their scores are, scores, ranks, judgments, measures."""
    content = {
        "app": f"Relevance Lab {__version__}",
        **asdict(shown),
        "ranks": [list(competition_ranks(column.values)) for column in shown.columns],
        "judgments": list(grades),
        "measures": None if quality is None else measures(quality),
        "limits": "Scores of different units are not comparable as numbers: compare the order.",
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def measures(quality: Quality) -> dict[str, list[float]]:
    """Each measure's value in every column, in trec_eval's order of ties."""
    return {
        name: [column.values[place].value for column in quality.columns] for place, name in enumerate(quality.measures)
    }
