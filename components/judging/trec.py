"""Names and orders as trec_eval has them, and the files it reads: run and qrels."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from components.records import Column, Document

QUERY_ID = "q1"
_NOT_IN_IDS = re.compile(r"\s+")


def trec_ids(documents: Sequence[Document]) -> tuple[str, ...]:
    """An id a document: the file's own where each has one, else d001, d002 ... in the order of the input.

    White space, which would end a field, becomes "_"; if ids fall together by that, the numbers are used.
    """
    own = tuple(_NOT_IN_IDS.sub("_", document.id.strip()) for document in documents)
    if all(own) and len(set(own)) == len(own):
        return own
    width = max(3, len(str(len(documents))))
    return tuple(f"d{document.number:0{width}d}" for document in documents)


def trec_order(ids: Sequence[str], scores: Sequence[float]) -> tuple[int, ...]:
    """Places from best to worst as trec_eval orders a run: by score, ties by document id, descending, as text."""
    by_id = sorted(range(len(ids)), key=lambda place: ids[place].encode(), reverse=True)
    return tuple(sorted(by_id, key=lambda place: -as_float32(scores[place])))


def as_float32(score: float) -> float:
    """A score as trec_eval keeps it, in single precision: what differs only beyond that is a tie."""
    return float(struct.unpack("f", struct.pack("f", score))[0])


def run_file(column: Column, documents: Sequence[Document], tag: str) -> str:
    """A TREC run: query, Q0, document, rank, score, tag. Scores in full, so that what reads it sees the same ties."""
    ids = trec_ids(documents)
    rows = [
        f"{QUERY_ID} Q0 {ids[place]} {rank} {column.values[place]!r} {_NOT_IN_IDS.sub('-', tag)}"
        for rank, place in enumerate(trec_order(ids, column.values), 1)
    ]
    return "\n".join(rows) + "\n"


def qrels_file(documents: Sequence[Document], grades: Sequence[int | None]) -> str:
    """TREC qrels: query, 0, document, judgment. Documents without a judgment are left out."""
    ids = trec_ids(documents)
    rows = [f"{QUERY_ID} 0 {id_} {grade}" for id_, grade in zip(ids, grades, strict=True) if grade is not None]
    return "".join(row + "\n" for row in rows)
