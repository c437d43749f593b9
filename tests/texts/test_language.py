import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.texts.examples import examples
from components.texts.language import language_note, other_language, pair_note


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Sonne scheint nachts nicht, deshalb gibt es keinen Strom.", "German"),
        ("Les abeilles vivent six semaines en été.", "French"),
        ("Цапли едят рыбу", "Cyrillic letters"),
        ("サギは魚を食べる", "Hiragana letters"),
        ("الطيور تأكل السمك", "Arabic letters"),
        ("Herons feed on perch, eels, newts and large insects.", None),
        ("def foo(x): return x+1 for y in z", None),
        ("Straße", None),  # too short to tell
        ("🦆🦆🦆 12345 67890 !!! ??? ... ---", None),
        ("", None),
    ],
)
def test_other_languages_are_told_from_english(text, language):
    assert other_language(text) == language


def test_our_own_examples_are_english():
    for example in examples().values():
        assert language_note(example.query, example.documents) == ""


def test_the_note_names_the_first_three():
    german = "Die Sonne scheint nachts nicht, deshalb gibt es keinen Strom."
    note = language_note("why is it dark", ["Night falls early in winter here.", *[german] * 5])
    assert note.startswith("Not English, it seems: document 2 (German), document 3 (German), document 4 (German) and 2")


@given(st.text())
def test_any_text_has_an_answer(text):
    assert other_language(text) is None or other_language(text)


def test_the_note_on_a_pair_names_its_texts():
    german = "Die Reiher stehen am Ufer und warten geduldig auf Fische."
    assert pair_note("what do herons eat", "Herons feed on perch and eels.") == ""
    assert "it seems: the document (German)." in pair_note("what do herons eat", german)
    assert "the query (Cyrillic letters) and the document (German)" in pair_note("что едят цапли", german)
