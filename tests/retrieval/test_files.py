"""Uploads: passages, queries and judgments in the forms people have them, and a sentence for each that is not."""

from __future__ import annotations

import json

import pytest

from components.errors import InputProblem
from components.judging.qrels import read_qrels
from components.retrieval import files
from components.retrieval.collection import Collection, Query


def jsonl(*rows: dict) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_a_beir_corpus_with_titles_and_ids():
    data = jsonl({"_id": "x 1", "title": "Herons", "text": "They wait."}, {"_id": "x2", "title": "", "text": "Rats."})
    read = files.read_collection("corpus.jsonl", data)
    assert read.collection.ids == ("x_1", "x2")
    assert read.collection.texts == ("Herons They wait.", "Rats.")
    assert "2 passages from “text”; “title” put before each; ids from “_id”" in read.sentence


def test_plain_lines_get_ids():
    read = files.read_collection("notes.txt", b"one bee\ntwo bees\n\n")
    assert read.collection.ids == ("p00001", "p00002")
    assert read.sentence.startswith("notes.txt: 2 passages")


def test_double_ids_are_not_taken_and_empty_rows_left_out():
    read = files.read_collection("c.csv", b"id,text\n1,bees\n1,boats\n2,\n")
    assert read.collection.ids == ("p00001", "p00002")
    assert "not taken as ids" in read.sentence
    assert "1 row without text left out" in read.sentence


def test_twenty_thousand_passages_are_read():
    data = "\n".join(f"passage number {number} of many" for number in range(20_000)).encode()
    assert len(files.read_collection("many.txt", data).collection) == 20_000


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("c.zip", b"PK\x03\x04", "is of a kind that Retrieve & re-rank does not read"),
        ("c.csv", b"\x89PNG....", "is a PNG picture"),
        ("c.txt", b"   \n", "is empty"),
        ("c.jsonl", b'{"text": "a"}\n{"text": \n', "broken in line 2"),
        ("c.txt", b"x" * 20_001, "20,001 characters"),
        ("c.txt", b"a\n" * 50_001, "50,001 passages, and 50,000 is the limit"),
    ],
)
def test_bad_files_get_their_sentence(name, data, words):
    with pytest.raises(InputProblem, match=words):
        files.read_collection(name, data)


@pytest.fixture
def collection():
    return Collection("c", ("d1", "d2"), ("bees", "boats"))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("q.tsv", b"7\twhat do bees do\n8\twhere are boats\n"),
        ("q.jsonl", jsonl({"_id": "7", "text": "what do bees do"}, {"_id": "8", "text": "where are boats"})),
        ("q.csv", b"qid,query\n7,what do bees do\n8,where are boats\n"),
    ],
)
def test_queries_in_three_forms(collection, name, data):
    read = files.read_queries(collection, name, data)
    assert read.collection.queries == (Query("7", "what do bees do"), Query("8", "where are boats"))
    assert read.collection.ids == collection.ids


def test_queries_as_lines(collection):
    read = files.read_queries(collection, "q.txt", b"what do bees do\nwhere are boats\n")
    assert [query.id for query in read.collection.queries] == ["q1", "q2"]


def test_qrels_in_trec_and_beir_form():
    assert read_qrels("a", "7 0 d1 2\n7 0 d2 -1\n").grades == {"7": {"d1": 2, "d2": 0}}
    beir = read_qrels("a", "query-id\tcorpus-id\tscore\r\n7\td1\t1\r\n")
    assert (beir.grades, beir.count) == ({"7": {"d1": 1}}, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no judgments"),
        ("7 0 d1", "ends with “d1”"),
        ("7 0 d1 2\n7 d1", "Line 2 of a has 2"),
        ("7 0 d1 nan", "nan"),
    ],
)
def test_bad_qrels_name_the_line(text, words):
    with pytest.raises(InputProblem, match=words):
        read_qrels("a", text)


def test_judgments_of_others_are_left_out_and_counted(collection):
    asked = collection.with_queries([Query("7", "bees")])
    read = files.read_judgments(asked, "q.qrels", b"7 0 d1 3\n7 0 elsewhere 1\n9 0 d1 1\n")
    assert read.collection.qrels == {"7": {"d1": 3}}
    assert read.sentence == "q.qrels: 1 judgment of 1 query; 2 of other queries or passages left out."
    with pytest.raises(InputProblem, match="None of the 1 judgments"):
        files.read_judgments(asked, "q.qrels", b"9 0 d1 1\n")
