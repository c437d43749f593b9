"""What one takes along from Tokens in a real browser (links, pictures, files), and what other pages do with it."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET

import pytest
from playwright.sync_api import expect

from components.attention.aggregate import Direction, View, word_shares
from components.attention.opening import choose_opening
from tests.browser.compare_page import ComparePage
from tests.browser.tokens_page import HOSTILE, TokensPage


def test_a_link_opens_the_same_view_elsewhere(with_texts, new_context, server):
    tokens = with_texts("what eats frogs", "Herons eat frogs & newts #1.", "Soup.")
    tokens.head(5, 2).click()
    tokens.choose(weighting="raw", direction="document-query")
    tokens.word("document", "newts").click()
    tokens.page.mouse.move(5, 5)
    tokens.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tokens.page.locator('.tokens [data-save="link"]').click()
    expect(tokens.page.locator(".tokens #saved")).to_contain_text("Link copied")
    link = tokens.page.evaluate("navigator.clipboard.readText()")
    assert "frogs" not in link.partition("#")[0]  # text stands behind the #: no server sees it
    other = TokensPage(new_context().new_page()).open(link)
    expect(other.finding).to_have_text(tokens.finding.inner_text())
    expect(other.caption).to_contain_text("raw attention weights")
    expect(other.pinned).to_have_text("newts")


@pytest.mark.parametrize(
    "cut", ["#tokens=x&layer=99&head=-1&heads=__proto__&word=5000", "#tokens=", "#tokens=2&query=%E0%A4"]
)
def test_a_damaged_link_opens_the_page(page, server, cut):
    tokens = TokensPage(page).open(f"{server.url}/tokens{cut}")
    expect(tokens.finding).to_contain_text("In layer")


def test_pictures_hold_the_map(tokens):
    svg = tokens.save("svg")
    drawn = ET.fromstring(svg.path().read_text(encoding="utf-8"))
    texts = ["".join(node.itertext()).strip() for node in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"herons", "heron", "document"} <= set(texts)
    assert any(re.fullmatch(r"\d+ %", text) for text in texts)
    assert "Attention shows where weight went" in drawn.find("{http://www.w3.org/2000/svg}desc").text
    png = tokens.save("png").path().read_bytes()
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") > 800


def test_csv_is_the_core_s_full_precision(tokens, first_pair):
    pair, words = first_pair
    opening = choose_opening(pair, words)
    file = tokens.save("csv")
    assert file.suggested_filename == "token-map-document-1.csv"
    table = word_shares(pair, View(opening.layer, opening.head, direction=Direction.QUERY_TO_DOCUMENT), words)
    rows = list(csv.DictReader(io.StringIO(file.path().read_text(encoding="utf-8"))))
    for row in rows:
        share = table[int(row["from_place"]) - 1, int(row["to_place"]) - 1]
        assert float(row["share"]) == pytest.approx(share, abs=1e-5)
    json_file = tokens.save("json")
    assert '"limits": "Attention shows' in json_file.path().read_text(encoding="utf-8")


def test_the_html_file_points_and_links_without_a_network(with_texts, new_context, tmp_path):
    tokens = with_texts("what do herons eat", "Herons eat frogs. " + HOSTILE)
    path = tmp_path / "map.html"
    path.write_bytes(tokens.save("html").path().read_bytes())
    context = new_context(offline=True)
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(path.as_uri())
    copy = TokensPage(page)
    expect(copy.finding).to_have_text(tokens.finding.inner_text())
    page.locator(".tokens .line.document .u").get_by_text("frogs", exact=True).hover()
    expect(copy.detail).to_contain_text("“frogs”")
    page.locator('.tokens #overview button[data-layer="5"][data-head="0"]').click()
    expect(copy.caption).to_contain_text("layer 6 of 6, head 1 of 12")
    expect(page.locator(".tokens #after")).to_be_hidden()
    assert "owned" not in page.title()
    assert asked == [path.as_uri()]


def test_what_is_looked_at_outlives_another_page(tokens):
    page = tokens.page
    tokens.head(4, 4).click()
    page.get_by_label("Next document").click()
    tokens.wait()
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(".result .finding")).not_to_be_empty()
    page.get_by_role("link", name="Tokens").click()
    tokens.wait()
    expect(tokens.caption).to_contain_text("layer 4 of 6, head 4 of 12")
    expect(tokens.documents).to_have_value("2")


@pytest.mark.parametrize("by", ["click", "key"])
def test_a_document_of_compare_opens_here(page, server, by):
    compare = ComparePage(page).open(server.url)
    texts = ["Soup with fennel.", "Herons eat fish.", "A marsh."]
    compare.paste("what do herons eat", texts)
    row = compare.row(2)
    if by == "click":
        row.get_by_role("button", name="2: open this pair in Tokens").click()
    else:
        row.locator("td.text button").focus()
        page.keyboard.press("t")
    tokens = TokensPage(page)
    tokens.wait()
    expect(page.locator(".tokens .line.document")).to_contain_text("Herons eat fish.")
    expect(tokens.documents).to_have_value("2")
    expect(tokens.score).to_contain_text(re.compile(r"rank \d of 3"))
    shown = tokens.score.locator("b").inner_text()
    page.go_back()
    expect(compare.row(2).locator(".value").last).to_have_text(shown)
