"""The sentences, on made-up races: the lesson, its contradiction, too little, a busy machine."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from components.timing import findings
from components.timing.budget import costs
from components.timing.records import Asked, Load, Source, Way
from tests.timing.made import ENVIRONMENT, lap, race_of


def test_the_lesson_with_its_numbers():
    assert findings.race_sentence(race_of(cross=10, embed=8, query=6)) == (
        "The cross-encoder took 85 ms for 8 documents, the bi-encoder 70 ms, or 6.0 ms with the documents embedded: it "
        "took 1.2 and 14 times as long."
    )


def test_a_faster_cross_encoder_is_said_to_be_faster():
    said = findings.race_sentence(race_of(cross=0.1, embed=8, query=30))
    assert said.endswith("here the cross-encoder was the fastest, against the usual lesson.")
    assert "took 5.8 ms for 8 documents" in said


def test_faster_than_embedding_now_but_not_than_the_index():
    said = findings.race_sentence(race_of(cross=5, embed=10, query=6))
    assert said.endswith("it took 52 % of the first and 7.5 times as long as the second.")


def test_about_the_same_is_not_called_faster():
    said = findings.race_sentence(race_of(cross=8, embed=8, query=6))
    assert said.endswith("it took about as long as the first and 11 times as long as the second.")


def test_one_document_is_one_document():
    assert "for 1 document," in findings.race_sentence(race_of(documents=1))


def test_overlapping_replicates_are_said_to_overlap():
    assert "do not overlap" in findings.spread_sentence(race_of(cross=10, embed=8))
    assert "overlap: a single run" in findings.spread_sentence(race_of(cross=10, embed=8, noise=(0, 5, 60)))


def test_stages_that_do_not_add_up_are_said_not_to():
    good = race_of()
    assert "add up to the total: at most 0.0 %" in findings.stages_sentence(good)
    assert "80 % is forward" in findings.stages_sentence(good)
    bad = replace(good, laps=(*good.laps, lap(0, Way.CROSS, 4, 85, gap=0.08)))
    assert "do not add up to the total: at most 8.0 %" in findings.stages_sentence(bad)


def test_the_work_is_counted_and_set_against_the_time():
    assert findings.work_sentence(race_of(cross=10, query=6)) == (
        "For this query the cross-encoder ran 8 forward passes over 240 tokens (240 MFLOP), the bi-encoder with the "
        "documents embedded 1 over 6 tokens (1.00 MFLOP): 240 times the operations, 14 times the time."
    )


def test_what_one_more_document_costs():
    said = findings.growth_sentence(race_of(cross=10, embed=8, scan=0))
    assert said == (
        "One more document costs the cross-encoder 10 ms, the bi-encoder that embeds it now 8.0 ms and the bi-encoder "
        "that has it embedded nothing that could be measured."
    )
    alone = race_of()
    alone = replace(alone, laps=tuple(one for one in alone.laps if one.leg == 0))
    assert "was not measured" in findings.growth_sentence(alone)


def test_a_line_that_explains_little_is_said_to():
    straight = findings.fit_sentences(race_of())["documents"][0]
    assert straight.startswith("Cross-encoder: T = 5.0 ms + 10 ms × n, R² 1.000 over 15 laps")
    assert "says little" not in straight
    noisy = findings.fit_sentences(race_of(cross=0.1, noise=(0, 50, 100)))["documents"][0]
    assert noisy.endswith("so the line says little here.")


def test_the_budget_in_words():
    result = race_of(cross=10, noise=(0, 0, 0))
    assert findings.budget_sentence(result, 100) == "100 ms: 9 documents re-ranked at p95."
    assert findings.budget_sentence(result, 10) == "10 ms: not one document re-ranked at p95; one takes 15 ms."
    assert findings.budget_sentence(result, 16) == "16 ms: 1 document re-ranked at p95."
    assert "extrapolated: at most 32 were timed" in findings.budget_sentence(result, 1000)
    assert "did not grow" in findings.budget_sentence(race_of(cross=-0.1), 100)


def test_a_million_is_extrapolated_and_ten_are_not():
    known = costs(race_of())
    far, near = findings.collection_sentence(known, 1_000_000, 100), findings.collection_sentence(known, 10, 10)
    assert far.startswith("Extrapolated: one query over 1,000,000 documents takes the cross-encoder 2.8 h (")
    assert "with the best 100 re-ranked" in far
    assert near.startswith("One query over 10 documents")


def test_break_even():
    assert "paid after 0.80 queries, so with query 1." in findings.break_even_sentence(costs(race_of()), 1_000_000)
    dear = findings.break_even_sentence(costs(race_of(cross=1, embed=8)), 1_000_000)
    assert "so with query 9." in dear
    never = findings.break_even_sentence(costs(race_of(cross=0.001, scan=0.01)), 1_000_000)
    assert "never pays here" in never


@pytest.mark.parametrize(
    ("load", "busy"),
    [
        (Load((0.1, 0.2, 0.24), 0.6, 0.5), False),
        (Load((0.1, 0.2, 0.26), 0.6, 0.5), True),  # by what others use
        (Load((0.1, 0.1, 0.1), 0.8, 0.5), True),  # by what a pass waits
        (Load((0.1, 0.1, 0.1), 0.8, 0.0), False),  # nothing known of an idle machine
    ],
)
def test_a_busy_machine_is_said_to_be_busy(load, busy):
    said = findings.load_sentence(race_of(load=load))
    assert said.startswith("The machine was busy") is busy
    assert said.startswith("The machine was quiet") is not busy


def test_two_runs_agree_or_do_not():
    now = race_of(cross=10, embed=8)
    assert findings.agreement_sentence(now, race_of(cross=11, embed=8)).startswith(
        "The run before and this one agree within 25 %: cross-encoder 93 ms then, 85 ms now (9 % apart)"
    )
    apart = findings.agreement_sentence(race_of(cross=20, load=Load((0.9,), 1, 1)), now)
    assert apart.startswith("The run before and this one do not agree within 25 %; the machine was busy")


def test_the_environment_is_named_whole():
    said = findings.environment_line(race_of())
    for part in (
        "Device cpu",
        "2 threads",
        "float32",
        "500 tokens",
        "max length 256",
        "max length 512",
        "3 replicates",
    ):
        assert part in said
    assert "warm-up left out" in said
    mixed = replace(ENVIRONMENT, models=(ENVIRONMENT.models[0], replace(ENVIRONMENT.models[1], dtype="bfloat16")))
    assert "float32 and bfloat16" in findings.environment_line(replace(race_of(), environment=mixed))


def test_what_raced():
    assert findings.asked_words(Asked(), 4) == "your 4 documents"
    assert findings.asked_words(Asked(Source.MADE_UP, 20, 64), 20).startswith("20 made-up documents of 64 tokens")


def test_no_sentence_has_a_bare_float():
    result = race_of(cross=1 / 3, embed=1 / 7, query=1 / 9)
    known = costs(result)
    said = [findings.race_sentence(result), findings.growth_sentence(result), findings.work_sentence(result)]
    said += [findings.collection_sentence(known, 1000, 10), findings.break_even_sentence(known, 1000)]
    assert not [one for one in said if re.search(r"\d\.\d{4}", one)]
