"""The sentences about right and wrong are computed from ranks and judgments."""

from __future__ import annotations

from components.judging.metrics import measure
from components.judging.mistakes import (
    Mistake,
    first_place_sentence,
    judged_sentence,
    mistake_sentences,
    ties_sentence,
    worst_mistake,
)
from components.records import Column, Comparison, Document, Kind, PairScore, ScorerInfo


def column(kind: Kind, *scores: float) -> Column:
    return Column(ScorerInfo(kind, kind, "m", "logit"), tuple(PairScore(score, 3, 3) for score in scores))


def comparison(*columns: Column) -> Comparison:
    count = len(columns[0].scores)
    return Comparison("q", tuple(Document(n, f"text {n}") for n in range(1, count + 1)), columns)


BI = column(Kind.BI_ENCODER, 0.9, 0.5, 0.1)
CROSS = column(Kind.CROSS_ENCODER, 0.1, 0.5, 0.9)


def test_worst_mistake_is_the_exchange_that_gains_most() -> None:
    assert worst_mistake(BI, (0, 1, 3)) == Mistake(above=0, below=2)
    assert worst_mistake(CROSS, (0, 1, 3)) is None
    assert worst_mistake(BI, (0, None, None)) is None
    assert worst_mistake(column(Kind.BM25, 1, 1, 1), (0, 1, 2)) is None


def test_each_column_has_its_sentence() -> None:
    assert mistake_sentences(comparison(BI, CROSS), (0, None, 3)) == (
        "The bi-encoder is most wrong about document 1: judged 0, it stands at rank 1, above document 3, judged 3, at "
        "rank 3.",
        "The cross-encoder puts no document above one that is judged better.",
    )
    assert mistake_sentences(comparison(BI, CROSS), (0, None, None)) == ()
    assert mistake_sentences(comparison(BI, CROSS), (1, 1, 1)) == ()


def test_first_places_are_said_for_and_against_the_point() -> None:
    assert first_place_sentence(comparison(BI, CROSS), (0, 0, 3)) == (
        "Here the bi-encoder puts document 1 first, which the judgments call not relevant; the cross-encoder puts "
        "document 3 first, which the judgments call highly relevant."
    )
    assert first_place_sentence(comparison(CROSS, CROSS), (0, 0, 2)) == (
        "Here the cross-encoder m and the cross-encoder m put document 3 first, which the judgments call relevant, the "
        "best there is."
    )
    level = column(Kind.BM25, 1, 1, 0)
    assert first_place_sentence(comparison(level), (3, 0, 0)) == (
        "Here BM25 puts documents 1 and 2 level first, 1 of them among the best by the judgments."
    )


def test_what_unjudged_documents_count_as_is_said() -> None:
    some = measure([BI], comparison(BI).documents, (3, None, None), 1)
    none = measure([BI], comparison(BI).documents, (0, 0, None), 1)
    assert some is not None
    assert none is not None
    assert judged_sentence(some) == "1 of 3 documents judged; the other 2 count as not relevant."
    assert judged_sentence(none) == (
        "2 of 3 documents judged; the other one counts as not relevant. None is judged relevant yet, so every measure "
        "is 0."
    )


def test_ties_are_mentioned_only_where_they_matter() -> None:
    level = column(Kind.BM25, 1, 1, 0)
    matters = measure([level], comparison(level).documents, (3, 0, 0), 1)
    does_not = measure([level], comparison(level).documents, (3, 3, 0), 1)
    assert matters is not None
    assert does_not is not None
    assert "document id in descending order" in ties_sentence(matters)
    assert ties_sentence(does_not) == ""
