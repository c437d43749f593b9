"""``Index`` on disk (LanceDB): for collections whose vectors memory does not hold.

Exact search reads every vector from disk. The approximate one looks into the likeliest of as many groups of vectors as
the root of their number (IVF, without compression); into how many is chosen by measuring.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from components.retrieval.index import Hits, Recall, scaled
from components.retrieval.lance_store import Table, needed
from components.scoring.aside import aside
from components.scoring.bi_encoder import compare

if TYPE_CHECKING:
    import numpy as np

_NAME, _MEASURED = "vectors", "measured.json"
METRICS: dict[str, Any] = {
    "cosine": "dot",
    "dot": "dot",
    "euclidean": "l2",
}  # a cosine is the product of vectors of length 1
SAMPLE, TOP = 100, 10
LEAST = 1_000  # passages: fewer have no groups worth the name
LOOKS = (5, 10, 20, 40, 80)  # groups that are looked into
ENOUGH = 0.95  # of the nearest that should be found
_PER_GROUP = 64  # vectors a group that the groups are learnt from
_BATCH = 8_192


class LanceIndex:
    """Vectors in a table of the store. What is added is on disk when ``add`` returns, whole or not at all."""

    n_bytes = 0  # in memory: the store's pages, see ``lance_store.CACHE_BYTES``

    def __init__(self, folder: Path, unit: str, dimension: int | None = None) -> None:
        """Open it, or make it where ``dimension`` is given. Raises ``StoreMissing``, ``OSError``, ``ValueError``."""
        if unit not in METRICS:
            raise needed(f"The store for large collections cannot search by {unit}; choose another bi-encoder")
        self.unit = unit
        self._folder = folder
        self._table = Table(folder, _NAME, "vector", _vector_type(dimension) if dimension else None)
        self._looks, self.recall = _measured(folder)
        self._disk_bytes = 0

    def __len__(self) -> int:
        return self._table.rows

    @property
    def disk_bytes(self) -> int:
        """See ``Index.disk_bytes``."""
        self._disk_bytes = self._disk_bytes or self._table.n_bytes
        return self._disk_bytes

    @property
    def how(self) -> str:
        """See ``Index.how``."""
        return (
            f"the {min(self._looks, self._groups)} likeliest of {self._groups} groups of vectors" if self._looks else ""
        )

    @property
    def _groups(self) -> int:
        return round(math.sqrt(len(self)))

    def add(self, vectors: np.ndarray) -> None:
        """See ``Index.add``."""
        import pyarrow

        rows = scaled(vectors, self.unit)
        self._table.add(pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(rows.ravel()), rows.shape[1]))

    def save(self, folder: Path) -> None:
        """All vectors are on disk already; this puts them into few files and makes the approximate search's groups."""
        from lancedb.index import IvfFlat

        if folder != self._folder:
            raise ValueError("a store stays in the folder it was made in")
        if not self._table.is_indexed:
            self._table.tidy()  # before, not after: it would join the groups to few large ones
            if len(self) >= LEAST:
                self._table.index(IvfFlat(METRICS[self.unit], num_partitions=self._groups, sample_rate=_PER_GROUP))

    def search(self, query: np.ndarray, k: int, exact: bool = True) -> Hits:
        """See ``Index.search``."""
        return self._search(query, k, 0 if exact else self._looks)

    def _search(self, query: np.ndarray, k: int, looks: int) -> Hits:
        vector = scaled(query[None, :], self.unit)[0]
        wanted = self._table.query(vector, vector_column_name="vector").distance_type(METRICS[self.unit])
        wanted = wanted.nprobes(min(looks, self._groups)) if looks else wanted.bypass_vector_index()
        found = wanted.select(["place", "_distance"]).limit(min(k, max(1, len(self)))).to_arrow()
        pairs = zip(found["_distance"].to_pylist(), found["place"].to_pylist(), strict=True)
        rows = sorted((-self._score(distance), place) for distance, place in pairs)
        return Hits(tuple(place for _, place in rows), tuple(-score for score, _ in rows))

    def _score(self, distance: float) -> float:
        """The similarity that the store's distance stands for."""
        return 1 - distance if METRICS[self.unit] == "dot" else -math.sqrt(max(0.0, distance))

    def measure(self) -> Generator[None, None, None]:
        """Measure what the approximate search finds, in pieces, and choose how many groups it looks into.

        Queries are passages of the collection (their own place does not count); what is nearest to them is computed
        here, from all vectors as they come from disk.
        """
        import numpy as np

        if not self._table.is_indexed:
            return
        places = random.Random(0).sample(range(len(self)), min(SAMPLE, len(self)))
        rows = yield from aside(lambda: self._table.values(places))
        places = rows["place"].to_pylist()
        queries = np.stack([np.asarray(one, dtype=np.float32) for one in rows["vector"].to_pylist()])
        exact = yield from self._nearest(queries, TOP + 1)
        recall = 0.0
        for looks in LOOKS:
            hits = 0
            for place, query, wanted in zip(places, queries, exact, strict=True):
                found = yield from aside(lambda query=query, looks=looks: self._search(query, TOP + 1, looks))  # type: ignore[misc]
                hits += len(set(_others(found, place)) & set(_others(wanted, place)))
                yield
            recall = hits / (TOP * len(places))
            if recall >= ENOUGH or looks >= self._groups:
                break
        self._looks, self.recall = looks, Recall(recall, len(places))
        content = {"looks": looks, "recall": recall, "sample": len(places)}
        (self._folder / _MEASURED).write_text(json.dumps(content), encoding="utf-8")

    def _nearest(self, queries: np.ndarray, k: int) -> Generator[None, None, list[Hits]]:
        """The nearest of every query, exactly, in one reading of all vectors."""
        import numpy as np

        best_scores = np.full((len(queries), k), -np.inf, dtype=np.float32)
        best_places = np.zeros((len(queries), k), dtype=np.int64)
        batches = self._table.query().select(["place", "vector"]).to_batches(_BATCH)
        while (batch := (yield from aside(lambda: next(batches, None)))) is not None:
            values = batch["vector"].flatten().to_numpy(zero_copy_only=False).reshape(batch.num_rows, -1)
            if METRICS[self.unit] == "dot":
                fresh = queries @ values.T
            else:
                fresh = np.stack([compare(self.unit, query, values) for query in queries])
            scores = np.concatenate([best_scores, fresh], axis=1)
            places = np.concatenate([best_places, np.tile(batch["place"].to_numpy(), (len(queries), 1))], axis=1)
            top = np.argpartition(-scores, k - 1, axis=1)[:, :k]
            best_scores = np.take_along_axis(scores, top, axis=1)
            best_places = np.take_along_axis(places, top, axis=1)
            yield
        order = np.argsort(-best_scores, axis=1)
        best_places = np.take_along_axis(best_places, order, axis=1)
        return [Hits(tuple(map(int, places)), ()) for places in best_places]

    @classmethod
    def reopen(cls, folder: Path, unit: str) -> Self:
        """See ``Index.reopen``."""
        return cls(folder, unit)


def _others(hits: Hits, place: int) -> tuple[int, ...]:
    """The first ten but the query's own place."""
    return tuple(one for one in hits.places if one != place)[:TOP]


def _vector_type(dimension: int) -> Any:
    import pyarrow

    return pyarrow.list_(pyarrow.float32(), dimension)


def _measured(folder: Path) -> tuple[int, Recall | None]:
    """Into how many groups the approximate search looks, and what it then finds; 0, None: not measured."""
    try:
        content = json.loads((folder / _MEASURED).read_text(encoding="utf-8"))
        return int(content["looks"]), Recall(float(content["recall"]), int(content["sample"]))
    except FileNotFoundError:
        return 0, None
