"""A collection: passages to search, and where there are some, queries with graded judgments."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

from components.judging.qrels import read_qrels
from components.settings import ASSETS

FOLDER = ASSETS / "collections" / "ferrow-library"
BUILT_IN = "Help pages of a town library"


@dataclass(frozen=True)
class Query:
    """A query that belongs to a collection."""

    id: str
    text: str


@dataclass(frozen=True)
class Collection:
    """Passages (``ids`` and ``texts`` parallel, all ids different), queries and judgments.

    A large collection's ids and texts are read from its file when they are asked for (``line_file``).
    ``qrels`` maps a query's id to the grades of passages by their ids; only passages that are here are in it.
    """

    name: str
    ids: Sequence[str]
    texts: Sequence[str]
    queries: tuple[Query, ...] = ()
    qrels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def digest(self) -> str:
        """Hex digest of the texts in their order: what an index depends on, besides the model."""
        return content_digest(self.texts)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each id, from 0."""
        return {id_: place for place, id_ in enumerate(self.ids)}

    @cached_property
    def by_text(self) -> dict[str, Query]:
        """The collection's queries by their text."""
        return {query.text: query for query in reversed(self.queries)}

    @property
    def judged(self) -> tuple[Query, ...]:
        """The queries with at least one passage judged relevant: on others no ranking is better than another."""
        return tuple(query for query in self.queries if any(self.qrels.get(query.id, {}).values()))

    @cached_property
    def n_bytes(self) -> int:
        """What the texts take in memory, about (UTF-8, and what Python adds to a string)."""
        return sum(len(text.encode("utf-8", "surrogatepass")) + 60 for text in self.texts)

    def judge(self, text: str, passage: str, grade: int | None) -> Collection:
        """With one judgment given, changed or taken back (None); a query that is new here is added."""
        query = self.by_text.get(text) or Query(_free_id(self.queries), text)
        queries = self.queries if query in self.queries else (*self.queries, query)
        grades = {id_: one for id_, one in self.qrels.get(query.id, {}).items() if id_ != passage}
        if grade is not None:
            grades[passage] = grade
        return self._same_texts(replace(self, queries=queries, qrels={**self.qrels, query.id: grades}))

    def grades(self, text: str) -> Mapping[str, int]:
        """The judgments for a query by its text; empty where there are none."""
        query = self.by_text.get(text)
        return self.qrels.get(query.id, {}) if query else {}

    @cached_property
    def text_bytes(self) -> int:
        """What the texts have in all, wherever they are."""
        return self.n_bytes

    def know(self, digest: str, places: Mapping[str, int], n_bytes: int, text_bytes: int) -> None:
        """Take what else would be computed of all the texts: their digest, the place of each id, memory and size."""
        self.__dict__.update(digest=digest, places=places, n_bytes=n_bytes, text_bytes=text_bytes)

    def _same_texts(self, other: Collection) -> Collection:
        """Give a copy what was computed of the texts already."""
        for name in ("digest", "places", "n_bytes", "text_bytes"):
            if name in self.__dict__:
                other.__dict__[name] = self.__dict__[name]
        return other

    def with_queries(self, queries: Sequence[Query]) -> Collection:
        """The same passages with other queries; judgments of queries that are gone go, too."""
        wanted = {query.id for query in queries}
        kept = {id_: grades for id_, grades in self.qrels.items() if id_ in wanted}
        return self._same_texts(replace(self, queries=tuple(queries), qrels=kept))

    def with_qrels(self, qrels: Mapping[str, Mapping[str, int]]) -> Collection:
        """The same passages and queries with other judgments."""
        return self._same_texts(replace(self, qrels=qrels))


def _free_id(queries: Sequence[Query]) -> str:
    """An id that no query has: own1, own2 ..."""
    taken = {query.id for query in queries}
    return next(name for number in range(1, len(taken) + 2) if (name := f"own{number}") not in taken)


class Digest:
    """A digest of texts in their order; other cuts of the same characters give another one."""

    def __init__(self) -> None:
        self._hasher = hashlib.blake2b(digest_size=20)

    def add(self, text: str) -> None:
        """The next text."""
        data = text.encode("utf-8", "surrogatepass")
        self._hasher.update(len(data).to_bytes(8, "little"))
        self._hasher.update(data)

    def hex(self) -> str:
        """The digest of all texts so far."""
        return self._hasher.hexdigest()


def content_digest(texts: Iterable[str]) -> str:
    """The digest of texts in their order."""
    digest = Digest()
    for text in texts:
        digest.add(text)
    return digest.hex()


@cache
def built_in(folder: Path = FOLDER) -> Collection:
    """The collection that comes with the app: our own texts, queries and judgments (CC BY 4.0)."""
    passages = _lines(folder / "passages.jsonl")
    queries = tuple(Query(row["id"], row["text"]) for row in _lines(folder / "queries.jsonl"))
    qrels = read_qrels("judgments.qrels", (folder / "judgments.qrels").read_text(encoding="utf-8"))
    return Collection(
        BUILT_IN, tuple(row["id"] for row in passages), tuple(row["text"] for row in passages), queries, qrels.grades
    )


def _lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
