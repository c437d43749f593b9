"""From uploaded files to a collection: passages, queries, judgments. Every refusal is one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.errors import InputProblem
from components.judging.qrels import read_qrels
from components.records import Document
from components.retrieval.collection import Collection, Query
from components.texts import limits
from components.texts.clean import clean, one_line
from components.texts.decode import decode
from components.texts.readers import ID_NAMES, QUERY_NAMES, column_named, guess_text_column, read_table
from components.texts.tables import Table

MAX_PASSAGES = 50_000
MAX_MEGABYTES = 32
MAX_QUERIES = 1_000
_LONGEST = f"{limits.MAX_DOCUMENT_CHARACTERS:,} characters"
LIMITS = (
    f"At most {MAX_PASSAGES:,} passages of {_LONGEST}, {MAX_MEGABYTES} MB a file. Larger collections stand in the list "
    "when whoever runs this server puts their file into its folder for them."
)
_TITLE = "title"


@dataclass(frozen=True)
class Read:
    """A collection from a file, and a sentence that says what was taken from where."""

    collection: Collection
    sentence: str


def read_collection(name: str, data: bytes) -> Read:
    """Passages from .txt (one a line, or blocks), .csv, .tsv, .json or .jsonl. Raises ``InputProblem``.

    The text column is found by its name, else it is the one with the longest texts; a column "title" is put before it.
    Ids come from a column that says so where each row has one of its own, else they are p00001, p00002 ...
    """
    name, table, encoding = read_table(name, data, MAX_MEGABYTES * 1024 * 1024, "Retrieve & re-rank")
    column = guess_text_column(table)
    title = next((one for one in table.columns if one.strip().lower() == _TITLE and one != column), "")
    wanted = [table.columns.index(one) for one in (title, column) if one]
    id_column = column_named(table, ID_NAMES, but=column)
    id_at = table.columns.index(id_column) if id_column else -1
    found: list[tuple[str, str]] = []
    for row in table.rows:
        text = clean(" ".join(cell for at in wanted if (cell := row[at].strip()))).strip()
        if text:
            found.append(("_".join(clean(row[id_at]).split()) if id_column else "", text))
    _check(name, found)
    ids, id_words = _ids([id_ for id_, _ in found], id_column)
    said = [f"{name}: {limits.count(len(found), 'passage')}" + (f" from “{column}”" if len(table.columns) > 1 else "")]
    said += [f"“{title}” put before each"] if title else []
    said += [id_words] if id_words else []
    if len(found) < len(table.rows):
        said.append(f"{limits.count(len(table.rows) - len(found), 'row')} without text left out")
    said += [part for part in (encoding, table.how) if part]
    return Read(Collection(name, ids, tuple(text for _, text in found)), "; ".join(said) + ".")


def _check(name: str, found: Sequence[tuple[str, str]]) -> None:
    if not found:
        raise InputProblem(f"{name} holds no text: check that it is the file you meant.")
    if len(found) > MAX_PASSAGES:
        raise InputProblem(
            f"{name} holds {len(found):,} passages, and {MAX_PASSAGES:,} is the limit: upload a part of it."
        )
    limits.check_lengths(tuple(Document(number, text) for number, (_, text) in enumerate(found, 1)), f" of {name}")


def _ids(given: list[str], column: str) -> tuple[tuple[str, ...], str]:
    if column and all(given) and len(set(given)) == len(given):
        return tuple(given), f"ids from “{column}”"
    width = max(5, len(str(len(given))))
    made = tuple(f"p{number:0{width}d}" for number in range(1, len(given) + 1))
    return made, f"“{column}” not taken as ids (some are missing or double)" if column else ""


def read_queries(collection: Collection, name: str, data: bytes) -> Read:
    """The collection with the queries of a file: an id and a text a row, or a text a line."""
    name, table, _ = read_table(name, data, MAX_MEGABYTES * 1024 * 1024, "Retrieve & re-rank")
    column = column_named(table, QUERY_NAMES, but="") or _query_column(table)
    id_column = column_named(table, (*ID_NAMES, "qid", "query_id", "query-id"), but=column)
    if not id_column and len(table.columns) == 2:
        id_column = next(one for one in table.columns if one != column)
    rows = [(_cell(table, row, id_column), one_line(clean(_cell(table, row, column)))) for row in table.rows]
    rows = [(id_, text) for id_, text in rows if text]
    if not rows:
        raise InputProblem(f"{name} holds no queries: one a line, or an id and a text a row.")
    if len(rows) > MAX_QUERIES:
        raise InputProblem(
            f"{name} holds {len(rows):,} queries, and {MAX_QUERIES:,} is the limit: upload a part of it."
        )
    longest = max(len(text) for _, text in rows)
    if longest > limits.MAX_QUERY_CHARACTERS:
        raise InputProblem(
            f"A query in {name} has {longest:,} characters, and {limits.MAX_QUERY_CHARACTERS:,} is the limit: shorten "
            "it, or check that this is the file of the queries."
        )
    ids = ["_".join(id_.split()) for id_, _ in rows]
    if not (all(ids) and len(set(ids)) == len(ids)):
        ids = [f"q{number}" for number in range(1, len(rows) + 1)]
    made = collection.with_queries([Query(id_, text) for id_, (_, text) in zip(ids, rows, strict=True)])
    return Read(made, f"{name}: {limits.count(len(rows), 'query').replace('querys', 'queries')}.")


def _query_column(table: Table) -> str:
    """Of an id and a text the text: by its name, else the longer one."""
    return guess_text_column(table) or table.columns[-1]


def _cell(table: Table, row: tuple[str, ...], column: str) -> str:
    return row[table.columns.index(column)].strip() if column else ""


def read_judgments(collection: Collection, name: str, data: bytes) -> Read:
    """The collection with the judgments of a file; those of queries or passages that are not here are left out."""
    text, _ = decode(name, data, MAX_MEGABYTES * 1024 * 1024)
    found = read_qrels(name, text.lstrip("\ufeff"))
    queries = {query.id for query in collection.queries}
    kept = {
        query: of_query
        for query, grades in found.grades.items()
        if query in queries and (of_query := {id_: grade for id_, grade in grades.items() if id_ in collection.places})
    }
    count = sum(len(grades) for grades in kept.values())
    if not count:
        first = next(iter(found.grades))
        raise InputProblem(
            f"None of the {found.count:,} judgments in {name} is of a query and a passage that are here (the file's "
            f"first query is “{first[:30]}”): upload the queries and passages that belong to it first."
        )
    said = (
        f"{name}: {limits.count(count, 'judgment')} of {limits.count(len(kept), 'query').replace('querys', 'queries')}"
    )
    if count < found.count:
        said += f"; {found.count - count:,} of other queries or passages left out"
    if found.negative:
        said += f"; {found.negative:,} negative grades read as 0"
    return Read(collection.with_qrels(kept), said + ".")
