"""What a link or a session file holds: the workspace, the page, and what each page adds of its own.

One form for both, as plain JSON values. Reading never raises: a field that is missing or of the wrong kind is named and
takes its default, and the caller decides whether that is good enough (a link) or not (a file).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from components.judging.judgments import GRADES, MOST_JUDGMENTS
from components.judging.metrics import CUTOFFS
from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, MAX_COLUMNS
from components.texts.chunks import Pooling
from components.texts.limits import MAX_PASTE_CHARACTERS
from components.texts.paste import Split
from components.workspace import Workspace

MOST_DOCUMENTS = 5_000  # more than any page takes: a file that says so is no session of ours
MOST_KEY_CHARACTERS = 200
PAGE_CHARACTERS = 1_000_000  # of one page's own part: a page may have texts of its own
_JUDGMENT_KEY = re.compile(r"[0-9a-f]{24}")
_PAGE = re.compile(r"[a-z0-9_-]{0,40}")
Value = TypeVar("Value")


@dataclass(frozen=True)
class PageState:
    """What one page adds: small, plain JSON values, with a version of the page's own."""

    version: int
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Saved:
    """A workspace as it is taken along. ``documents`` are pairs of text and id ("" for none).

    ``weights`` are the first characters of the columns' fingerprints, parallel to ``columns`` ("" where unknown);
    ``judgments`` goes by ``judgment_keys`` and is empty in a link; ``pages`` by the page's name in its address.
    """

    query: str = ""
    documents: tuple[tuple[str, str], ...] = ()
    is_table: bool = False
    split: Split = Split.DETECT
    example: str = ""
    columns: tuple[str, ...] = (DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER)
    weights: tuple[str, ...] = ("", "")
    pooling: Pooling = Pooling.WHOLE
    cutoff: int | None = None
    blind_seed: int | None = None
    judgments: Mapping[str, int] = field(default_factory=dict)
    page: str = ""
    pages: Mapping[str, PageState] = field(default_factory=dict)


def save(
    workspace: Workspace,
    page: str = "",
    pages: Mapping[str, PageState] | None = None,
    fingerprint: Callable[[str], str] = lambda key: "",
    with_judgments: bool = True,
) -> Saved:
    """The workspace as it stands; ``fingerprint`` names a column's weights, "" where they are not known."""
    return Saved(
        query=workspace.query,
        documents=tuple((document.text, document.id) for document in workspace.pasted.documents),
        is_table=workspace.rows is not None,
        split=workspace.split,
        example=workspace.example,
        columns=workspace.columns,
        weights=tuple(fingerprint(key)[:8] for key in workspace.columns),
        pooling=workspace.pooling,
        cutoff=workspace.chosen_cutoff,
        blind_seed=workspace.blind_seed if with_judgments else None,
        judgments=dict(workspace.judgments.items()) if with_judgments else {},
        page=page,
        pages=dict(pages or {}),
    )


def restore(workspace: Workspace, saved: Saved) -> None:
    """Put what was saved on the table. The visitor's own text is set aside as with an example; judgments are added."""
    workspace.take_documents(saved.query, saved.documents, saved.is_table, saved.split, saved.example)
    workspace.choose_columns(saved.columns)
    workspace.pooling, workspace.chosen_cutoff = saved.pooling, saved.cutoff
    workspace.blind_seed = saved.blind_seed
    for key, grade in saved.judgments.items():
        workspace.judgments.give(key, grade)


def to_content(saved: Saved) -> dict[str, Any]:
    """The record as plain JSON values; ``from_content`` reads it again."""
    return {
        "query": saved.query,
        "documents": [text if not id_ else [text, id_] for text, id_ in saved.documents],
        "table": saved.is_table,
        "split": str(saved.split),
        "example": saved.example,
        "columns": list(saved.columns),
        "weights": list(saved.weights),
        "pooling": str(saved.pooling),
        "cutoff": saved.cutoff,
        "blind": saved.blind_seed,
        "judgments": dict(saved.judgments),
        "page": saved.page,
        "pages": {name: [part.version, dict(part.content)] for name, part in saved.pages.items()},
    }


def from_content(content: Mapping[str, Any]) -> tuple[Saved, list[str]]:
    """The record, and the names of the fields that could not be read and have their default."""
    problems: list[str] = []
    default = Saved()

    def read(name: str, reader: Callable[[Any], Value], otherwise: Value) -> Value:
        if name not in content:
            return otherwise
        try:
            return reader(content[name])
        except (TypeError, ValueError, KeyError, IndexError, AttributeError):
            problems.append(name)
            return otherwise

    columns = read("columns", _columns, default.columns)
    weights = read("weights", _texts, default.weights)
    saved = Saved(
        query=read("query", _text, ""),
        documents=read("documents", _documents, ()),
        is_table=read("table", _flag, False),
        split=read("split", Split, Split.DETECT),
        example=read("example", _key, ""),
        columns=columns,
        weights=weights if len(weights) == len(columns) else ("",) * len(columns),
        pooling=read("pooling", Pooling, Pooling.WHOLE),
        cutoff=read("cutoff", _cutoff, None),
        blind_seed=read("blind", _seed, None),
        judgments=read("judgments", _judgments, {}),
        page=read("page", _page, ""),
        pages=read("pages", _pages, {}),
    )
    return saved, problems


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_PASTE_CHARACTERS:
        raise ValueError("no text")
    return value


def _key(value: Any) -> str:
    if len(_text(value)) > MOST_KEY_CHARACTERS:
        raise ValueError("too long")
    return str(value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_COLUMNS:
        raise ValueError("no list of columns")
    return tuple(_key(one) for one in value)


def _columns(value: Any) -> tuple[str, ...]:
    columns = _texts(value)
    if not columns or len(set(columns)) < len(columns):
        raise ValueError("no columns")
    return columns


def _documents(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list) or len(value) > MOST_DOCUMENTS:
        raise ValueError("no list of documents")
    return tuple((_text(one), "") if isinstance(one, str) else (_text(one[0]), _text(one[1])) for one in value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _cutoff(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or value not in CUTOFFS):
        raise ValueError("not offered")
    return None if value is None else int(value)


def _seed(value: Any) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**32):
        raise ValueError("no seed")
    return None if value is None else int(value)


def _judgments(value: Any) -> dict[str, int]:
    if not isinstance(value, dict) or len(value) > MOST_JUDGMENTS:
        raise ValueError("no judgments")
    for key, grade in value.items():
        if not _JUDGMENT_KEY.fullmatch(key) or isinstance(grade, bool) or grade not in GRADES:
            raise ValueError("no judgment")
    return {key: int(grade) for key, grade in value.items()}


def _page(value: Any) -> str:
    if not isinstance(value, str) or not _PAGE.fullmatch(value):
        raise ValueError("no page")
    return value


def _pages(value: Any) -> dict[str, PageState]:
    if not isinstance(value, dict) or len(value) > 20:
        raise ValueError("no pages")
    return {_page(name): _page_state(part) for name, part in value.items()}


def _page_state(value: Any) -> PageState:
    version, content = value
    if not isinstance(version, int) or isinstance(version, bool) or not isinstance(content, dict):
        raise ValueError("no page state")
    if len(repr(content)) > PAGE_CHARACTERS:
        raise ValueError("too long")
    return PageState(version, content)
