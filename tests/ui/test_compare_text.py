"""The opened text in parts: what was never read, and which chunk decided."""

from __future__ import annotations

from components.records import Column, Kind, PairScore, ScorerInfo
from components.ui.compare_text import text_parts, tokens_cell


def scored(kind: Kind, score: PairScore, pooling: str = "") -> tuple[str, Column, PairScore]:
    return str(kind), Column(ScorerInfo(kind, kind, "m", "u", 10, pooling=pooling), (score,)), score


def test_a_text_that_was_read_whole_is_not_cut():
    assert text_parts("abc", [scored(Kind.BI_ENCODER, PairScore(1, 3, 3))]) == []


def test_each_model_stops_at_its_own_place():
    scores = [
        scored(Kind.BI_ENCODER, PairScore(1, 2, 6, cut=2)),
        scored(Kind.CROSS_ENCODER, PairScore(1, 4, 6, cut=4)),
        scored(Kind.BM25, PairScore(1, 6, 6)),
    ]
    assert text_parts("abcdef", scores) == [
        {"end": 2, "unread": [], "best": []},
        {"end": 4, "unread": ["bi-encoder"], "best": []},
        {"end": 6, "unread": ["bi-encoder", "cross-encoder"], "best": []},
    ]
    cell = tokens_cell(scores)
    assert cell["tokens"] == "2 of 6"
    assert cell["tokens_words"] == (
        "The bi-encoder reads 2 of 6 tokens, 4 are never seen; the cross-encoder reads 4 of 6 tokens, 2 are never seen"
    )


def test_the_chunk_that_decided_is_marked():
    pooling = "highest of chunks of 128 tokens that share 32"
    score = PairScore(1, 6, 6, chunk=(2, 4), chunks=3)
    assert text_parts("abcdef", [scored(Kind.CROSS_ENCODER, score, pooling)]) == [
        {"end": 2, "unread": [], "best": []},
        {"end": 4, "unread": [], "best": ["cross-encoder"]},
        {"end": 6, "unread": [], "best": []},
    ]
    words = tokens_cell([scored(Kind.CROSS_ENCODER, score, pooling)])["tokens_words"]
    assert words == "The cross-encoder reads 6 of 6 tokens, in 3 chunks of which the highest is underlined"


def test_places_are_counted_as_the_browser_does():
    """An emoji is one character in Python and two units in JavaScript."""
    parts = text_parts("🦆ab", [scored(Kind.BI_ENCODER, PairScore(1, 1, 2, cut=2))])
    assert [part["end"] for part in parts] == [3, 4]


def test_nothing_read_at_all_is_grey_from_the_start():
    parts = text_parts("ab", [scored(Kind.CROSS_ENCODER, PairScore(1, 0, 2, cut=0))])
    assert parts == [{"end": 2, "unread": ["cross-encoder"], "best": []}]
