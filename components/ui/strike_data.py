"""What the word toggle is sent, on Tokens and in a row of Compare: words and numbers ready to be shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from components.attention.words import cut_words
from components.attribution.toggle import Change, ModelEffect
from components.ui.mattered_data import OUT_OF_DISTRIBUTION, chooser, signed
from components.ui.service_words import own_model
from components.ui.strike_flow import StrikeView
from components.workspace import Workspace


def strike_data(view: StrikeView, workspace: Workspace, number: int) -> dict[str, Any]:
    """The data of the toggle; ``original`` are the pair's own texts, which Reset restores."""
    documents = workspace.pasted.documents
    place = max(1, min(number, len(documents))) - 1
    original = (workspace.clean_query, documents[place].text) if documents else ("", "")
    change = view.change or Change(*original)
    left = change.texts
    return chooser(workspace, number) | {
        "pair": view.pair,
        "count": view.count,
        "history": list(view.history),
        "original": {"query": original[0], "document": original[1]},
        "query": {
            "text": change.query,
            "struck": list(change.query_struck),
            "cut": _cut(change.query),
            "left": left[0],
        },
        "document": {
            "text": change.document,
            "struck": list(change.document_struck),
            "cut": _cut(change.document),
            "left": left[1],
        },
        "finding": _finding(view, change, original),
        "effects": [_effect(one, _title(one, view.effects)) for one in view.effects],
        "stale": not view.is_new,
        "problem": view.problem,
        "waiting": view.waiting,
        "stoppable": view.stoppable,
        "retry": view.retry,
        "caption": _caption(view),
        "language": view.language,
        "download": asdict(view.file) if view.file else None,
    }


def _cut(text: str) -> list[list[Any]]:
    """A text cut for striking: [piece of text, number of the word or -1]."""
    made: list[list[Any]] = []
    at = 0
    for index, (start, end) in enumerate(cut_words(text)):
        if start > at:
            made.append([text[at:start], -1])
        made.append([text[start:end], index])
        at = end
    return [*made, [text[at:], -1]] if text[at:] else made


def _title(one: ModelEffect, effects: tuple[ModelEffect, ...]) -> str:
    """Kind and unit; the name too where several models have the unit."""
    scorer = one.scorer
    is_alone = Counter(other.scorer.unit for other in effects)[scorer.unit] == 1
    return f"{scorer.kind}, {scorer.unit}" if is_alone else f"{scorer.kind} {scorer.name}, {scorer.unit}"


def _effect(one: ModelEffect, title: str) -> dict[str, Any]:
    ranks = ""
    if one.rank_before is not None:
        ranks = (
            f"rank {one.rank_before} of {one.documents}, as before"
            if one.rank_before == one.rank_after
            else f"rank {one.rank_before} → {one.rank_after} of {one.documents}"
        )
    digits = 3 if one.scorer.unit == "cosine" else 2
    return {
        "title": title,
        "kind": str(one.scorer.kind),
        "unit": one.scorer.unit,
        "before": f"{one.before:.{digits}f}".replace("-", "−"),
        "after": f"{one.after:.{digits}f}".replace("-", "−"),
        "change": signed(one.after - one.before, digits),
        "ranks": ranks,
        "exact": [one.before, one.after],
    }


def _finding(view: StrikeView, change: Change, original: tuple[str, str]) -> str:
    if view.pair == 0:
        return ""
    if change == Change(*original):
        return "Strike a word of the query or the document, and see what the models make of the rest."
    if not view.effects or not view.is_new:
        return "The changed pair has no scores yet." if view.problem else "Scoring the changed pair."
    units = Counter(one.scorer.unit for one in view.effects)
    parts = []
    for one in view.effects:
        shown = _effect(one, "")
        name = shown["unit"] if units[one.scorer.unit] == 1 else f"{shown['unit']} of {one.scorer.name}"
        parts.append(f"the {name} goes from {shown['before']} to {shown['after']} ({shown['change']})")
    sentence = (f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]) + "."
    return sentence[0].upper() + sentence[1:]


def _caption(view: StrikeView) -> str:
    """What made the figures."""
    made = []
    for one in view.effects:
        scorer = one.scorer
        pooling = f", the {scorer.pooling}" if scorer.pooling else ""
        made.append(f"{scorer.kind} {scorer.name}, {scorer.unit}{pooling}, {scorer.dtype} on {scorer.device}.")
    own = own_model(one.scorer for one in view.effects)
    return " ".join(
        [*made, *([own] if own else []), "Scores are those of a fresh paste of the changed text.", OUT_OF_DISTRIBUTION]
    )
