"""From an uploaded file to documents: which column is the text, which the ids, which the judgments, all of it said."""

from __future__ import annotations

from dataclasses import dataclass

from components.errors import InputProblem
from components.records import Document
from components.texts import limits
from components.texts.clean import clean, one_line
from components.texts.decode import MAX_FILE_BYTES, decode
from components.texts.paste import HOW, split_documents
from components.texts.tables import TEXT, Table, read_csv, read_json, read_jsonl, read_tsv

FORMATS = (".txt", ".csv", ".tsv", ".json", ".jsonl")
_MOST_NAME_CHARACTERS = 60

# Names that columns have in the collections people use, the surest first (BEIR, MS MARCO, TREC, Hub data sets).
TEXT_NAMES = (
    "text", "document", "passage", "content", "contents", "body", "doc", "doc_text", "document_text", "passage_text",
    "chunk", "paragraph", "sentence", "abstract", "answer", "description", "title",
)  # fmt: skip
ID_NAMES = (
    "id",
    "_id",
    "doc_id",
    "docid",
    "docno",
    "document_id",
    "pid",
    "passage_id",
    "corpus-id",
    "corpus_id",
    "did",
)
JUDGMENT_NAMES = ("judgment", "judgement", "relevance", "label", "grade", "rel", "qrel")
QUERY_NAMES = ("query", "query_text")
_KNOWN = (*TEXT_NAMES, *ID_NAMES, *JUDGMENT_NAMES, *QUERY_NAMES)
_GRADES = {"0": 0, "1": 1, "2": 2, "3": 3, "0.0": 0, "1.0": 1, "2.0": 2, "3.0": 3}


@dataclass(frozen=True)
class FileText:
    """One document of a file, with its id ("" for none) and its judgment (0 to 3, None for none)."""

    text: str
    id: str = ""
    judgment: int | None = None


@dataclass(frozen=True)
class Uploaded:
    """A file that was read: kept whole, so that another column can be taken as the text.

    ``column`` is the text's; ``columns`` are those that could be; ``sentence`` says what was read and how.
    """

    name: str
    table: Table
    encoding: str
    column: str
    columns: tuple[str, ...]
    documents: tuple[FileText, ...]
    query: str
    sentence: str


def read_file(name: str, data: bytes) -> Uploaded:
    """Read a file by the ending of its name. Raises ``InputProblem``: one sentence that names the place."""
    name, table, encoding = read_table(name, data)
    return take_column(name, table, encoding, guess_text_column(table))


def read_table(
    name: str, data: bytes, most_bytes: int = MAX_FILE_BYTES, page: str = "Compare"
) -> tuple[str, Table, str]:
    """A file's name as it can stand in a sentence, its cells, and its encoding. Raises ``InputProblem``."""
    name = _short(name)
    ending = "." + name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in FORMATS:
        raise InputProblem(f"{name} is of a kind that {page} does not read: {', '.join(FORMATS)} are what it takes.")
    text, encoding = decode(name, data, most_bytes)
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if ending == ".txt":
        pasted = split_documents(text)
        rows = tuple((document.text,) for document in pasted.documents)
        table = Table((TEXT,), rows, HOW[pasted.split])
    elif ending == ".csv":
        table = read_csv(name, text, _KNOWN)
    elif ending == ".tsv":
        table = read_tsv(name, text, _KNOWN)
    else:
        table = read_json(name, text) if ending == ".json" else read_jsonl(name, text)
    return name, table, encoding


def guess_text_column(table: Table) -> str:
    """The column with a name that says so, else the one with the longest texts; "" where nothing has any."""
    filled = [column for column in _text_columns(table) if any(_cells(table, column))]
    by_name = {column.strip().lower(): column for column in reversed(filled)}
    for name in TEXT_NAMES:
        if name in by_name:
            return by_name[name]
    return max(filled, key=lambda column: sum(map(len, _cells(table, column))), default="")


