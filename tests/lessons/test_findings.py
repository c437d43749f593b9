"""Findings say what happened: with the literature, against it, and when nothing happened."""

from __future__ import annotations

import pytest

from components.errors import ModelProblem
from components.lessons import (
    attention,
    cost,
    follows,
    negation,
    nothing_fits,
    one_vector,
    position,
    reading,
    repeating,
    roles,
    score_types,
)
from components.lessons.records import Count
from components.records import Kind, PairClasses, PairScore, Reading
from components.scoring.scheduler import Progress
from tests.lessons.conftest import finish, made_bench, ran
from tests.lessons.test_probes import lesson_of

CROSS, BI, WORDS = Kind.CROSS_ENCODER, Kind.BI_ENCODER, Kind.BM25


def counts(cross, bi, words, total):
    return Count(CROSS, cross, total), Count(BI, bi, total), Count(WORDS, words, total)


def test_not_against_the_literature():
    """A bi-encoder that sees every negation and a cross-encoder that sees none: said as it came out."""
    lesson = lesson_of("not")
    item = lesson.items[0]
    right = {(query, item.documents[place]) for place, query in enumerate(item.queries)}
    bench = made_bench(lambda q, d: len(d), lambda q, d: (q, d) in right)
    outcome = ran(negation.run, lesson, item, bench)
    assert outcome.answer == "bi"
    assert outcome.finding == "The cross-encoder gets one query of two right, the bi-encoder both queries."
    assert "against the published order" in outcome.published
    assert negation.published_for_all(counts(1, 22, 0, 24)) == (
        "Against what is published, the bi-encoder is ahead here; clear of the coin: bi-encoder; "
        "below it: cross-encoder and BM25."
    )


def test_not_with_the_literature_and_level():
    assert negation.published_for_all(counts(20, 3, 0, 24)).startswith("As published, the cross-encoder is ahead here;")
    assert "though the intervals overlap" in negation.published_for_all(counts(8, 6, 0, 24))
    assert negation.published_for_all(counts(6, 6, 6, 24)).startswith(
        "Unlike what is published, the two models come out level"
    )
    assert negation.finding({CROSS: (True, True), BI: (True, True)}) == "Both models get both queries right."


def test_roles_tell_the_two_papers_apart():
    def cross(after, rank):
        return roles.Read((4.0, 1.0, -4.0), (after, 4.0), (1, rank, 1))

    assert "both papers at once" in roles.published(cross(2.0, 1))
    assert "as ABNIRML says" in roles.published(cross(0.0, 2))
    assert "as Rau and Kamps say" in roles.published(cross(3.9, 1))
    assert "both papers hold here" in roles.published_for_all(counts(9, 9, 0, 18), 18, 16)
    assert "with ABNIRML" in roles.published_for_all(counts(9, 9, 0, 18), 17, 5)
    assert "with Rau and Kamps" in roles.published_for_all(counts(9, 9, 0, 18), 2, 18)


def test_reading_says_when_the_counts_are_others():
    work = reading.Work((("[CLS]", "[SEP]"),))
    keeps = {BI: [reading.Work(work.sequences * 4), work], CROSS: [reading.Work(work.sequences * 3)] * 2}
    assert reading.answer(keeps, 3) == "keeps"
    assert "10,000 passes or 49,995,000" in reading.published(keeps, 3)
    odd = {BI: [work, reading.Work(work.sequences * 2)], CROSS: [work, work]}
    assert reading.answer(odd, 3) == "else"
    assert "not those behind" in reading.published(odd, 3)


def test_repeating_against_the_literature():
    def curve(*values, stuffed=0.0, answer=5.0):
        return repeating.Curve(tuple(map(float, values)), stuffed, answer)

    flat, falling = curve(*[0] * 8), curve(5, 4, 3, 2, 1, 0, -1, -2, answer=0.0, stuffed=9.0)
    rising = curve(0, 4, 6, 7, 7.5, 7.8, 7.9, 8, stuffed=9.0)
    assert "against the published rise" in repeating.published({CROSS: falling, BI: flat, WORDS: rising})
    assert "beats the answer for cross-encoder and BM25" in repeating.published(
        {CROSS: falling, BI: flat, WORDS: rising}
    )
    assert "saturates, as was found" in repeating.published({CROSS: rising, BI: rising, WORDS: rising})
    assert "unlike the published soft term frequency" in repeating.published({CROSS: flat, BI: flat, WORDS: flat})
    assert "differs from the published model" in repeating.published_for_all(counts(7, 7, 7, 14), 2)
    assert "as published for another model" in repeating.published_for_all(counts(7, 7, 7, 14), 12)


