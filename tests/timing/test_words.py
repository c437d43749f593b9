"""Times as they are read."""

import pytest

from components.timing.fit import Estimate
from components.timing.words import interval_words, line_words, number_words, time_words, times_words


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0.000004, "4 ns"),
        (0.0123, "12 µs"),
        (0.5, "0.5 ms"),
        (9.94, "9.9 ms"),
        (9.96, "10 ms"),
        (212.4, "212 ms"),
        (999.6, "1.00 s"),
        (3_456, "3.46 s"),
        (45_600, "45.6 s"),
        (119_000, "119 s"),
        (600_000, "10 min"),
        (7_200_000, "2.0 h"),
        (10_000_000, "2.8 h"),
        (260_000_000, "3.0 days"),
        (-5.2, "−5.2 ms"),
    ],
)
def test_times(ms, words):
    assert time_words(ms) == words


def test_ratios_numbers_lines_intervals():
    assert (times_words(1.54), times_words(24.4), times_words(1234)) == ("1.5 times", "24 times", "1,234 times")
    assert (number_words(4.64e9), number_words(149e6), number_words(7)) == ("4.64 G", "149 M", "7 ")
    assert line_words(5, -0.5, "n") == "T = 5.0 ms − 0.5 ms × n"
    assert interval_words(Estimate(100, 10, 1000)) == "80 ms to 120 ms"
    assert interval_words(Estimate(10, 10, 1000)) == "up to 30 ms"
