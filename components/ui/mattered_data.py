"""What the view "mattered" is sent: words and numbers ready to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from components.attention.pair import Part
from components.attention.words import Word
from components.attribution.agreement import methods_sentence
from components.attribution.cosine_split import CosineSplit, Unit
from components.attribution.gradients import GAP_WARNING
from components.attribution.methods import METHODS
from components.attribution.records import STEPS, Attribution, Operator
from components.ui.curves_data import curves_data
from components.ui.mattered_flow import CURVES, HEADS, SPLIT, Found, MatteredView
from components.ui.tokens_flow import label
from components.workspace import Workspace

OUT_OF_DISTRIBUTION = (
    "A text with a word missing is no text the model was trained on, and effects of single words do not add up to the "
    "score. Nor is any of the methods the truth: they may disagree."
)
NOT_TRAINED = (
    "Late interaction compares token by token and keeps each query token's best match; this model was trained for the "
    "mean, so take it as a contrast, not as a score."
)


def mattered_data(view: MatteredView, workspace: Workspace, number: int) -> dict[str, Any]:
    """The data of the view ``mattered`` for "What mattered" and for "Bi-encoder"."""
    asked = view.asked
    data: dict[str, Any] = {
        **chooser(workspace, number),
        "mode": "split" if asked.what == SPLIT else "mattered",
        "asked": {"what": asked.what, **asdict(asked.knobs)},
        "listed": [{"name": one.name, "knobs": list(one.knobs)} for one in METHODS.values()],
        "steps": list(STEPS),
        "problem": view.problem,
        "waiting": view.waiting,
        "done": view.done,
        "total": view.total,
        "stoppable": view.stoppable,
        "retry": view.retry,
    }
    if view.file is not None:
        data["download"] = asdict(view.file)
    found = view.found
    if found is None or not found.has(asked):
        return data
    data["language"] = found.language
    if asked.what == SPLIT:
        assert found.split is not None
        return data | _split(found.split, workspace, number)
    if asked.what == HEADS:
        return data | _heads(found)
    if asked.what == CURVES:
        return data | curves_data(found)
    return data | _attribution(found.attributions[asked], found)


def chooser(workspace: Workspace, number: int) -> dict[str, Any]:
    """The documents to choose from and the one that is looked at."""
    documents = workspace.pasted.documents
    return {
        "documents": [{"number": one.number, "label": label(one, len(documents))} for one in documents],
        "number": max(1, min(number, len(documents))),
    }


def _segments(text: str, words: Sequence[Word | Unit], part: Part) -> list[list[Any]]:
    """A text as [piece of text, index into ``words`` or -1 between words]; what was never read stands last, -2."""
    made: list[list[Any]] = []
    at = 0
    for index, word in enumerate(words):
        if word.part is not part:
            continue
        if word.start > at:
            made.append([text[at : word.start], -1])
        made.append([text[word.start : word.end], index])
        at = word.end
    if text[at:]:
        made.append([text[at:], -2 if text[at:].strip() else -1])
    return made


def signed(value: float, digits: int = 2) -> str:
    """With its sign, and a real minus."""
    return f"{value:+.{digits}f}".replace("-", "−")


def _minus(value: float) -> str:
    """Two decimals with a real minus."""
    return f"{value:.2f}".replace("-", "−")


def _attribution(one: Attribution, found: Found) -> dict[str, Any]:
    assert found.pair is not None
    order = sorted(range(len(one.values)), key=lambda index: -abs(one.values[index]))
    top = one.words[order[0]] if order else None
    finding = "There are no words to judge."
    if top is not None:
        value = one.values[order[0]]
        verb = "raises" if value >= 0 else "lowers"
        finding = (
            f"By {_how(one)}, “{top.text}” in the {top.part} has the largest effect: it {verb} the logit by "
            f"{abs(value):.2f}"
        )
        if METHODS[one.method].rescores:
            finding += f", to {_minus(one.score)} from {_minus(one.score - value)} without it"
        finding += "."
    warning = ""
    if one.gap is not None and one.gap > GAP_WARNING:
        warning = (
            f"The attributions miss {one.gap:.0%} of the difference they should add up to (more than 5 %): take more "
            "steps before reading them."
        )
    return {
        "finding": finding,
        "warning": warning,
        "agreement": found.agreement.sentence() if found.agreement else "",
        "methods": methods_sentence(list(found.attributions.values())),
        "query": _segments(found.pair.query, one.words, Part.QUERY),
        "document": _segments(found.pair.document, one.words, Part.DOCUMENT),
        "words": [
            {"text": word.text, "part": str(word.part), "value": value, "shown": signed(value)}
            for word, value in zip(one.words, one.values, strict=True)
        ],
        "unit": "logit",
        "caption": _caption(one, found),
    }


def _how(one: Attribution) -> str:
    return f"{one.method} ({one.operator})" if one.operator else one.method


def _caption(one: Attribution, found: Found) -> str:
    """What made the figures, in words."""
    assert found.pair is not None
    scorer = one.scorer
    lost = found.pair.query_lost + found.pair.document_lost
    cut = f" {lost} tokens beyond the window were never seen (grey)." if lost else ""
    if lost and one.operator is Operator.REMOVE:
        cut += " A word taken out lets the next of them in."
    return (
        f"{scorer.kind} {scorer.name}, {scorer.dtype} on {scorer.device}; "
        f"{METHODS[one.method].how(one)}. Orange raises the score, blue lowers it.{cut} {OUT_OF_DISTRIBUTION}"
    )


def _heads(found: Found) -> dict[str, Any]:
    first = found.heads[0]
    return {
        "finding": (
            f"Without layer {first.layer + 1}, head {first.head + 1} the logit changes most: {signed(first.change)}."
        ),
        "heads": [
            {"layer": one.layer, "head": one.head, "value": one.change, "shown": signed(one.change, 3)}
            for one in found.heads
        ],
        "caption": (
            "Each head's output set to zero before the output projection, one at a time, and this pair scored again; "
            "the number is the logit without the head minus the logit with it. Valid for this model and this "
            "pair; single effects do not add up. Open one to see it in the map."
        ),
    }


def _split(one: CosineSplit, workspace: Workspace, number: int) -> dict[str, Any]:
    sums = one.contributions.sum(0)  # of each document unit
    of_query = one.contributions.sum(1)
    best = max(
        ((i, j) for i in range(len(one.query)) for j in range(len(one.document))),
        key=lambda place: float(one.contributions[place]),
    )
    units = [*one.query, *one.document]
    values = [*map(float, of_query), *map(float, sums)]
    text = workspace.pasted.documents[max(1, min(number, len(workspace.pasted.documents))) - 1].text
    shift = len(one.query)
    document = [
        [part, index + shift if index >= 0 else index] for part, index in _segments(text, one.document, Part.DOCUMENT)
    ]
    return {
        "finding": (
            f"The cosine {one.cosine:.3f} is the sum of {one.contributions.size:,} contributions; the largest, "
            f"{signed(float(one.contributions[best]), 3)}, is “{one.query[best[0]].text}” with "
            f"“{one.document[best[1]].text}”."
        ),
        "query": _segments(workspace.clean_query, one.query, Part.QUERY),
        "document": document,
        "words": [
            {"text": unit.text, "part": str(unit.part), "value": value, "shown": signed(value, 3)}
            for unit, value in zip(units, values, strict=True)
        ],
        "shift": shift,
        "matrix": [[round(float(value), 6) for value in row] for row in one.contributions],
        "best": [{"query": m.query, "document": m.document, "cosine": f"{m.cosine:.2f}"} for m in one.best],
        "unit": "cosine",
        "caption": (
            f"{one.scorer.kind} {one.scorer.name}, mean pooling, {one.scorer.dtype} on {one.scorer.device}. A "
            "contribution is of one query word with one document word, a word's number the sum of its own. All, "
            f"special tokens included, add up to {float(one.contributions.sum()):.5f} (the model's cosine: "
            f"{one.cosine:.5f}); so do the query's words alone, and the document's. Orange adds, blue takes away. "
            "Choose a query word to see its own parts. "
            f"{NOT_TRAINED}"
        ),
    }