def test_nothing_fits_names_both_mistakes():
    high = nothing_fits.Judged((9.0,), tuple(map(float, range(5))))
    low = nothing_fits.Judged((2.0,), tuple(map(float, range(5))))
    assert nothing_fits.published({CROSS: high, BI: low}, False).startswith("A phantom hit")
    assert nothing_fits.published({CROSS: low, BI: low}, False).startswith("No phantom hit")
    assert nothing_fits.published({CROSS: low, BI: low}, True).startswith("The other mistake")
    assert nothing_fits.finding({CROSS: high, BI: low}, False) == (
        "No document holds the answer: the cross-encoder says a match (0 of 5 unrelated passages score higher), "
        "the bi-encoder says no good match (2 of 5 unrelated passages score higher)."
    )
    none = nothing_fits.published_for_all(counts(7, 7, 0, 14)[:2], Count(CROSS, 0, 7))
    assert none.startswith("Unlike what is published, no phantom hit in 7 texts")


def test_position_against_the_literature():
    def placed(*values, read=10):
        scores = tuple(PairScore(float(value), read, 10) for value in values)
        return position.Placed(scores, scores, -5.0)

    end, start = placed(0, 1, 3), placed(3, 1, 0)
    assert (end.best, start.best, placed(2, 2.1, 2).best) == ("end", "start", "same")
    assert "against what is published" in position.published({CROSS: end, BI: end})
    assert position.published({CROSS: start, BI: start}).startswith("Both models like the start best, as published.")
    assert "Only the bi-encoder" in position.published({CROSS: end, BI: start})
    assert "cross-encoder after 6 tokens" in position.published({CROSS: placed(1, 2, 3, read=6), BI: end})
    assert position.published_for_all(counts(2, 3, 0, 12)[:2]).startswith("No bias to the start")


def test_one_vector_against_the_literature():
    assert one_vector.published_for_all(counts(12, 125, 132, 138)) == (
        "Unlike what is published, the bi-encoder is ahead of cross-encoder and behind BM25 (the intervals overlap)."
    )
    assert one_vector.published_for_all(counts(130, 40, 138, 138)) == (
        "As published of single vectors, the bi-encoder is behind cross-encoder and behind BM25."
    )
    assert "against the published direction" in one_vector.published({CROSS: 2, BI: 2, WORDS: 2})
    assert "in the published direction" in one_vector.published({CROSS: 2, BI: 0, WORDS: 2})


def test_scores_read_as_odds_and_rounded():
    logits, grades = (9.0, 8.5, -9.0), [0, 3, 0]
    by_type = {name: score_types.rounded(logits, grades, 0.1, name) for name in score_types.TYPES}
    assert score_types.answer(logits, grades, by_type["bfloat16"]) == "free"  # worst tie order = the logit's order
    better = (8.5, 9.0, -9.0)
    by_type = {name: score_types.rounded(better, grades, 0.1, name) for name in score_types.TYPES}
    assert score_types.answer(better, grades, by_type["bfloat16"]) == "costs"
    assert "As in the published case" in score_types.published(better, grades, by_type)
    wide = {name: score_types.rounded((1.0, 0.0, -1.0), grades, 1.0, name) for name in score_types.TYPES}
    assert score_types.answer((1.0, 0.0, -1.0), grades, wide["bfloat16"]) == "none"
    assert "does not show here" in score_types.published((1.0, 0.0, -1.0), grades, wide)
    assert "close, on these texts" in score_types.as_odds([(0.5, True), (0.5, False)])
    assert "promise 90 % relevant documents; 0 % are" in score_types.as_odds([(0.9, False)] * 4)


def test_every_tally_runs_on_made_up_scores():
    """No sentence depends on a particular result: all ties, and everything upside down."""
    for id_, probe in (("who-did-what", roles), ("one-vector", one_vector), ("where-it-stands", position)):
        for rule in (lambda q, d: 0.0, lambda q, d: -float(len(d))):
            tally = finish(probe.tally(lesson_of(id_), made_bench(rule, rule, rule), Progress()))
            assert tally.sentence().endswith(".")
            assert tally.published.endswith(".")


