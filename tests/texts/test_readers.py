"""Any file gives documents or one clear sentence, and what was read is said."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from components.errors import InputProblem
from components.texts import limits
from components.texts.decode import MAX_FILE_BYTES
from components.texts.readers import FORMATS, Uploaded, read_file, take_column


def read(name: str, text: str, encoding: str = "utf-8") -> Uploaded:
    return read_file(name, text.encode(encoding))


def texts(uploaded: Uploaded) -> list[str]:
    return [document.text for document in uploaded.documents]


def problem(name: str, data: bytes) -> str:
    with pytest.raises(InputProblem) as caught:
        read_file(name, data)
    return str(caught.value)


names = st.sampled_from([f"a{ending}" for ending in FORMATS])


@given(names, st.binary(max_size=400))
@example("a.csv", b'"')
@example("a.json", b"[" * 5000)
@example("a.json", b"1" * 5000)
@example("a.json", b'["\\ud800"]')
@example("a.tsv", b'"a\tb\nc')
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_documents_or_one_sentence(name: str, data: bytes) -> None:
    try:
        uploaded = read_file(name, data)
    except InputProblem as error:
        sentence = str(error)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert "a." in sentence
    else:
        assert uploaded.documents
        assert all(document.text.strip() for document in uploaded.documents)
        assert uploaded.sentence.startswith(uploaded.name)


csv_like = st.text(alphabet='ab ,;\t|"\n\r1é', max_size=120)
json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(names, csv_like)
@settings(max_examples=300, deadline=None)
def test_any_table_like_text_gives_documents_or_one_sentence(name: str, text: str) -> None:
    test_any_bytes_give_documents_or_one_sentence.hypothesis.inner_test(name, text.encode())


@given(json_like)
@settings(max_examples=200, deadline=None)
def test_any_json_gives_documents_or_one_sentence(content: object) -> None:
    data = json.dumps(content).encode()
    for name in ("a.json", "a.jsonl"):
        test_any_bytes_give_documents_or_one_sentence.hypothesis.inner_test(name, data)


word = st.text(alphabet="abcdefgh,;'\" éß", min_size=1, max_size=30).filter(lambda text: text.strip(' "'))


@given(st.lists(word, min_size=1, max_size=8), st.sampled_from([",", ";", "\t"]))
@settings(max_examples=100, deadline=None)
def test_what_is_written_as_a_table_comes_back(documents: list[str], delimiter: str) -> None:
    quoted = ['"' + text.replace('"', '""') + '"' for text in documents]
    rows = [delimiter.join(("doc_id", "text"))] + [f"d{n}{delimiter}{text}" for n, text in enumerate(quoted)]
    uploaded = read("a.tsv" if delimiter == "\t" else "a.csv", "\n".join(rows))
    assert texts(uploaded) == [text.strip() for text in documents]
    assert [document.id for document in uploaded.documents] == [f"d{n}" for n in range(len(documents))]


@given(st.lists(word, min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_what_is_written_as_json_comes_back(documents: list[str]) -> None:
    wanted = [text.strip() for text in documents]
    assert texts(read("a.json", json.dumps(documents))) == wanted
    assert texts(read("a.json", json.dumps({"documents": [{"text": text} for text in documents]}))) == wanted
    assert texts(read("a.jsonl", "\n".join(json.dumps({"text": text, "x": 1}) for text in documents))) == wanted


def test_text_file_is_cut_as_a_paste_is() -> None:
    assert texts(read("a.txt", "one\n\ntwo\n")) == ["one", "two"]
    assert texts(read("a.txt", "one\nmore\n\ntwo\n")) == ["one\nmore", "two"]


def test_text_ids_and_judgments_are_found_and_said() -> None:
    uploaded = read("a.csv", "docno;passage;relevance\n7;Herons eat fish.;3\n9;A café, closed.;0\n")
    assert [(one.id, one.text, one.judgment) for one in uploaded.documents] == [
        ("7", "Herons eat fish.", 3),
        ("9", "A café, closed.", 0),
    ]
    assert uploaded.sentence == (
        "a.csv: 2 documents from “passage”; ids from “docno”; 2 judgments from “relevance”; UTF-8; separated by "
        "semicolons, first line as names."
    )


def test_another_column_can_be_taken_as_the_text() -> None:
    first = read("a.jsonl", '{"title": "Heron", "text": "A bird."}\n{"title": "Pike", "text": "A fish."}')
    assert texts(first) == ["A bird.", "A fish."]
    second = take_column(first.name, first.table, first.encoding, "title")
    assert texts(second) == ["Heron", "Pike"]
    assert "from “title”" in second.sentence


def test_a_query_in_the_file_is_taken_and_rows_of_another_query_are_not() -> None:
    uploaded = read("a.tsv", "query\ttext\nherons\tA bird.\nherons\tA fish.\npike\tA lake.\n")
    assert uploaded.query == "herons"
    assert texts(uploaded) == ["A bird.", "A fish."]
    assert "the first of 2 queries" in uploaded.sentence
    assert read("b.json", '{"query": "q", "documents": ["a", "b"]}').query == "q"


def test_double_ids_and_odd_judgments_are_left_out_and_said() -> None:
    uploaded = read("a.csv", "id,text,label\n1,one,7\n1,two,0\n")
    assert [(one.id, one.judgment) for one in uploaded.documents] == [("", None), ("", None)]
    assert "“id” not taken as ids" in uploaded.sentence
    assert "“label” not taken as judgments" in uploaded.sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = "text\nDer Fischreiher frißt größere Frösche und Mäuse.\nÜber dem Weiher schläft die Rohrdommel.\n"
    assert texts(read("a.csv", text, encoding))[0] == "Der Fischreiher frißt größere Frösche und Mäuse."


def test_encodings_of_other_scripts() -> None:
    russian = "Серая цапля питается рыбой и лягушками.\nЩука живёт в озере и охотится утром.\n" * 3
    assert texts(read("a.txt", russian, "cp1251"))[0] == "Серая цапля питается рыбой и лягушками."


def test_a_table_without_names_is_all_documents() -> None:
    uploaded = read("a.csv", "Herons eat fish and frogs.\nPike eat herons.\n")
    assert texts(uploaded) == ["Herons eat fish and frogs.", "Pike eat herons."]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b" \n\n", "is empty"),
        ("a.csv", b"PK\x03\x04rest", "zip archive"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", "PNG picture"),
        ("a.csv", b"text\x00\x01", "binary data"),
        ("a.csv", b"id,text\n1,one\n2,two,three\n", "Line 3 of a.csv has 3 fields and the first line 2"),
        ("a.csv", b'text,n\n"one,1\n', "begins on line 2"),
        ("a.json", b"[\n" + b'"x",\n' * 15 + b"oops]", "broken in line 17, column 1"),
        ("a.jsonl", b'{"text": "one"}\n{"text": }\n', "broken in line 2, column 10"),
        ("a.jsonl", b'{"text": "one"}\n3\n', "Line 2 of a.jsonl is a number"),
        ("a.json", b"3", "single value"),
        ("a.json", b"[]", "holds no text"),
        ("a.csv", b"text\n", "holds no text"),
        ("a.pdf", b"x", ".txt, .csv, .tsv, .json, .jsonl"),
        ("noending", b"x", ".txt, .csv, .tsv, .json, .jsonl"),
        ("a.txt", b"x" * (MAX_FILE_BYTES + 1), "5 MB is the limit"),
        ("a.txt", b"x\n" * (limits.MAX_DOCUMENTS + 1), "201 documents, and Compare takes 200"),
        ("a.txt", b"x" * (limits.MAX_DOCUMENT_CHARACTERS + 1), "Document 1 of a.txt has 20,001 characters"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_place(name: str, data: bytes, words: str) -> None:
    assert words in problem(name, data)


def test_a_long_name_with_folders_stays_readable() -> None:
    assert problem("C:\\dir\\" + "n" * 200 + ".csv", b"").startswith("n" * 44 + "…")
