"""Getting text in: files of each kind, the table, and what cannot be used."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.compare_page import ComparePage

TEXTS = ["Herons eat fish, frogs and voles.", "A café by the lake.", "Pike live in still water."]
HEAD = ("doc_id", "passage", "relevance")
ROWS = [("a", TEXTS[0], 3), ("b", TEXTS[1], 0), ("c", TEXTS[2], 1)]


def table(delimiter: str) -> str:
    lines = [delimiter.join(HEAD)] + [delimiter.join((i, f'"{text}"', str(grade))) for i, text, grade in ROWS]
    return "\n".join(lines)


FILES = {
    "t.txt": "\n".join(TEXTS).encode(),
    "t.csv": table(";").encode("cp1252"),
    "t.tsv": table("\t").encode("utf-16"),
    "t.json": json.dumps([dict(zip(HEAD, row, strict=True)) for row in ROWS]).encode(),
    "t.jsonl": "\n".join(json.dumps(dict(zip(HEAD, row, strict=True))) for row in ROWS).encode(),
}


def upload(page, name: str, data: bytes) -> None:
    page.locator(".inputs #file").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_each_format_becomes_documents(page, server, name):
    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)
    upload(page, name, FILES[name])
    expect(page.locator(".inputs #file-said")).to_contain_text(f"{name}: 3 documents")
    lab.wait_for_live(3)
    for number, text in enumerate(TEXTS, 1):
        expect(lab.row(number).locator(".text button")).to_have_text(text)
    if name != "t.txt":
        expect(page.locator(".inputs #file-said")).to_contain_text("ids from “doc_id”; 3 judgments from “relevance”")
        assert lab.grades() == {1: "3", 2: "0", 3: "1"}


def test_another_column_is_taken_as_the_text(page, server):
    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)
    rows = "title,text\nHeron,A tall grey bird.\nPike,A fish with teeth.\n"
    upload(page, "t.csv", rows.encode())
    expect(lab.row(1).locator(".text button")).to_have_text("A tall grey bird.")
    page.get_by_label("Text from").select_option("title")
    expect(lab.row(1).locator(".text button")).to_have_text("Heron")
    expect(page.locator(".inputs #file-said")).to_contain_text("from “title”")


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("t.csv", b"\x89PNG\r\n\x1a\n" + bytes(50), "t.csv is a PNG picture"),
        ("t.csv", b"id,text\n1,one\n2,two,three\n", "Line 3 of t.csv has 3 fields"),
        ("t.json", b"[\n" + b'"x",\n' * 15 + b"oops]", "broken in line 17"),
        ("t.txt", b"", "t.txt is empty"),
        ("t.txt", b"x" * (5 * 1024 * 1024 + 1), "5 MB is the limit"),
        ("t.txt", b"word\n" * 201, "201 documents, and Compare takes 200"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_and_everything_stays(page, server, name, data, sentence):
    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)
    before = lab.documents.input_value()
    upload(page, name, data)
    expect(lab.problem).to_contain_text(sentence)
    expect(lab.rows).to_have_count(8)
    expect(page.locator(".result")).not_to_have_class(re.compile("stale"))
    assert lab.documents.input_value() == before
    lab.query.fill("what do pike eat")  # and it goes on from there
    expect(lab.problem).to_be_hidden()


def test_a_file_of_five_megabytes_arrives(page, server):
    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)
    line = json.dumps({"text": "Herons eat fish.", "padding": "x" * 500_000})
    upload(page, "t.jsonl", "\n".join([line] * 10).encode())
    expect(page.locator(".inputs #file-said")).to_contain_text("t.jsonl: 10 documents")


def test_table_editing_adds_changes_and_removes_and_scores_only_that(page, server):
    lab = ComparePage(page).open(server.url)
    documents = [f"Train {number} to the coast is late because of snow." for number in range(50)]
    lab.paste("why is the train late", documents)
    expect(lab.work).to_contain_text("50 scored, 0 kept")
    page.get_by_role("button", name="Table", exact=True).click()
    fields = page.locator(".inputs .grid-row textarea")
    expect(fields).to_have_count(50)
    expect(lab.work).to_contain_text("50 scored, 0 kept")  # the same documents: nothing to score
    page.get_by_label("document 21", exact=True).fill("A herd of sheep held up the train.")
    expect(lab.work).to_contain_text("1 scored, 49 kept")
    page.get_by_label("document 50", exact=True).press("Enter")
    page.keyboard.type("A new document about a train.")
    expect(lab.work).to_contain_text("1 scored, 50 kept")
    page.get_by_label("remove document 1", exact=True).click()
    expect(lab.work).to_contain_text("0 scored, 50 kept")
    expect(fields.first).to_have_value(documents[1])
    page.get_by_role("button", name="Text", exact=True).click()
    expect(lab.documents).to_be_visible()
    lines = lab.documents.input_value().split("\n")
    assert len(lines) == 50
    assert lines[-1] == "A new document about a train."


def test_a_reload_brings_the_table_back(page, server):
    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)
    upload(page, "t.csv", FILES["t.csv"])
    lab.wait_for_live(3)
    page.get_by_label("document 3", exact=True).fill("Pike hide\n\nin the reeds.")
    expect(lab.row(3).locator(".text button")).to_contain_text("in the reeds")
    page.reload()
    expect(page.locator(".inputs .grid-row textarea")).to_have_count(3)
    expect(page.get_by_label("document 3", exact=True)).to_have_value("Pike hide\n\nin the reeds.")
    expect(page.get_by_label("document 1", exact=True)).to_have_value(TEXTS[0])


def test_how_a_paste_is_cut_is_said_and_can_be_switched(page, server):
    lab = ComparePage(page).open(server.url)
    lab.query.fill("what do herons eat")
    lab.insert(lab.documents, "one\nmore\n\ntwo")
    expect(page.locator(".inputs #found")).to_have_text("2 documents, blocks between blank lines")
    page.locator(".inputs #split").select_option("lines")
    expect(page.locator(".inputs #found")).to_have_text("3 documents, one a line")
    lab.wait_for_live(3)


def test_own_text_comes_back_after_an_example(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("what do pike eat", TEXTS)
    lab.choose_example("negation", 6)
    page.get_by_role("button", name="Back to my text").click()
    expect(lab.query).to_have_value("what do pike eat")
    expect(lab.documents).to_have_value("\n".join(TEXTS))
    lab.wait_for_live(3)
    expect(page.get_by_role("button", name="Back to my text")).to_be_hidden()
