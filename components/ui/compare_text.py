"""Which parts of a document each model read, and which chunk decided: the opened row's text in segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.records import Column, Kind, PairScore


def text_parts(text: str, scores: Sequence[tuple[str, Column, PairScore]]) -> list[dict[str, Any]]:
    """The text cut where something changes: {"end", "unread", "best"} a part; empty where all was read as one.

    ``end`` counts UTF-16 units, as JavaScript does; ``unread`` names the columns that never saw the part, ``best``
    holds the kinds of those whose score (or whose highest chunk) it is.
    """
    marks = [(name, column, score) for name, column, score in scores if score.cut is not None or score.chunk]
    if not marks:
        return []
    places = {len(text)}
    for _, _, score in marks:
        places.update(place for place in (score.cut, *(score.chunk or ())) if place)
    parts: list[dict[str, Any]] = []
    start = 0
    for end in sorted(place for place in places if place <= len(text)):
        unread = [name for name, _, score in marks if score.cut is not None and score.cut <= start]
        best = [str(c.scorer.kind) for _, c, s in marks if s.chunk and s.chunk[0] <= start and end <= s.chunk[1]]
        parts.append({"end": _utf16(text[:end]), "unread": unread, "best": list(dict.fromkeys(best))})
        start = end
    return parts


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def tokens_cell(scores: Sequence[tuple[str, Column, PairScore]]) -> dict[str, Any]:
    """The token cell: the count, or the least that a model read of it; the words say it for every model."""
    models = [(name, score) for name, column, score in scores if column.scorer.kind is not Kind.BM25]
    if not models:
        total = scores[0][2].tokens_total
        return {"tokens": f"{total:,}", "tokens_words": f"{total:,} words", "lost": False}
    _, worst = max(models, key=lambda item: item[1].tokens_lost)
    words = "; ".join(_reads(name, column, score) for name, column, score in scores if column.scorer.kind != Kind.BM25)
    lost = worst.tokens_lost > 0
    shown = f"{worst.tokens_read:,} of {worst.tokens_total:,}" if lost else f"{worst.tokens_total:,}"
    return {"tokens": shown, "tokens_words": words[0].upper() + words[1:], "lost": lost}


def _reads(name: str, column: Column, score: PairScore) -> str:
    words = f"the {name} reads {score.tokens_read:,} of {score.tokens_total:,} tokens"
    if score.tokens_lost:
        words += f", {score.tokens_lost:,} are never seen"
    if score.chunks > 1:
        which = "first" if column.scorer.pooling.startswith("first") else "highest"
        words += f", in {score.chunks} chunks of which the {which} is underlined"
    return words
