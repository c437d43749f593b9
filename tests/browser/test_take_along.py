"""Taking it along: links into a fresh profile, session files, exports, a report that works offline."""

from __future__ import annotations

import ast
import csv
import json
import re
import struct
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import serious_findings
from tests.browser.compare_page import ComparePage
from tests.browser.tokens_page import TokensPage

TEXTS = ["Herons eat fish & frogs <b>daily</b>.", "=SUM(1)", "A café by the lake 🦩.", "Pike live in still water."]
QUERY = "what do herons eat?"


def copy_link(page: Page) -> str:
    """Press "Copy link" and take the link from the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('nothing yet')")
    page.get_by_role("button", name="Copy link").first.click()
    expect(page.locator(".frame #said")).to_contain_text("Link copied")
    return page.evaluate("navigator.clipboard.readText()")


def exported(page: Page, name: str) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    return Path(download.value.path())


def scores(page: Page) -> list[dict]:
    """The scores in full, from the JSON export."""
    page.locator(".result summary", has_text="Export").click()
    content = json.loads(exported(page, "everything (JSON)").read_text(encoding="utf-8"))
    page.keyboard.press("Escape")
    return [{"key": one["scorer"]["key"], "values": [s["value"] for s in one["scores"]]} for one in content["columns"]]


def test_a_link_gives_a_fresh_profile_the_same_scores(page, new_context, server):
    lab = ComparePage(page).open(server.url)
    lab.paste(QUERY, TEXTS)
    lab.open_menu("Columns")
    page.get_by_label(re.compile("^BM25")).check()
    expect(page.locator(".result thead th.score")).to_have_count(3)
    page.keyboard.press("Escape")
    assert page.url == server.url + "/", "typing puts nothing into the address"
    link = copy_link(page)
    assert len(link) < 8000
    assert link.partition("#")[0] == server.url + "/", "no server sees the text"
    other = ComparePage(new_context(accept_downloads=True).new_page()).open(link)
    expect(other.query).to_have_value(QUERY)
    expect(other.documents).to_have_value("\n".join(TEXTS))
    expect(other.page.locator(".result thead th.score")).to_have_count(3)
    other.wait_for_live(4)
    for mine, theirs in zip(scores(page), scores(other.page), strict=True):
        assert mine["key"] == theirs["key"]
        assert mine["values"] == pytest.approx(theirs["values"], abs=1e-4)


def test_after_a_reload_the_link_stands_until_one_types(page, new_context, server):
    lab = ComparePage(page).open(server.url)
    lab.paste(QUERY, TEXTS)
    link = copy_link(page)
    other = ComparePage(new_context().new_page()).open(link)
    expect(other.query).to_have_value(QUERY)
    other.page.reload()
    expect(other.query).to_have_value(QUERY)
    other.query.fill("what do pike eat")
    expect(other.page).not_to_have_url(re.compile("lab="))
    other.page.reload()
    expect(other.query).to_have_value("what do pike eat")
    expect(other.documents).to_have_value("\n".join(TEXTS))


def test_a_link_put_into_the_address_of_an_open_page_sets_own_text_aside(page, new_context, server):
    lab = ComparePage(page).open(server.url)
    lab.paste(QUERY, TEXTS)
    link = copy_link(page)
    other = ComparePage(new_context().new_page()).open(server.url)
    other.paste("mine", ["my one", "my two"])
    other.page.evaluate("hash => { location.hash = hash; }", link.partition("#")[2])
    expect(other.query).to_have_value(QUERY)
    other.page.get_by_role("button", name="Back to my text").click()
    expect(other.query).to_have_value("mine")
    expect(other.documents).to_have_value("my one\nmy two")


@pytest.mark.parametrize(
    ("change", "words", "rows"),
    [
        (
            lambda link: link[: len(link) - 60],
            r"cut or was changed: the query and \d of 4 documents could be read",
            None,
        ),
        (lambda link: link.replace("lab=1.", "lab=9."), "newer version", 8),
        (lambda link: link.partition("#")[0] + "#lab=oops", "nothing of it could be read", 8),
        (lambda link: link[:-20] + "A" * 20, "cut or was changed", None),
    ],
)
def test_a_link_that_is_not_whole_is_said_and_the_app_opens(page, new_context, server, change, words, rows):
    lab = ComparePage(page).open(server.url)
    lab.paste(QUERY, TEXTS)
    other = ComparePage(new_context().new_page()).open(change(copy_link(page)))
    expect(other.page.locator(".frame #said")).to_have_text(re.compile(words))
    if rows:
        other.wait_for_live(rows)
    else:
        expect(other.query).to_have_value(QUERY)
    other.page.get_by_role("button", name="Close").click()
    expect(other.page.locator(".frame #said-box")).to_be_hidden()


def test_what_is_too_long_for_a_link_goes_into_a_session_file(page, new_context, server, tmp_path):
    lab = ComparePage(page).open(server.url)
    words = [f"{n * 7919 % 10007:x}{n * n % 997:x}" for n in range(1500)]
    lab.query.fill(QUERY)
    lab.insert(lab.documents, "\n".join(" ".join(words[start : start + 500]) for start in range(0, 1500, 500)))
    expect(page.locator(".inputs #found")).to_contain_text("3 documents")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".frame #said")).to_contain_text("8,000 is the limit")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save a session file").click()
    target = tmp_path / download.value.suggested_filename
    download.value.save_as(target)
    other = ComparePage(new_context().new_page()).open(server.url)
    open_session(other.page, target)
    expect(other.query).to_have_value(QUERY)
    other.wait_for_live(3)


def open_session(page: Page, file) -> None:
    page.get_by_role("button", name="Session file").click()
    page.locator(".frame #session-input").set_input_files(file)


def save_session(page: Page, target: Path) -> Path:
    page.get_by_role("button", name="Session file").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save session").click()
    download.value.save_as(target)
    page.keyboard.press("Escape")
    return target


def test_a_session_file_brings_everything_back_on_its_page(page, new_context, server, tmp_path):
    lab = ComparePage(page).open(server.url)
    lab.paste(QUERY, TEXTS)
    lab.row(1).locator("button.grade").first.focus()
    page.keyboard.press("3")
    expect(page.locator(".result #judged")).to_contain_text("1 of 4 documents judged")
    page.get_by_role("link", name="Tokens").click()
    tokens = TokensPage(page)
    tokens.wait()
    tokens.documents.select_option("4")
    expect(tokens.words.last).to_contain_text("SEP")
    file = save_session(page, tmp_path / "session.json")

    other = new_context().new_page()
    ComparePage(other).open(server.url)
    open_session(other, file)
    expect(other).to_have_url(re.compile("/tokens"))
    expect(other.locator(".frame #said")).to_contain_text("Session opened: 4 documents, 1 judgments.")
    expect(TokensPage(other).documents).to_have_value("4")
    other.get_by_role("link", name="Compare").click()
    back = ComparePage(other)
    back.wait_for_live(4)
    expect(back.query).to_have_value(QUERY)
    assert back.grades() == {1: "3"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"format":\n oops', "broken in line 2"),
        ('{"format": "relevance-lab-session", "version": 7}', "newer version"),
        ("{}", "not a session file"),
    ],
)
def test_a_session_file_that_cannot_be_used_changes_nothing(page, server, text, words):
    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)
    open_session(page, {"name": "s.json", "mimeType": "application/json", "buffer": text.encode()})
    expect(page.locator(".frame #session-said")).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(lab.rows).to_have_count(8)


def test_the_exports_of_compare(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste(QUERY, TEXTS)
    lab.open_menu("Export")
    rows = list(csv.DictReader(exported(page, "table (CSV)").read_text(encoding="utf-8").splitlines()))
    assert [row["document"] for row in rows] == [TEXTS[0], "'" + TEXTS[1], *TEXTS[2:]]
    assert [row["cross-encoder rank"] for row in rows] == [lab.ranks(number)[1] for number in range(1, 5)]
    svg = exported(page, "chart (SVG)").read_text(encoding="utf-8")
    assert svg.startswith("<svg ")
    assert "&lt;b&gt;" in svg
    png = exported(page, "chart (PNG)").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == tuple(2 * int(n) for n in re.search(r'width="(\d+)" height="(\d+)"', svg).groups())
    script = exported(page, "Python script").read_text(encoding="utf-8")
    assert len(script.splitlines()) <= 30
    ast.parse(script)
    expect(page.locator(".result #export-said")).to_have_text("reproduce.py is saved.")


def test_the_report_opens_offline_and_asks_for_nothing(page, new_context, server):
    lab = ComparePage(page).open(server.url)
    lab.paste(QUERY, TEXTS)
    lab.row(1).locator("button.grade").first.focus()
    page.keyboard.press("2")
    expect(page.locator(".result #judged")).to_contain_text("1 of 4 documents judged")
    finding = lab.finding.inner_text()
    lab.open_menu("Export")
    file = exported(page, "report (HTML, works offline)")
    copy = file.with_suffix(".html")
    copy.write_bytes(file.read_bytes())
    for scheme, width in (("light", 1280), ("dark", 390)):
        context = new_context(offline=True, color_scheme=scheme, viewport={"width": width, "height": 800})
        reader = context.new_page()
        asked = []
        reader.on("request", lambda request, asked=asked: asked.append(request.url))
        reader.goto(copy.as_uri())
        expect(reader.get_by_role("heading", level=1)).to_have_text(finding)
        expect(reader.locator("table").first.locator("tbody tr")).to_have_count(4)
        expect(reader.locator("svg[role=img]")).to_be_visible()
        expect(reader.get_by_text(TEXTS[0]).last).to_be_visible()
        assert asked == [copy.as_uri()]
        assert reader.locator("script").count() == 0
        assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
    reader.evaluate("document.querySelector('meta[http-equiv]').remove()")
    assert serious_findings(reader) == []
