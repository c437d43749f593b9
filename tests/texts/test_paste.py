import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.errors import InputProblem
from components.records import Document
from components.texts import limits
from components.texts.clean import clean, one_line
from components.texts.paste import Split, join_documents, split_documents

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=[]))  # surrogates and control characters included


def texts(pasted):
    return [document.text for document in pasted.documents]


def test_lines_become_documents():
    pasted = split_documents("first\n\n second \n\n\nthird\n")
    assert texts(pasted) == ["first", "second", "third"]
    assert pasted.split is Split.LINES
    assert pasted.sentence() == "3 documents, one a line"


def test_blocks_are_detected_where_one_has_several_lines():
    pasted = split_documents("first line\nsecond line\n\n\nanother document")
    assert texts(pasted) == ["first line\nsecond line", "another document"]
    assert pasted.split is Split.BLOCKS
    assert pasted.sentence() == "2 documents, blocks between blank lines"


def test_detection_can_be_overruled():
    text = "a\nb\n\nc"
    assert texts(split_documents(text, Split.LINES)) == ["a", "b", "c"]
    assert texts(split_documents("a\n\nb", Split.BLOCKS)) == ["a", "b"]


def test_identical_documents_stay_apart():
    assert [document.number for document in split_documents("same\nsame").documents] == [1, 2]


def test_windows_and_unicode_line_ends():
    assert texts(split_documents("a\r\nb\rc\u2028d\x85e")) == ["a", "b", "c", "d", "e"]


@given(ANY_TEXT, st.sampled_from(list(Split)))
def test_any_paste_gives_documents_that_can_be_stored_and_sent(text, split):
    pasted = split_documents(text, split)
    assert pasted.split is not Split.DETECT
    for place, document in enumerate(pasted.documents, 1):
        assert document.number == place
        assert document.text.strip() == document.text != ""
        document.text.encode("utf-8")
        assert "\x00" not in document.text


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Zs"]), min_size=1)))
def test_joined_documents_come_back(documents):
    assert texts(split_documents(join_documents(tuple(documents)), Split.LINES)) == [d.strip() for d in documents]


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)
    assert "\n" not in one_line(clean(text))


def test_what_is_odd_but_legal_stays():
    odd = "emoji 🦆, zero\u200dwidth, right-to-left \u202eabc\u202c, שלום"
    assert clean(odd) == odd


@pytest.mark.parametrize(
    ("query", "count", "length", "part"),
    [
        ("", 0, 1, "query and at least one document"),
        ("", 1, 1, "query is empty"),
        ("q", 0, 1, "no documents"),
        ("q" * 2001, 1, 1, "2,001 characters"),
        ("q", 201, 1, "Retrieve & re-rank"),
        ("q", 10_000, 1, "10,000 documents"),
        ("q", 2, 20_001, "Document 1 has 20,001 characters"),
    ],
)
def test_limits_say_what_is_wrong_and_what_to_do(query, count, length, part):
    documents = tuple(Document(number, "x" * length) for number in range(1, count + 1))
    with pytest.raises(InputProblem) as caught:
        limits.check(query, documents)
    assert part in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_limits_themselves_are_allowed():
    limits.check("q" * limits.MAX_QUERY_CHARACTERS, (Document(1, "x" * 20_000),) * 200)
