"""Judgments from a file: what is no grade is refused with the line it stands on."""

import pytest

from components.errors import InputProblem
from components.judging.qrels import read_qrels


def test_an_endless_grade_is_refused_with_a_sentence():
    for grade in ("inf", "-inf", "nan", "1e300"):
        with pytest.raises(InputProblem, match="a grade is a whole number"):
            read_qrels("q.txt", f"q 0 d {grade}")


def test_lines_are_counted_as_an_editor_counts_them():
    with pytest.raises(InputProblem, match="Line 2 "):
        read_qrels("q.txt", "q 0 d 1\r\nq 0 d high\r\n")
