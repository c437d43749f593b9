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

    ``qrels`` maps a query's id to the grades of passages by their ids; only passages that are here are in it.
    """

    name: str
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    queries: tuple[Query, ...] = ()
    qrels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def digest(self) -> str:
        """Hex digest of the texts in their order: what an index depends on, besides the model."""
        return content_digest(self.texts)

    @cached_property
    def places(self) -> dict[str, int]:
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

    @property
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

    def _same_texts(self, other: Collection) -> Collection:
        """Give a copy what was computed of the texts already."""
        for name in ("digest", "places"):
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


def content_digest(texts: Iterable[str]) -> str:
    """A digest of texts in their order; other cuts of the same characters give another one."""
    hasher = hashlib.blake2b(digest_size=20)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        hasher.update(len(data).to_bytes(8, "little"))
        hasher.update(data)
    return hasher.hexdigest()


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
