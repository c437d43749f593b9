"""The seam for vectors: add, search, reopen. Here they are an array and the search is exact.

``lance_index`` stands in where an array would be too large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from components.scoring.bi_encoder import compare

if TYPE_CHECKING:
    import numpy as np

VECTORS = "vectors.npy"


@dataclass(frozen=True)
class Hits:
    """Places of passages, best first, and their scores; equal scores stand in the order of the collection."""

    places: tuple[int, ...]
    scores: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.places)


@dataclass(frozen=True)
class Recall:
    """How many of the ten nearest passages an approximate search finds, over ``sample`` of the collection's own."""

    value: float
    sample: int

    @property
    def short(self) -> str:
        """For a choice: "finds 97 of 100"."""
        return f"finds {100 * self.value:.0f} of 100"

    @property
    def sentence(self) -> str:
        """For a footnote, with its conditions."""
        return (
            f"measured with {self.sample:,} of the collection's own vectors as queries, the approximate search finds "
            f"{100 * self.value:.1f} % of the ten nearest that the exact one finds (recall@10)"
        )


class Index(Protocol):
    """Vectors that can be searched."""

    def __len__(self) -> int:
        """How many passages are in it."""

    @property
    def n_bytes(self) -> int:
        """Memory the vectors take."""

    @property
    def disk_bytes(self) -> int:
        """Disk they take, where they are searched there; 0 where they are in memory."""

    @property
    def recall(self) -> Recall | None:
        """What the approximate search was measured to find; None where there is only the exact one."""

    @property
    def how(self) -> str:
        """How the approximate search works, in a few words; "" where there is none."""

    def add(self, vectors: np.ndarray) -> None:
        """Append vectors, float32 (passages, dimension), in the order of the collection."""

    def search(self, query: np.ndarray, k: int, exact: bool = True) -> Hits:
        """The ``k`` nearest passages of one query vector (dimension,), by the bi-encoder's own similarity.

        Not ``exact``: an index that knows a faster way may miss some of them.
        """

    def save(self, folder: Path) -> None:
        """Write it into a folder that is there."""

    @classmethod
    def reopen(cls, folder: Path, unit: str) -> Self:
        """What ``save`` wrote. Raises ``OSError`` or ``ValueError`` where it cannot be read."""


class Words(Protocol):
    """Words of passages that can be searched: BM25."""

    def __len__(self) -> int:
        """How many passages are in it."""

    @property
    def n_bytes(self) -> int:
        """Memory it takes, about."""

    @property
    def disk_bytes(self) -> int:
        """Disk it takes, where it is searched there; 0 where it is in memory."""

    @property
    def k1(self) -> float:
        """BM25's k1: how soon a word that comes again counts less."""

    @property
    def how(self) -> str:
        """The variant of BM25 and its parameters."""

    def search(self, query: str, k: int) -> Hits:
        """The first ``k`` passages that share a word with the query; fewer where fewer do."""


class ArrayIndex:
    """All vectors in one float32 array, searched exactly: 20,000 of 384 numbers in a few milliseconds.

    ``unit`` is sentence-transformers' ``similarity_fn_name``. For cosines the rows are scaled to length 1 when they
    come in, so that a search is one product of matrix and vector.
    """

    disk_bytes, recall, how = 0, None, ""  # all in memory, and always exact

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self._parts: list[np.ndarray] = []

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    @property
    def n_bytes(self) -> int:
        return sum(int(part.nbytes) for part in self._parts)

    @property
    def vectors(self) -> np.ndarray:
        """The array (passages, dimension); cosine: rows of length 1, a row of zeros stays one."""
        import numpy as np

        if len(self._parts) != 1:
            self._parts = [np.concatenate(self._parts)] if self._parts else [np.zeros((0, 0), np.float32)]
        return self._parts[0]

    def add(self, vectors: np.ndarray) -> None:
        """See ``Index.add``."""
        self._parts.append(scaled(vectors, self.unit))

    def search(self, query: np.ndarray, k: int, exact: bool = True) -> Hits:
        """See ``Index.search``; always exact, equal to sentence-transformers' ``semantic_search`` up to rounding."""
        import numpy as np

        if self.unit == "cosine":
            norm = float(np.linalg.norm(query))
            scores = self.vectors @ (query / norm if norm > 0 else query)
        else:
            scores = compare(self.unit, query, self.vectors)
        return best(scores, k)

    def save(self, folder: Path) -> None:
        """See ``Index.save``."""
        import numpy as np

        with (folder / VECTORS).open("wb") as file:
            np.save(file, self.vectors, allow_pickle=False)

    @classmethod
    def reopen(cls, folder: Path, unit: str) -> Self:
        """See ``Index.reopen``. The file is mapped, not read: opening takes no time, the first search reads it."""
        import numpy as np

        index = cls(unit)
        index._parts = [np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False)]
        return index


def scaled(vectors: np.ndarray, unit: str) -> np.ndarray:
    """Vectors (passages, dimension) as float32; for cosines of length 1, a vector of zeros stays one."""
    import numpy as np

    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    if unit != "cosine":
        return rows
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)


def best(scores: np.ndarray, k: int) -> Hits:
    """The ``k`` highest scores, equal ones in the order of their places, also at the cut."""
    import numpy as np

    k = min(k, len(scores))
    if k <= 0:
        return Hits((), ())
    if k < len(scores):
        border = scores[np.argpartition(-scores, k - 1)[k - 1]]
        found = np.flatnonzero(scores >= border)
    else:
        found = np.arange(len(scores))
    order = found[np.lexsort((found, -scores[found]))][:k]
    return Hits(tuple(int(place) for place in order), tuple(float(scores[place]) for place in order))


def ranks(places: Sequence[int]) -> dict[int, int]:
    """The rank of each place in a list of hits, from 1."""
    return {place: rank for rank, place in enumerate(places, 1)}
