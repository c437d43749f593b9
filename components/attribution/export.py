"""What was found about a score as CSV and JSON, in full precision, each row with what made it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from components.attribution.cosine_split import CosineSplit
from components.attribution.curves import BEST_WORDS, CurveSet
from components.attribution.records import Attribution, HeadEffect
from components.attribution.strike import RULE
from components.attribution.toggle import Change, ModelEffect
from components.records import ScorerInfo
from components.texts.cells import harmless

LIMITS_WORDS = "Valid for this model and this pair. Texts with words missing are not what the model was trained on."


@dataclass(frozen=True)
class Table:
    """Rows under named columns. ``about`` holds for every row and stands in each CSV line; ``more`` only in JSON."""

    name: str
    about: dict[str, Any]
    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    more: dict[str, Any]

    def to_csv(self) -> str:
        """One line a row; what begins like a formula is made harmless by an apostrophe."""
        sink = io.StringIO()
        writer = csv.writer(sink, lineterminator="\n")
        writer.writerow([*self.columns, *self.about])
        about = [_cell(value) for value in self.about.values()]
        writer.writerows([*map(_cell, row), *about] for row in self.rows)
        return sink.getvalue()

    def to_json(self) -> str:
        """The same rows as objects, with everything that made them."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        content = {**self.about, **self.more, "limits": LIMITS_WORDS, "rows": rows}
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def attribution_table(one: Attribution, query: str, document: str) -> Table:
    """A method's number of each word."""
    about = {
        "method": one.method,
        "operator": str(one.operator or ""),
        "baseline": one.baseline,
        "steps": one.steps or "",
        "completeness_gap": "" if one.gap is None else one.gap,
        "score": one.score,
        "baseline_score": "" if one.baseline_score is None else one.baseline_score,
        "special_tokens": one.special,
        **_scorer(one.scorer),
    }
    rows = [
        (place, str(word.part), word.text, word.start, word.end, value)
        for place, (word, value) in enumerate(zip(one.words, one.values, strict=True), 1)
    ]
    columns = ("place", "part", "word", "start", "end", "value")
    return Table(one.method.replace(" ", "-"), about, columns, rows, _texts(query, document) | {"removal_rule": RULE})


def heads_table(heads: Sequence[HeadEffect], scorer: ScorerInfo, score: float, query: str, document: str) -> Table:
    """Each head's effect on the score; layers and heads count from 1."""
    about = {"method": "head output set to zero before the output projection", "score": score, **_scorer(scorer)}
    rows = [(one.layer + 1, one.head + 1, one.change) for one in heads]
    return Table("heads", about, ("layer", "head", "change"), rows, _texts(query, document))


def split_table(one: CosineSplit, query: str, document: str) -> Table:
    """The contribution of each query unit with each document unit; JSON has late interaction too."""
    method = "exact split of the cosine, mean pooling"
    about = {"method": method, "cosine": one.cosine, "sum": float(one.contributions.sum()), **_scorer(one.scorer)}
    rows = [
        (i + 1, str(q.part), q.text, j + 1, str(d.part), d.text, float(one.contributions[i, j]))
        for i, q in enumerate(one.query)
        for j, d in enumerate(one.document)
    ]
    columns = (
        "query_place",
        "query_part",
        "query_word",
        "document_place",
        "document_part",
        "document_word",
        "contribution",
    )
    best = [{"query_token": m.query, "best_document_token": m.document, "cosine": m.cosine} for m in one.best]
    return Table("cosine-split", about, columns, rows, _texts(query, document) | {"late_interaction": best})


def curves_table(one: CurveSet, query: str, document: str) -> Table:
    """Every point of every curve; the order's words are in JSON."""
    about = {"method": "deletion and insertion of document words", "best_order": str(one.best), **_scorer(one.scorer)}
    rows = []
    orders = []
    for curves in (one.deletion, one.insertion):
        drawn = {f"random {number}": curve for number, curve in enumerate(curves.random, 1)}
        for name, curve in {**curves.named, f"best ({one.best})": curves.best, **drawn}.items():
            area = curve.area(curves.counts)
            rows += [
                (str(curves.direction), name, count, logit, area)
                for count, logit in zip(curves.counts, curve.logits, strict=True)
            ]
            words = [one.words[index].text for index in curve.order]
            orders.append({"direction": str(curves.direction), "order": name, "words": words})
    more = _texts(query, document) | {"best_order_is": BEST_WORDS[one.best], "removal_rule": RULE, "orders": orders}
    return Table("curves", about, ("direction", "order", "words", "logit", "area"), rows, more)


def toggle_table(change: Change, query: str, document: str, effects: Sequence[ModelEffect]) -> Table:
    """Each model before and after a change; ranks are empty while they are not known."""
    new_query, new_document = change.texts
    rows = [
        (
            str(one.scorer.kind),
            one.scorer.name,
            one.scorer.unit,
            one.before,
            one.after,
            one.after - one.before,
            "" if one.rank_before is None else one.rank_before,
            "" if one.rank_after is None else one.rank_after,
            one.documents or "",
            one.scorer.pooling,
            one.scorer.device,
            one.scorer.dtype,
            one.scorer.fingerprint,
        )
        for one in effects
    ]
    columns = (
        "kind",
        "model",
        "unit",
        "before",
        "after",
        "change",
        "rank_before",
        "rank_after",
        "documents",
        "pooling",
        "device",
        "dtype",
        "fingerprint",
    )
    about = {
        "method": "both texts scored afresh",
        "query": query,
        "document": document,
        "changed_query": new_query,
        "changed_document": new_document,
    }
    return Table("struck-words", about, columns, rows, {"removal_rule": RULE})


def _scorer(scorer: ScorerInfo) -> dict[str, Any]:
    return {
        "kind": str(scorer.kind),
        "model": scorer.name,
        "fingerprint": scorer.fingerprint,
        "unit": scorer.unit,
        "device": scorer.device,
        "dtype": scorer.dtype,
    }


def _texts(query: str, document: str) -> dict[str, Any]:
    return {"query": query, "document": document}


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.9g}"
    return harmless(value) if isinstance(value, str) else value
