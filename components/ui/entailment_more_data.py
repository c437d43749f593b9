"""What the word toggle and the tally of the entailment page are sent."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from components import settings
from components.attention.words import cut_words
from components.entailment.findings import tally_finding, toggle_finding
from components.entailment.flips import Outcome, percent, share
from components.ranking.findings import format_score
from components.records import Reading, ScorerInfo
from components.texts.limits import count
from components.ui.entailment_data import classes_data
from components.ui.entailment_tally import TallyView
from components.ui.entailment_toggle import ToggleView


def toggle_data(view: ToggleView, history: list[dict[str, Any]], bi: ScorerInfo | None) -> dict[str, Any]:
    """The open row's toggle."""
    unit = bi.unit if bi else ""
    is_original = view.change.texts == view.pair
    readings = (view.after.classes.first, view.after.classes.second) if view.after and is_original else (None, None)
    made: dict[str, Any] = {
        "number": view.number,
        "pair": list(view.pair),
        "premise": _side(view.change.query, view.change.query_struck, readings[0]),
        "hypothesis": _side(view.change.document, view.change.document_struck, readings[1]),
        "count": view.count,
        "history": history,
        "is_new": view.is_new,
        "finding": "",
        "before": None,
        "after": None,
        "flips": [{"step": flip.step, "words": flip.sentence()} for flip in view.flips],
        "words": None,
        "tried": view.tried,
        "problem": view.problem,
        "waiting": view.waiting,
        "stoppable": view.stoppable,
        "unit": unit,
    }
    if view.before and view.after:
        made["before"], made["after"] = _outcome(view.before), _outcome(view.after)
        if view.is_new:
            made["finding"] = toggle_finding(view.pair, view.change, view.before, view.after, unit)
    if view.words is not None:
        made["words"] = [
            {"side": one.side, "index": one.index, "word": one.word, "to": share(one.classes)} for one in view.words
        ]
    return made


def _outcome(outcome: Outcome) -> dict[str, Any]:
    value = outcome.similarity
    return {"classes": classes_data(outcome.classes), "cosine": format_score(value.value) if value else ""}


def _side(text: str, struck: tuple[int, ...], reading: Reading | None) -> dict[str, Any]:
    """A text in segments [text, index of the word or -1, whether the model never read it]."""
    cut = len(text) if reading is None or reading.cut is None else reading.cut
    segments: list[list[Any]] = []
    at = 0
    for index, (start, end) in enumerate(cut_words(text)):
        if start > at:
            segments.append([text[at:start], -1, False])
        segments.append([text[start:end], index, start >= cut])
        at = end
    if at < len(text):
        segments.append([text[at:], -1, False])
    return {"text": text, "struck": list(struck), "segments": segments}


def tally_data(view: TallyView) -> dict[str, Any]:
    """The data of the view ``entailment_tally``."""
    data: dict[str, Any] = {
        "problem": view.problem,
        "done": view.done,
        "total": view.total,
        "running": view.polling,
        "retry": view.retry,
        "finding": "",
        "groups": [],
        "made": "",
    }
    tally = view.shown
    if tally is None:
        return data
    groups = [
        {
            "name": name,
            "right": sum(one.is_right for one in pairs),
            "pairs": [
                {
                    "premise": one.pair.premise,
                    "hypothesis": one.pair.hypothesis,
                    "expected": one.pair.expected,
                    "says": share(one.classes),
                    "right": one.is_right,
                    "example": one.pair.example,
                }
                for one in pairs
            ],
        }
        for name, pairs in tally.by_phenomenon().items()
    ]
    made = (
        f"A live run of {tally.model.name} on this server at {view.made_at}: {count(len(tally.checked), 'pair')} in "
        f"{tally.seconds:.1f} s. The expected labels are their writer's; so few pairs are an illustration."
    )
    return data | {"finding": tally_finding(tally), "groups": groups, "made": f"{made} {card_words(tally.model.name)}"}


@cache
def card_words(name: str) -> str:
    """What the model's card says of the first held-out set, beside the control that never sees the premise."""
    try:
        content = json.loads((settings.models_folder() / name / "evaluation.json").read_text(encoding="utf-8"))
        line = next(line for line in content["lines"] if "hypothesis_only" in line)
        right, control = percent(line["accuracy"]), percent(line["hypothesis_only"])
        return (
            f"Held out ({line['name']}, {line['pairs']:,} pairs, from its card) it is right on {right}; a control that "
            f"reads the hypothesis only, on {control}."
        )
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return ""
