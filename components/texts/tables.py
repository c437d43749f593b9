"""From the text of a file to rows and columns: .csv, .tsv, .json, .jsonl. A break is named by its line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from components.errors import InputProblem
from components.texts.limits import count

TEXT = "text"  # the column of a file that has no names
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_SAMPLE_CHARACTERS = 8_000  # what the delimiter is guessed from
_MOST_HEADER_CHARACTERS = 40
_LISTS = ("documents", "docs", "passages", "texts", "corpus", "results", "hits", "rows", "data", "items")


@dataclass(frozen=True)
class Table:
    """The cells of a file as text, each row parallel to ``columns`` ("" where a cell is missing).

    ``how`` says how the file was read ("separated by semicolons, first line as names"); ``query`` is one that stands
    beside the documents in a JSON file.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    how: str = ""
    query: str = ""


def read_csv(name: str, text: str, known_names: Iterable[str]) -> Table:
    """A table separated by what clevercsv finds among comma, semicolon, tab and vertical bar."""
    return _table(_csv_rows(name, text, _delimiter(text)), known_names, _delimiter(text))


def read_tsv(name: str, text: str, known_names: Iterable[str]) -> Table:
    """A table separated by tabs. Quotes count as in CSV where they fit, else they are part of the text."""
    try:
        rows = _csv_rows(name, text, "\t")
    except InputProblem:
        rows = _csv_rows(name, text, "\t", quoting=csv.QUOTE_NONE)
    return _table(rows, known_names, "\t")


def _delimiter(text: str) -> str:
    import clevercsv

    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > len(sample) and "\n" in sample:
        sample = sample[: sample.rindex("\n")]
    try:
        dialect = clevercsv.Detector().detect(sample, delimiters=list(_DELIMITERS))
    except Exception:  # a guess of another library about any bytes: whatever it stumbles on, comma is the default
        return ","
    return dialect.delimiter if dialect is not None and dialect.delimiter in _DELIMITERS else ","


def _csv_rows(name: str, text: str, delimiter: str, quoting: Any = csv.QUOTE_MINIMAL) -> list[list[str]]:
    """The rows without blank ones, all as long as the first; ``InputProblem`` names the line of one that is not."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, quoting=quoting)
    rows: list[list[str]] = []
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise InputProblem(
                f"{name} is broken in the row that begins on line {line:,} ({error}): check the quotes there."
            ) from error
        if row is None:
            return rows
        if not any(cell.strip() for cell in row):
            continue
        if rows:
            width = len(rows[0])
            while len(row) > width and not row[-1].strip():
                row.pop()
            if len(row) != width:
                raise InputProblem(
                    f"Line {line:,} of {name} has {count(len(row), 'field')} and the first line {width}, separated by "
                    f"{_DELIMITERS[delimiter]}: put quotes around texts that hold the separator, or upload a .txt."
                )
        rows.append(row)


def _table(rows: list[list[str]], known_names: Iterable[str], delimiter: str) -> Table:
    how = f"separated by {_DELIMITERS[delimiter]}, " if rows and len(rows[0]) > 1 else ""
    if rows and _is_header(rows, frozenset(known_names)):
        names = _distinct(rows[0])
        return Table(names, tuple(tuple(row) for row in rows[1:]), how + "first line as names")
    width = len(rows[0]) if rows else 0
    names = (TEXT,) if width == 1 else tuple(f"column {number}" for number in range(1, width + 1))
    return Table(names, tuple(tuple(row) for row in rows), how + "no line of names")


def _is_header(rows: list[list[str]], known_names: frozenset[str]) -> bool:
    """Whether the first row names the columns: a known name in it, or short distinct words over much longer cells."""
    first = [cell.strip() for cell in rows[0]]
    if any(cell.lower() in known_names for cell in first):
        return True
    if len(rows) < 2 or len(set(first)) < len(first) or not all(first):
        return False
    if any(len(cell) > _MOST_HEADER_CHARACTERS or cell[-1] in ".!?" or cell[0].isdigit() for cell in first):
        return False
    longest = max(sum(len(row[place]) for row in rows[1:]) / (len(rows) - 1) for place in range(len(first)))
    return len(first) > 1 and longest > 2 * max(len(cell) for cell in first)


def _distinct(names: list[str]) -> tuple[str, ...]:
    made: list[str] = []
    for place, raw in enumerate(names, 1):
        name = raw.strip() or f"column {place}"
        while name in made:
            name += "′"
        made.append(name)
    return tuple(made)


def read_json(name: str, text: str) -> Table:
    """Documents from a list of strings or objects, from such a list inside an object, or from a map of id to text."""
    content = _parsed(name, text, 0)
    query = ""
    if isinstance(content, dict):
        query = content["query"] if isinstance(content.get("query"), str) else ""
        lists = {key: value for key, value in content.items() if isinstance(value, list)}
        found = next((lists[key] for key in _LISTS if key in lists), None)
        if found is None and lists:
            found = max(lists.values(), key=len)
        if found is None and content and all(isinstance(value, str) for value in content.values()):
            found = _from_map(content)
        content = [content] if found is None else found
    if not isinstance(content, list):
        raise InputProblem(f"{name} holds a single value: a list of texts is needed, or of objects with a text.")
    table = _from_items(content, [f"Item {number:,} of {name}" for number in range(1, len(content) + 1)])
    return Table(table.columns, table.rows, table.how, query)


def _from_map(content: dict[str, Any]) -> list[Any] | None:
    """BEIR's and others' ``{"doc1": "text ..."}``; an object that is itself a document is not one of these."""
    if {"text", "query"} & {key.lower() for key in content}:
        return None
    return [{"id": key, TEXT: value} for key, value in content.items()]


def read_jsonl(name: str, text: str) -> Table:
    """One JSON value a line: strings or objects."""
    items, places = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            items.append(_parsed(name, line, number))
            places.append(f"Line {number:,} of {name}")
    return _from_items(items, places)


def _parsed(name: str, text: str, line: int) -> Any:
    """The JSON value; ``line`` is where the text stands in its file, 0 for a text that is the whole file."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputProblem(
            f"The JSON in {name} is broken in line {line or error.lineno:,}, column {error.colno:,} ({error.msg}): "
            "mend it there and upload it again."
        ) from error
    except (RecursionError, ValueError) as error:  # nested too deep, or a number of thousands of digits
        where = f" in line {line:,}" if line else ""
        raise InputProblem(
            f"The JSON in {name} cannot be read{where}: it is nested too deep or holds a huge number."
        ) from error


def _from_items(items: list[Any], places: list[str]) -> Table:
    if all(isinstance(item, str) for item in items):
        return Table((TEXT,), tuple((item,) for item in items))
    columns: dict[str, None] = {}
    for item, place in zip(items, places, strict=True):
        if not isinstance(item, dict):
            raise InputProblem(
                f"{place} is {_kind(item)}: a list of nothing but texts is needed, or of nothing but objects with "
                "the text under the same name."
            )
        columns.update(dict.fromkeys(item))
    rows = tuple(tuple(_cell(item.get(column)) for column in columns) for item in items)
    return Table(tuple(columns), rows)


def _kind(value: Any) -> str:
    """What a JSON value that is no object is, in words."""
    names = {str: "a text", list: "a list", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def _cell(value: Any) -> str:
    """A JSON value as a cell: texts and numbers as they are, anything nested is no text and left out."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""
