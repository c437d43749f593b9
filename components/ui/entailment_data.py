"""What the entailment views are sent: words and numbers ready to be shown, nothing left to guess."""

from __future__ import annotations

from typing import Any

from components.entailment.classes import DEFINITIONS, Meaning, fitting, meaning
from components.entailment.desk import MAX_LONG, MAX_PAIRS, MAX_SHORT, MOST_SENT, Desk
from components.entailment.findings import finding
from components.entailment.flips import percent
from components.entailment.pairs import entailment_examples
from components.entailment.records import Judged, JudgedPair, Mode
from components.models.classifiers import shipped_classifiers
from components.ranking.findings import format_score
from components.records import PairClasses
from components.texts.limits import count
from components.texts.sentences import LIBRARY
from components.ui.entailment_flow import EntailmentView
from components.ui.explain import TERMS

LINKED_TEXT = 5_000  # characters of text a link may carry
LIMITS = {
    Mode.HYPOTHESES: f"At most {MAX_PAIRS} hypotheses of {MAX_SHORT:,} characters.",
    Mode.CLAIM: f"At most {MAX_LONG:,} characters and {MAX_PAIRS} sentences.",
}
STYLES = {Meaning.ENTAILMENT: 0, Meaning.NEUTRAL: 1, Meaning.CONTRADICTION: 2, Meaning.NOT_ENTAILMENT: 2}
N_STYLES = 6  # patterns there are in component.css


def inputs_data(desk: Desk, problem: str, shown: Judged | None) -> dict[str, Any]:
    """The data of the view ``entailment_inputs``, without what belongs to the session."""
    example = desk.chosen_example
    return {
        "touched": desk.touched,
        "version": desk.version,
        "mode": str(desk.mode),
        "boxes": {str(mode): list(texts) for mode, texts in desk.boxes.items()},
        "examples": [
            {"id": one.id, "group": one.phenomenon, "title": one.title} for one in entailment_examples().values()
        ],
        "example": example.id if example else "",
        "look_at": example.look_at if example else "",
        "limits": {str(mode): words for mode, words in LIMITS.items()},
        "most_characters": MOST_SENT,
        "found": _found(desk, shown) if not problem else "",
        "problem": problem,
        "can_take_back": desk.replaced is not None,
        "settled": shown is not None,
    }


def _found(desk: Desk, shown: Judged | None) -> str:
    if shown is None or shown.question.mode is not desk.mode:
        return ""
    if desk.mode is Mode.CLAIM:
        return f"{count(len(shown.rows), 'sentence')}, cut by {LIBRARY}"
    number = len(shown.rows)
    return f"{number} {'hypothesis' if number == 1 else 'hypotheses'}, one a line"


def result_data(view: EntailmentView, desk: Desk) -> dict[str, Any]:
    """The data of the view ``entailment_result``, but for the open row's toggle."""
    shown = view.shown
    data: dict[str, Any] = {
        "mode": str(desk.mode),
        "stale": view.stale,
        "waiting": view.waiting,
        "done": view.done,
        "total": view.total,
        "stoppable": view.stoppable,
        "retry": view.retry,
        "model_problem": view.model_problem,
        "models": list(dict.fromkeys([*(spec.name for spec in shipped_classifiers()), desk.model])),
        "model": desk.model,
        "both_ways": desk.both_ways,
        "sort": desk.sort,
        "terms": {name: TERMS[name] for name in ("cosine", "entailment", "probability", "swap")},
        "link": _link(desk),
        "finding": "" if view.problem else "The answer appears here.",
        "rows": [],
        "labels": [],
        "notes": [],
        "work": "",
        "made": "",
        "unit": "",
    }
    if shown is None:
        return data
    return data | {
        "finding": finding(shown),
        "labels": labels_data(shown.labels),
        "rows": [_row(row, shown) for row in shown.rows],
        "notes": list(shown.notes),
        "work": _work(shown),
        "made": _made(shown),
        "unit": shown.bi_encoder.unit if shown.bi_encoder else "",
        "shown_both_ways": shown.is_both_ways,
        "shown_mode": str(shown.question.mode),
    }


