"""The first example's result, computed once and shipped, so that the first paint shows one before any model is there.

``python -m components.stored`` makes ``assets/stored/compare.json`` anew; a test fails when its model hashes are not
those of the shipped models.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict, replace
from typing import Any

from components.records import Column, Comparison, Document, Kind, PairScore, ScorerInfo
from components.settings import ASSETS

FILE = ASSETS / "stored" / "compare.json"


def load_stored() -> Comparison | None:
    """The stored comparison, marked with its date; None where the file is missing or cannot be read."""
    try:
        return from_json(json.loads(FILE.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def from_json(row: dict[str, Any]) -> Comparison:
    """A comparison from what ``dataclasses.asdict`` made of it."""
    columns = []
    for column in row["columns"]:
        scorer = dict(column["scorer"])
        scorer["kind"] = Kind(scorer["kind"])
        scorer["prompts"] = tuple(tuple(pair) for pair in scorer["prompts"])
        scores = tuple(_score(score) for score in column["scores"])
        columns.append(Column(**{**column, "scorer": ScorerInfo(**scorer), "scores": scores}))
    documents = tuple(Document(**document) for document in row["documents"])
    return Comparison(**{**row, "documents": documents, "columns": tuple(columns), "notes": tuple(row["notes"])})


def _score(row: dict[str, Any]) -> PairScore:
    chunk = row.get("chunk")
    return PairScore(**{**row, "chunk": chunk and (int(chunk[0]), int(chunk[1]))})


def make() -> Comparison:
    """Score the first example with the shipped models and save the result."""
    from components.models.loading import load, prepare_torch
    from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, neural_models
    from components.scoring.compare import compare
    from components.scoring.scheduler import Progress
    from components.scoring.scorer import Stores
    from components.scoring.store import SeenBefore
    from components.texts.examples import FIRST, examples
    from components.texts.paste import split_documents

    device = prepare_torch()
    wanted = (DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER)
    scorers = [load(spec, device) for spec in neural_models() if spec.key in wanted]
    example = examples()[FIRST]
    documents = split_documents(example.documents_text, example.split).documents
    made: list[Comparison] = []
    for _ in compare(example.query, documents, scorers, Stores(), SeenBefore(), made.append)(Progress()):
        pass
    comparison = replace(made[0], stored=datetime.datetime.now(datetime.UTC).date().isoformat())
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(asdict(comparison), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return comparison


if __name__ == "__main__":
    print(make().columns)
