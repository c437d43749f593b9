"""Judgments from a file: TREC qrels (query, iteration, document, grade) or BEIR's three columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

from components.errors import InputProblem

MOST_GRADE = 10
_NAMES = {"query-id", "query_id", "qid", "query", "topic"}  # how a line of names begins


@dataclass(frozen=True)
class Qrels:
    """``grades``: query id -> document id -> grade from 0; ``negative`` judgments (TREC's "junk") were read as 0."""

    grades: dict[str, dict[str, int]]
    count: int
    negative: int = 0


def read_qrels(name: str, text: str) -> Qrels:
    """Read judgments; columns are separated by blanks, tabs, commas or semicolons.

    Raises ``InputProblem`` that names the line which is not a judgment. A pair judged twice keeps its last grade.
    """
    grades: dict[str, dict[str, int]] = {}
    count = negative = 0
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        cells = [cell.strip("\"' \ufeff") for cell in re.split(r"\s*[\t,;]\s*|\s+", line.strip()) if cell.strip()]
        if not cells or (not count and cells[0].lower() in _NAMES):
            continue
        query, document, grade = _judgment(name, number, cells)
        negative += grade < 0
        grades.setdefault(query, {})[document] = max(0, grade)
        count += 1
    if not count:
        raise InputProblem(f"{name} holds no judgments: each line should be “query 0 document grade”.")
    return Qrels(grades, count, negative)


def _judgment(name: str, number: int, cells: list[str]) -> tuple[str, str, int]:
    if len(cells) not in (3, 4):
        raise InputProblem(
            f"Line {number:,} of {name} has {len(cells)} columns; a judgment has four (query, 0, document, grade) or "
            "three (query, document, grade)."
        )
    try:
        grade = float(cells[-1])
    except ValueError:
        grade = float("nan")
    if not abs(grade) <= MOST_GRADE or grade != int(grade):  # also where it is no number, or infinite
        raise InputProblem(
            f"Line {number:,} of {name} ends with “{cells[-1][:20]}”; a grade is a whole number from 0 to {MOST_GRADE}."
        )
    return cells[0], cells[-2], int(grade)