def _work(shown: Judged) -> str:
    """ "2 scored, 1 kept, 0.04 s"; without a time where the server knew all pairs."""
    words = f"{shown.scored} scored, {shown.kept} kept"
    return words if shown.seconds is None else f"{words}, {shown.seconds:.2f} s"


def labels_data(labels: tuple[str, ...]) -> list[dict[str, Any]]:
    """Each class with its pattern and what it means; the same meaning has the same pattern whatever the model."""
    used = {STYLES[meaning(label)] for label in labels if meaning(label) in STYLES}
    free = [style for style in range(N_STYLES) if style not in used]
    made = []
    for place, label in enumerate(labels):
        known = meaning(label)
        style = STYLES[known] if known in STYLES else (free.pop(0) if free else place % N_STYLES)
        made.append({"name": label, "style": style, "meaning": DEFINITIONS.get(known, "")})
    return made


def classes_data(classes: PairClasses) -> dict[str, Any]:
    """A stacked bar with its numbers: shares for drawing, words for reading, the likeliest class."""
    probabilities = classes.probabilities
    return {
        "shares": [round(value, 4) for value in probabilities],
        "words": [percent(value) for value in probabilities],
        "exact": list(probabilities),
        "top": classes.top,
    }


def _row(row: JudgedPair, shown: Judged) -> dict[str, Any]:
    is_claim = shown.question.mode is Mode.CLAIM
    own = row.classes.first if is_claim else row.classes.second
    text = row.premise if is_claim else row.hypothesis
    wanted = fitting(shown.labels, row.expected) if row.expected else None
    made: dict[str, Any] = {
        "number": row.number,
        "text": text,
        "cut": None if own.cut is None else len(text[: own.cut].encode("utf-16-le")) // 2,  # as the browser counts
        "unread": _unread(row, shown),
        "classes": classes_data(row.classes),
        "swapped": classes_data(row.swapped) if row.swapped else None,
        "expected": "" if wanted is None else shown.labels[wanted],
        "as_expected": wanted == row.classes.top,
        "cosine": None,
    }
    if row.similarity is not None:
        made["cosine"] = {
            "shown": format_score(row.similarity.value),
            "swapped": format_score(row.similarity.swapped),
            "value": row.similarity.value,
            "exact": [row.similarity.value, row.similarity.swapped],
        }
    return made


def _unread(row: JudgedPair, shown: Judged) -> str:
    """What the models never saw of this pair, in words; "" where they read all."""
    parts = [
        f"the cross-encoder reads {reading.tokens_read} of {reading.tokens_total} tokens of the {side}"
        for side, reading in (("premise", row.classes.first), ("hypothesis", row.classes.second))
        if reading.tokens_lost
    ]
    if row.similarity and row.similarity.lost and shown.bi_encoder:
        parts.append(f"the bi-encoder never sees {count(row.similarity.lost, 'token')} of the two texts")
    words = "; ".join(parts)
    return words[:1].upper() + words[1:]


def _made(shown: Judged) -> str:
    """What made the figures, and what they are not."""
    model = shown.model
    words = (
        f"Cross-encoder {model.name}: premise first, hypothesis second, probabilities are the softmax of its logits, "
        f"not calibrated; window {model.max_tokens} tokens, {model.dtype} on {model.device}."
    )
    if shown.bi_encoder is None:
        return words + " There is no bi-encoder on this machine, so there is no cosine."
    bi = shown.bi_encoder
    return (
        f"{words} Bi-encoder {bi.name}: {bi.unit} of the two texts, each embedded alone in the same role (document), "
        f"window {bi.max_tokens} tokens, {bi.dtype} on {bi.device}."
    )


def _link(desk: Desk) -> dict[str, Any]:
    """What a link to this view carries; without texts where they are too long for it."""
    example = desk.chosen_example
    made: dict[str, Any] = {"mode": str(desk.mode), "example": example.id if example else "", "above": None}
    if example is None and len(desk.above) + len(desk.below) <= LINKED_TEXT:
        made |= {"above": desk.above, "below": desk.below}
    return made
