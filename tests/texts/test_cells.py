import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.texts.cells import harmless


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\n+", "＝"])
def test_formulas_are_made_harmless(start):
    assert harmless(start + "1") == "'" + start + "1"


@given(st.text())
def test_a_cell_keeps_its_text(cell):
    assert harmless(cell).removeprefix("'") == cell.removeprefix("'")
    assert not harmless(cell).lstrip().startswith(("=", "+", "-", "@"))
