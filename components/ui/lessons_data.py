"""What the view ``lessons`` is drawn from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from components.lessons.probes import listed
from components.lessons.records import Curves, Figure, Item, Lesson, Line, Strip, Table, Tally
from components.ui.lessons_flow import LessonsView
from components.ui.lessons_open import PLACES


def lessons_data(view: LessonsView, room: dict[str, Any] | None = None) -> dict[str, Any]:
    """The whole lesson as plain values: texts, what is asked, what came out, the class's room."""
    lesson, item, outcome = view.lesson, view.item, view.outcome
    return {
        "lessons": [{"number": one.number, "title": one.title} for one in listed().values()],
        "number": lesson.number,
        "title": lesson.title,
        "question": lesson.question,
        "ask": lesson.ask,
        "options": [asdict(option) for option in lesson.options],
        "predicted": view.predicted,
        **texts_data(lesson, item),
        "item": item.number,
        "place": view.place,
        "places": len(lesson.items),
        "setting": _setting(lesson, view.setting),
        "working": view.working,
        "waiting": view.waiting,
        "problem": view.problem,
        "done": view.done,
        "total": view.total,
        "stoppable": view.stoppable,
        "result": None
        if outcome is None
        else {
            "answer": outcome.answer,
            "finding": outcome.finding,
            "predicted": predicted_sentence(lesson, view.predicted, outcome.answer),
            "published": outcome.published,
            "caption": outcome.caption,
            "figures": [figure_data(figure) for figure in outcome.figures],
            "openings": [
                {"index": index, "title": PLACES[opening.place].title}
                for index, opening in enumerate(outcome.openings)
                if opening.place in PLACES and PLACES[opening.place].exists
            ],
        },
        "claim": asdict(lesson.claim),
        "explanation": lesson.explanation,
        "room": room,
        "tally": None if view.tally is None else tally_data(view.tally),
    }


def texts_data(lesson: Lesson, item: Item) -> dict[str, Any]:
    """The texts of one item with what they are."""
    labels = item.labels or tuple(f"document {place}" for place in range(1, len(item.documents) + 1))
    name = str(lesson.more.get("query_label", "query"))
    several = len(item.queries) > 1
    return {
        "queries": [
            {"label": f"{name} {place}" if several else name, "text": text}
            for place, text in enumerate(item.queries, 1)
        ],
        "documents": [{"label": label, "text": text} for label, text in zip(labels, item.documents, strict=True)],
    }


def predicted_sentence(lesson: Lesson, predicted: str, answer: str) -> str:
    """Whether the prediction came true."""
    came = lesson.option(answer)
    if not predicted:
        return f"What came out: {came}."
    if predicted == answer:
        return f"You predicted “{came}”, and so it came out."
    return f"You predicted “{lesson.option(predicted)}”; it came out otherwise: {came}."


def tally_data(tally: Tally) -> dict[str, Any]:
    """A tally with the interval of each count, as shares of 1."""
    return {
        "sentence": tally.sentence(),
        "published": tally.published,
        "chance": tally.chance,
        "sampled": tally.sampled,
        "stored": tally.stored,
        "counts": [
            {
                "kind": str(count.kind),
                "right": count.right,
                "total": count.total,
                "low": count.interval[0],
                "high": count.interval[1],
            }
            for count in tally.counts
        ],
        "figures": [figure_data(figure) for figure in tally.figures],
    }


def figure_data(figure: Figure) -> dict[str, Any]:
    """A figure with its kind; curves and strips bring a table of the same numbers."""
    if isinstance(figure, Table):
        return {"type": "table", **asdict(figure)}
    if isinstance(figure, Curves):
        return {"type": "curves", **asdict(figure), "twin": asdict(_curves_table(figure))}
    return {"type": "strip", **asdict(figure), "twin": asdict(_strip_table(figure))}


def _curves_table(figure: Curves) -> Table:
    xs = sorted({x for line in figure.lines for x, _ in line.points})
    rows = []
    for x in xs:
        cells = [_at(line, x, figure.digits) for line in figure.lines]
        rows.append((f"{x:g}", *cells))
    return Table("", (figure.x_title, *(f"{line.name} ({line.unit})" for line in figure.lines)), tuple(rows))


def _at(line: Line, x: float, digits: int) -> str:
    found = [y for at, y in line.points if at == x]
    if not found:
        return ""
    size = abs(found[0])
    return f"{found[0]:.{min(digits, 0 if size >= 100 else 1 if size >= 10 else digits)}f}".replace("-", "−")


def _strip_table(figure: Strip) -> Table:
    ordered = sorted(figure.ticks)
    marks = [(name, f"{value:.2f}".replace("-", "−")) for name, value in figure.marks]
    ends = [("lowest of the unrelated", ordered[0]), ("median", ordered[len(ordered) // 2]), ("highest", ordered[-1])]
    rows = [*marks, *((name, f"{value:.2f}".replace("-", "−")) for name, value in ends)]
    return Table("", ("", f"{figure.name} ({figure.unit})"), tuple(rows))


def _setting(lesson: Lesson, value: float) -> dict[str, Any] | None:
    if lesson.setting is None:
        return None
    return {"label": lesson.setting.label, "values": list(lesson.setting.values), "value": value}
