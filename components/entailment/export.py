"""An answered question as CSV and JSON, in full precision, with everything that made the numbers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from components import __version__
from components.entailment.flips import Flip
from components.entailment.records import Judged, JudgedPair
from components.records import PairClasses, ScorerInfo
from components.texts.cells import harmless


def to_csv(judged: Judged) -> str:
    """A line a pair; what begins like a formula is made harmless by an apostrophe."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    labels = [f"{kind}_{label}" for kind in ("probability", "logit") for label in judged.labels]
    unit = judged.bi_encoder.unit if judged.bi_encoder else "cosine"
    swapped = ["swapped_class", *(f"swapped_{name}" for name in labels), f"swapped_{unit}"]
    header = ["number", "premise", "hypothesis", "expected", "class", *labels, unit]
    writer.writerow([*map(harmless, header), *(map(harmless, swapped) if judged.is_both_ways else ())])
    for row in judged.rows:
        there, back = (row.similarity.value, row.similarity.swapped) if row.similarity else (None, None)
        cells = [row.number, harmless(row.premise), harmless(row.hypothesis), row.expected, *_cells(row.classes, there)]
        writer.writerow([*cells, *(_cells(row.swapped, back) if row.swapped else ())])
    return sink.getvalue()


def to_json(judged: Judged, flips: Sequence[Flip] = ()) -> str:
    """The same, with the models and the flips that were found by striking words."""
    content = {
        "made_by": f"Relevance Lab {__version__}",
        "mode": str(judged.question.mode),
        "model": _model(judged.model),
        "labels": list(judged.labels),
        "probabilities": "softmax of the logits",
        "bi_encoder": _model(judged.bi_encoder) if judged.bi_encoder else None,
        "pairs": [_pair(row) for row in judged.rows],
        "flips": [
            {
                "step": flip.step,
                "what": flip.what,
                "before": _classes(flip.before.classes),
                "after": _classes(flip.after.classes),
            }
            for flip in flips
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _cells(classes: PairClasses, similarity: float | None) -> list[str]:
    numbers = [*classes.probabilities, *classes.logits]
    shown = "" if similarity is None else f"{similarity:.8g}"
    return [harmless(classes.label), *(f"{value:.8g}" for value in numbers), shown]


def _pair(row: JudgedPair) -> dict[str, Any]:
    made: dict[str, Any] = {
        "number": row.number,
        "premise": row.premise,
        "hypothesis": row.hypothesis,
        "expected": row.expected or None,
        **_classes(row.classes),
        "premise_tokens_lost": row.classes.first.tokens_lost,
        "hypothesis_tokens_lost": row.classes.second.tokens_lost,
        "similarity": row.similarity.value if row.similarity else None,
    }
    if row.swapped is not None:
        made["swapped"] = {**_classes(row.swapped), "similarity": row.similarity.swapped if row.similarity else None}
    return made


def _classes(classes: PairClasses) -> dict[str, Any]:
    return {
        "class": classes.label,
        "probability": dict(zip(classes.labels, classes.probabilities, strict=True)),
        "logit": dict(zip(classes.labels, classes.logits, strict=True)),
    }


def _model(info: ScorerInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "kind": str(info.kind),
        "unit": info.unit,
        "fingerprint": info.fingerprint,
        "window_tokens": info.max_tokens,
        "device": info.device,
        "dtype": info.dtype,
    }
