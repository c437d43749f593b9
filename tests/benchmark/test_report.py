"""The benchmark's words: no verdict from a busy machine, and the same figures in all three forms."""

import json
import statistics

import pytest

from components.benchmark.first_paint import APP, BARE, TOP, Start, lines
from components.benchmark.mixes import QUERY, mixes
from components.benchmark.ratios import Case
from components.benchmark.report import Line, Machine, headline, markdown, save, table, verdict

LINE = Line("cross-encoder, mixed", "exact, as fast as that", 2.31, "times", "80 a second", "at least 2 times", True)


def machine(before=0.0, others=(), quick=False):
    return Machine("a processor", 2, 1, "cpu", "2.13", (0.1, 0.2, 0.3), before, quick, others)


@pytest.mark.parametrize(
    ("is_met", "is_busy", "words"),
    [
        (True, False, "meets the bar: at least 2 times"),
        (False, False, "misses the bar: at least 2 times"),
        (True, True, "bar: at least 2 times; no verdict, the machine was busy"),
        (False, True, "bar: at least 2 times; no verdict, the machine was busy"),
    ],
)
def test_verdicts(is_met, is_busy, words):
    assert verdict(Line("p", "n", 1.0, "", "", "at least 2 times", is_met), is_busy) == words


def test_a_figure_without_a_bar_has_no_verdict():
    assert verdict(Line("p", "n", 1.0, ""), False) == ""


@pytest.mark.parametrize(
    ("before", "others", "is_busy"),
    [(0.0, (), False), (0.3, (), True), (0.1, (("scoring", 0.2), ("turns", 0.26)), True), (0.25, (), False)],
)
def test_busy_is_a_quarter_of_the_cores_before_or_in_any_part(before, others, is_busy):
    assert machine(before, others).is_busy is is_busy


def test_the_conditions_come_first():
    words = headline(machine(0.5, (("scoring", 0.875),), quick=True))
    assert "2 cores, 1 threads, cpu" in words
    assert "load average before 0.1, 0.2, 0.3; other processes used up to 88% of the cores" in words
    assert words.endswith("no verdict.")
    assert "not to quote" in words
    assert table(machine(), [LINE]).startswith(headline(machine()))


def test_table_markdown_and_json_hold_the_same(tmp_path):
    assert "exact, as fast as that" in table(machine(), [LINE])
    assert "2.31 times" in table(machine(), [LINE])
    said = (
        "| cross-encoder, mixed | exact, as fast as that | 2.31 times | 80 a second; meets the bar: at least 2 times |"
    )
    assert said in markdown(machine(), [LINE])
    save(machine(0.9), [LINE], tmp_path / "run.json")
    content = json.loads((tmp_path / "run.json").read_text())
    assert content["machine"]["is_busy"] is True
    assert content["lines"][0]["value"] == 2.31
    assert content["lines"][0]["verdict"].endswith("no verdict, the machine was busy")
    assert (tmp_path / "run.md").read_text() == markdown(machine(0.9), [LINE])


def test_mixes_are_the_same_each_time_and_differ_in_length():
    made = mixes(40)
    assert made == mixes(40)
    medians = [statistics.median(len(text.split()) for text in mix.documents) for mix in made]
    assert medians[0] < 20 < medians[1] < 80 < medians[2]
    assert len(QUERY.split()) < medians[0]


def test_the_mixed_one_has_about_75_tokens_a_pair(cross_encoder):
    lengths = cross_encoder.tokenise([(QUERY, text) for text in mixes(200)[1].documents]).lengths
    assert 65 < statistics.mean(lengths) < 85


def test_a_warm_up_is_not_kept():
    case = Case("any", lambda: [1.0], 1)
    case.measure(keep=False)
    assert (case.wall, case.cpu) == ([], [])
    case.measure()
    assert len(case.wall) == len(case.cpu) == 1
    assert case.scores == [1.0]


def test_cold_starts_are_compared_by_medians():
    starts = {
        BARE: [Start(1.0, painted, 0.0, 50_000_000) for painted in (1.5, 1.6, 9.0)],
        APP: [Start(2.0, painted, 8.0, 750_000_000) for painted in (2.0, 1.9, 1.8)],
        TOP: [Start(1.0, painted, 0.0, 760_000_000) for painted in (10.0, 12.0, 11.0)],
    }
    found = {line.name: line for line in lines(starts)}
    assert found["the app is later by"].value == pytest.approx(0.3)
    assert found["the app is later by"].is_met is True
    assert found["navigation to first live scores, the app"].value == pytest.approx(9.9)
    assert found["navigation to first paint, imports at the top"].value == 11.0
    assert found["server after its first result, the app"].value == 750.0