def test_attention_with_and_against_the_literature():
    def found(rhos, changes):
        return attention.Found(
            (("word", (0.1, 0.1, 0.1), 0.2),), rhos, (-0.3, 0.1, 0.4), 1.0, 5.0, changes, changes, heads=2
        )

    idle, busy = (0.1, -0.2, 0.0, 0.3), (1.0, -2.0, 3.0, 0.1)
    none = found((0.1, 0.2, -0.5), idle)
    assert attention.answer(none) == "none"
    assert attention.published(none).startswith("As published, attention tells no more than chance")
    assert "hardly changes for 4 of 4 heads: as published" in attention.published(none)
    every = found((0.5, 0.6, 0.7), busy)
    assert attention.answer(every) == "all"
    assert attention.published(every).startswith("Unlike “frequently uncorrelated”")
    assert "1 of 4 heads: so here attention is not idle" in attention.published(every)
    assert attention.answer(found((0.5, 0.6, 0.1), busy)) == "some"
    assert every.strongest == 2
    assert "against “frequently uncorrelated”" in attention.published_for_all(Count(CROSS, 8, 10), 10, 100)
    assert "As published" in attention.published_for_all(Count(CROSS, 2, 10), 90, 100)


def test_cost_says_what_came_out():
    def measured(quality, ms=(10.0, 60.0, 110.0, 210.0, 640.0), wait=1.0):
        return cost.Measured((0, 5, 10, 20, 63), quality, ms, wait)

    better, worse = measured((0.5, 0.6, 0.7, 0.8, 0.7)), measured((0.9, 0.8, 0.7, 0.6, 0.5))
    assert (cost.answer(better), cost.answer(worse)) == ("better", "worse")
    assert cost.answer(measured((0.5,) * 5)) == "same"
    assert cost.finding(better) == (
        "The bi-encoder alone takes 10 ms for nDCG@10 0.50; with the first 20 re-ranked it is 210 ms for 0.80."
    )
    assert cost.published(better) == "Re-ranking takes 21 times as long, and as published, time buys quality."
    assert "against what is published" in cost.published(worse)
    assert cost.when_cross(worse.depths, worse.quality, worse.ms).startswith("Not for quality here")
    assert "the best mean is at 20 documents" in cost.when_cross(better.depths, better.quality, better.ms)
    assert "reads 100 of these short documents a second" in cost.when_bi(better.depths, better.ms)
    assert "2.8 hours a query (extrapolated)" in cost.when_bi(better.depths, better.ms)
    assert cost.why(better.ms, better.depths).endswith("64 times the time at 63 documents.")
    assert cost.busy_sentence(2.0).startswith("The machine was busy")
    assert cost.busy_sentence(1.1) == ""
    falls = cost.published_for_all((Count(CROSS, 2, 12), Count(BI, 8, 12)), -0.1)
    assert "against what is published, quality falls" in falls
    assert "2 queries better, 8 worse" in falls


def test_follows_with_and_against_the_literature():
    labels = ("entailment", "neutral", "contradiction")
    reading = Reading(1, 1)

    def classes(label):
        return PairClasses(labels, tuple(2.0 if one == label else 0.0 for one in labels), reading, reading)

    def attacked(plain, alone, negated, expected, words=6, left=1):
        made = (classes(plain), classes(plain), classes(negated), classes(alone))
        return follows.Attacked(*made, ("word",) * left, words, expected)

    fooled = attacked("entailment", "entailment", "entailment", "neutral")
    assert "As in HANS" in follows.published(fooled, True)
    assert "The label stands without the premise" in follows.published(fooled, True)
    assert "one or two words keep the label" in follows.published(fooled, True)
    assert follows.finding(fooled) == (
        "The model says entailment (share 0.79), and it should be neutral. Without the premise the label stays, with "
        "the hypothesis negated it stays; 1 of 6 words hold it up."
    )
    good = attacked("neutral", "contradiction", "contradiction", "neutral", left=5)
    assert "Unlike in HANS" in follows.published(good, True)
    assert "The premise is needed" in follows.published(good, True)
    assert "HANS" not in follows.published(good, False)
    assert "other than in HANS" in follows.published_for_all(Count(CROSS, 18, 21), 3, 1, 5)
    assert "as in HANS" in follows.published_for_all(Count(CROSS, 18, 21), 3, 4, 5)


def test_follows_needs_three_classes():
    with pytest.raises(ModelProblem, match="needs a model with the classes"):
        follows.classifier_of(made_bench(lambda q, d: 0.0, lambda q, d: 0.0))
