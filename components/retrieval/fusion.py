"""Two lists of hits become one: reciprocal rank fusion (Cormack, Clarke & Büttcher 2009)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from components.retrieval.index import Hits

RRF_K = 60  # the paper's constant
DEPTH = 1_000  # of each list; what neither has among its first 1,000 is not a candidate


def fuse(lists: Sequence[Hits], k: int) -> Hits:
    """The first ``k`` by the sum over lists of 1 / (60 + rank); equal sums stand in the order of the collection."""
    sums: dict[int, float] = defaultdict(float)
    for hits in lists:
        for rank, place in enumerate(hits.places, 1):
            sums[place] += 1 / (RRF_K + rank)
    order = sorted(sums, key=lambda place: (-sums[place], place))[:k]
    return Hits(tuple(order), tuple(sums[place] for place in order))
