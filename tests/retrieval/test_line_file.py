"""A collection that stays in its file: found by line and by id, the same as an upload, and every fault one sentence."""

from __future__ import annotations

import json

import pytest

from components.errors import InputProblem
from components.retrieval import line_file
from components.retrieval.collection import Query
from components.retrieval.files import read_collection
from components.scoring.scheduler import Progress
from components.texts import limits
from tests.retrieval.conftest import result_of

JSONL = (
    '{"_id": "b2", "title": "Boats", "text": "drift"}\n\n{"_id": "a1", "text": "heron é"}\n{"_id": "c3", "text": " "}\n'
)


def read(path, data: str):
    path.write_text(data, encoding="utf-8")
    return result_of(line_file.read(path, Progress()))


def test_texts_and_ids_are_read_when_asked_for(tmp_path):
    collection = read(tmp_path / "some.jsonl", JSONL)
    assert len(collection) == 2
    assert list(collection.texts) == ["Boats drift", "heron é"]
    assert collection.texts[-1] == "heron é"
    assert collection.texts[0:1] == ("Boats drift",)
    assert list(collection.ids) == ["b2", "a1"]
    assert collection.places["a1"] == 1
    assert "c3" not in collection.places
    assert "" not in collection.places
    assert dict(collection.places) == {"b2": 0, "a1": 1}
    with pytest.raises(IndexError):
        collection.texts[2]


@pytest.mark.parametrize(
    ("name", "data", "ids"),
    [
        ("a.tsv", "7\theron\tgrey\n8\tboat\n", ["7", "8"]),
        ("a.txt", "heron\n\n  boat \n", ["p000001", "p000002"]),
        ("a.jsonl", '"heron"\n"boat"\n', ["p000001", "p000002"]),
        ("a.jsonl", '{"id": 1, "text": "heron"}\n{"id": 1, "text": "boat"}\n', ["p000001", "p000002"]),  # double
        ("a.jsonl", '{"id": 1, "text": "heron"}\n{"text": "boat"}\n', ["p000001", "p000002"]),  # one is missing
    ],
)
def test_forms_and_ids(tmp_path, name, data, ids):
    collection = read(tmp_path / name, data)
    assert list(collection.ids) == ids
    assert collection.texts[1] == "boat"
    assert [collection.places[id_] for id_ in ids] == [0, 1]
    for strange in ("p1", "p0", "p999999999999999", "x000001", "p00000²", ""):
        assert strange not in collection.places


def test_it_has_the_digest_of_the_same_texts_uploaded(tmp_path):
    """So an index made of one is found for the other."""
    rows = [{"id": f"d{n}", "text": f"passage {n}  about\tboats"} for n in range(50)]
    data = "".join(json.dumps(row) + "\n" for row in rows)
    collection = read(tmp_path / "a.jsonl", data)
    uploaded = read_collection("a.jsonl", data.encode()).collection
    assert collection.digest == uploaded.digest
    assert list(collection.texts) == list(uploaded.texts)
    assert list(collection.ids) == list(uploaded.ids)
    assert collection.n_bytes < uploaded.n_bytes / 2, "the texts are not in memory"
    assert collection.text_bytes == len(data)


def test_judging_keeps_what_is_known_of_the_texts(tmp_path):
    collection = read(tmp_path / "a.jsonl", JSONL)
    judged = collection.with_queries([Query("q", "boats")]).judge("boats", "b2", 3)
    assert judged.digest == collection.digest
    assert judged.places is collection.places
    assert judged.n_bytes == collection.n_bytes
    assert judged.grades("boats") == {"b2": 3}


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.jsonl", '{"text": "one"}\n{"text": \n', "Line 2 of a.jsonl is broken"),
        ("a.jsonl", "[1]\n", "Line 1 of a.jsonl is broken"),
        ("a.txt", "\n \n", "holds no text"),
        ("a.txt", "one\n" + "x" * (limits.MAX_DOCUMENT_CHARACTERS + 1), "Line 2 of a.txt has 20,001 characters"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path, name, data, words):
    with pytest.raises(InputProblem, match=words):
        read(tmp_path / name, data)


def test_bytes_that_are_no_text_and_files_that_are_gone(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"fine\n\xff\xfe\n")
    with pytest.raises(InputProblem, match=r"Line 2 of a\.txt is broken"):
        result_of(line_file.read(tmp_path / "a.txt", Progress()))
    with pytest.raises(InputProblem, match=r"gone\.txt cannot be read"):
        result_of(line_file.read(tmp_path / "gone.txt", Progress()))


def test_a_file_that_is_written_to_is_not_misread(tmp_path):
    collection = read(tmp_path / "a.txt", "one\ntwo\n")
    (tmp_path / "a.txt").write_text("other lines\nstand here\nnow\n", encoding="utf-8")
    with pytest.raises(InputProblem, match="has changed since it was opened"):
        collection.texts[1]


def test_too_many_passages_are_refused_while_reading(tmp_path, monkeypatch):
    monkeypatch.setattr(line_file, "MOST_PASSAGES", 2)
    with pytest.raises(InputProblem, match="holds more than 2 passages"):
        read(tmp_path / "a.txt", "one\ntwo\nthree\n")


def test_the_folder_offers_its_collections_alone(tmp_path):
    for name in ("b.jsonl", "a.tsv", "notes.md", "c.txt"):
        (tmp_path / name).write_text("x\n", encoding="utf-8")
    (tmp_path / "folder.txt").mkdir()
    assert line_file.names(tmp_path) == ("a.tsv", "b.jsonl", "c.txt")
    assert line_file.names(None) == line_file.names(tmp_path / "gone") == ()