def take_column(name: str, table: Table, encoding: str, column: str) -> Uploaded:
    """The documents of a table with this column as the text. Rows without text are left out, and counted."""
    query, rows, of_queries = _query(table)
    ids, judgments = column_named(table, ID_NAMES, column), column_named(table, JUDGMENT_NAMES, column)
    grades = {cell for row in rows if (cell := _at(table, row, judgments))}
    unread = bool(judgments) and not grades <= set(_GRADES)
    documents = tuple(
        FileText(
            text, one_line(clean(_at(table, row, ids))), None if unread else _GRADES.get(_at(table, row, judgments))
        )
        for row in rows
        if (text := clean(_at(table, row, column)).strip())
    )
    if not documents:
        raise InputProblem(f"{name} holds no text: check that it is the file you meant.")
    _check(name, documents)
    distinct = len({document.id for document in documents}) == len(documents)
    if ids and not (distinct and all(document.id for document in documents)):
        documents = tuple(FileText(document.text, "", document.judgment) for document in documents)
    said = [f"{name}: {limits.count(len(documents), 'document')}"]
    if len(table.columns) > 1:
        said[0] += f" from “{column}”"
    if ids:
        said.append(
            f"ids from “{ids}”" if documents[0].id else f"“{ids}” not taken as ids (some are missing or double)"
        )
    if unread:
        said.append(f"“{judgments}” not taken as judgments (other values than 0 to 3)")
    elif grades:
        judged = sum(document.judgment is not None for document in documents)
        said.append(f"{limits.count(judged, 'judgment')} from “{judgments}”")
    if of_queries > 1:
        said.append(f"the first of {of_queries:,} queries")
    if len(documents) < len(rows):
        said.append(f"{limits.count(len(rows) - len(documents), 'row')} without text left out")
    said += [part for part in (encoding, table.how) if part]
    columns = tuple(one for one in table.columns if any(_cells(table, one)))
    return Uploaded(name, table, encoding, column, columns, documents, query or table.query, "; ".join(said) + ".")


def _check(name: str, documents: tuple[FileText, ...]) -> None:
    """The limits of Compare, before anything of the workspace is given up for the file."""
    if len(documents) > limits.MAX_DOCUMENTS:
        raise InputProblem(
            f"{name} holds {len(documents):,} documents, and Compare takes {limits.MAX_DOCUMENTS}: shorten the file, "
            "or use Retrieve & re-rank, which is made for whole collections."
        )
    limits.check_lengths(tuple(Document(number, one.text) for number, one in enumerate(documents, 1)), f" of {name}")


def _query(table: Table) -> tuple[str, list[tuple[str, ...]], int]:
    """The query of a table that has one, the rows that belong to it, and how many different queries there are."""
    column = column_named(table, QUERY_NAMES, "")
    rows = list(table.rows)
    queries = list(dict.fromkeys(query for row in rows if (query := one_line(clean(_at(table, row, column))))))
    if not queries:
        return "", rows, 0
    if len(queries) == 1:
        return queries[0], rows, 1
    return queries[0], [row for row in rows if one_line(clean(_at(table, row, column))) == queries[0]], len(queries)


def _text_columns(table: Table) -> list[str]:
    others = {column_named(table, names, "") for names in (ID_NAMES, JUDGMENT_NAMES, QUERY_NAMES)}
    return [column for column in table.columns if column not in others] or list(table.columns)


def column_named(table: Table, names: tuple[str, ...], but: str) -> str:
    """The first column that has one of these names and is not ``but``; "" for none."""
    found = {column.strip().lower(): column for column in reversed(table.columns) if column != but}
    return next((found[name] for name in names if name in found), "")


def _at(table: Table, row: tuple[str, ...], column: str) -> str:
    return row[table.columns.index(column)].strip() if column else ""


def _cells(table: Table, column: str) -> list[str]:
    place = table.columns.index(column)
    return [cell for row in table.rows if (cell := row[place].strip())]


def _short(name: str) -> str:
    """A file's name as it can stand in a sentence: without folders, cut in the middle when very long."""
    name = one_line(clean(name.replace("\\", "/").rpartition("/")[2])) or "The file"
    if len(name) <= _MOST_NAME_CHARACTERS:
        return name
    return name[: _MOST_NAME_CHARACTERS - 16] + "…" + name[-15:]
