"""What a person has said about documents: 0 to 3, kept by query and text, so that editing one keeps the others'."""

from __future__ import annotations

import hashlib
import random
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence

from components.records import Document

GRADES = (0, 1, 2, 3)
GRADE_WORDS = {0: "not relevant", 1: "slightly relevant", 2: "relevant", 3: "highly relevant"}
MOST_JUDGMENTS = 5_000  # a visitor's; what was judged longest ago goes first


def judgment_keys(query: str, documents: Sequence[Document]) -> tuple[str, ...]:
    """A key a document, from query, text, and which of several identical documents it is.

    It holds no text, and does not depend on the document's place: rows may be moved, added and removed.
    """
    met: Counter[str] = Counter()
    keys = []
    for document in documents:
        met[document.text] += 1
        hasher = hashlib.blake2b(digest_size=12)
        for part in (query, document.text, str(met[document.text])):
            data = part.encode("utf-8", "surrogatepass")
            hasher.update(len(data).to_bytes(8, "little"))
            hasher.update(data)
        keys.append(hasher.hexdigest())
    return tuple(keys)


class Judgments:
    """One visitor's judgments by ``judgment_keys``."""

    def __init__(self) -> None:
        self._grades: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._grades)

    def items(self) -> Iterator[tuple[str, int]]:
        """All judgments as key and grade, the longest ago first."""
        return iter(tuple(self._grades.items()))

    def give(self, key: str, grade: int | None) -> None:
        """Judge, judge anew, or take a judgment back (None). Anything but 0 to 3 is refused with ``ValueError``."""
        if grade is not None and grade not in GRADES:
            raise ValueError(f"a judgment is 0, 1, 2 or 3, not {grade!r}")
        self._grades.pop(key, None)
        if grade is not None:
            self._grades[key] = grade
        while len(self._grades) > MOST_JUDGMENTS:
            self._grades.popitem(last=False)

    def of(self, query: str, documents: Sequence[Document]) -> tuple[int | None, ...]:
        """The judgments of these documents for this query, parallel to them; None where there is none."""
        return tuple(self._grades.get(key) for key in judgment_keys(query, documents))

    def take(self, query: str, documents: Sequence[Document], grades: Sequence[int | None]) -> None:
        """Take over judgments that came with documents; where there is none, what was there stays."""
        for key, grade in zip(judgment_keys(query, documents), grades, strict=True):
            if grade is not None:
                self.give(key, grade)

    def clear(self, query: str, documents: Sequence[Document]) -> None:
        """Take back the judgments of these documents for this query."""
        for key in judgment_keys(query, documents):
            self.give(key, None)


def blind_order(count: int, seed: int) -> tuple[int, ...]:
    """The places 0 to ``count`` - 1 shuffled; the same seed gives the same order."""
    places = list(range(count))
    random.Random(seed).shuffle(places)
    return tuple(places)
