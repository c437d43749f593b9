"""Retrieve & re-rank in a real browser: upload, index, ask, read the figure; stop; kill the server and come back."""

from __future__ import annotations

import io
import re
import signal
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.axe import serious_findings
from tests.browser.retrieve_page import RetrievePage, passages

FIRST = "how long can I keep a book"


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def own_server(start_server, cache):
    """A server whose indexes lie in a folder of the test's own."""
    return start_server(RELEVANCE_LAB_CACHE=str(cache))


def test_the_built_in_collection_stands_without_a_click(page, own_server):
    """The first visit: two columns with moves, times of the stages, a figure whose k can be moved, measures."""
    lab = RetrievePage(page).open(own_server.url)
    lab.wait_for_result(FIRST)
    expect(lab.about).to_contain_text("329 passages, 60 queries, 60 of them judged; index")
    expect(lab.first).to_have_count(10)
    expect(lab.second).to_have_count(10)
    assert page.locator(".retrieve #moves path").count() >= 10
    expect(page.locator(".retrieve #times")).to_have_attribute(
        "aria-label", re.compile(r"embed the query .* search .* re-rank 20 .*")
    )
    expect(page.locator(".retrieve #cut")).to_contain_text("The first stage cut off 309 of 329 passages")
    expect(page.locator(".retrieve #held-out")).to_contain_text("TREC DL 2019")  # no advantage that was not measured

    lab.handle.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".retrieve #k-value")).to_have_text("30 of 329 passages re-ranked")
    expect(lab.finding).to_contain_text("Re-ranking 30")
    expect(lab.handle).to_be_focused()
    page.keyboard.press("Home")
    expect(lab.finding).to_contain_text("nothing is re-ranked")
    assert [row.get_attribute("data-id") for row in lab.second.all()] == [lab.first.first.get_attribute("data-id")]


def test_k_can_be_dragged(page, own_server):
    lab = RetrievePage(page).open(own_server.url)
    lab.wait_for_result(FIRST)
    knob = page.locator(".retrieve .knob")
    knob.scroll_into_view_if_needed()
    box = knob.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] - 2_000, box["y"] + 4, steps=6)
    expect(page.locator(".retrieve #k-value")).to_contain_text("1 of 329")
    page.mouse.move(box["x"] + 2_000, box["y"] + 4, steps=6)
    page.mouse.up()
    expect(page.locator(".retrieve #k-value")).to_contain_text("50 of 329")
    expect(lab.finding).to_contain_text("Re-ranking 50")


def test_upload_index_query_figure(page, own_server):
    """An engineer's way: own passages, own queries, own judgments, the measures and everything to take along."""
    lab = RetrievePage(page).open(own_server.url)
    lab.upload("Passages", "keepers.txt", passages(60))
    expect(lab.said).to_contain_text("keepers.txt: 60 passages")
    expect(lab.problem).to_contain_text("The query is empty")
    lab.ask("who listens at night")
    expect(lab.second.first).to_be_visible()
    expect(page.locator(".retrieve .figure")).to_contain_text("No judgments for this query")

    lab.upload("Queries", "queries.tsv", b"1\twhich bird listens\n2\twhat is baked\n")
    lab.wait_for_result("which bird listens")
    qrels = "".join(f"1 0 p{n + 1:05d} 2\n" for n in range(5, 60, 6)) + "2 0 p00003 1\n"
    lab.upload("Judgments", "judged.qrels", qrels.encode())
    expect(lab.said).to_contain_text("11 judgments of 2 queries")
    expect(lab.finding).to_contain_text("nDCG@10")
    page.get_by_role("button", name="Measure all 2 judged queries").click()
    expect(page.locator(".retrieve #all-finding")).to_contain_text("over 2 queries")
    expect(page.locator(".retrieve #sentences li")).to_have_count(4)
    expect(page.locator(".retrieve .extremes")).to_have_count(2)
    expect(page.locator(".retrieve .figure .curve.recall")).to_have_count(1)

    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("Take it along")).click()
    archive = zipfile.ZipFile(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    wanted = ["first-stage.run", "reranked.run", "judgments.qrels", "per-query.csv", "pipeline.py", "queries.jsonl"]
    assert set(archive.namelist()) == {*wanted, "passages.jsonl"}
    assert archive.read("judgments.qrels").decode().count("\n") == 11


def test_a_bad_file_gets_its_sentence_and_changes_nothing(page, own_server):
    lab = RetrievePage(page).open(own_server.url)
    lab.wait_for_result(FIRST)
    lab.upload("Passages", "broken.jsonl", b'{"text": "a"}\n{"text": \n')
    expect(lab.problem).to_contain_text("broken.jsonl is broken in line 2")
    expect(lab.about).to_contain_text("329 passages")
    lab.ask("can I bring my dog")
    expect(lab.problem).to_be_hidden()


def test_judging_in_the_page_gives_measures(page, own_server):
    lab = RetrievePage(page).open(own_server.url)
    lab.wait_for_result(FIRST)
    lab.ask("is there something for stamp collectors")
    expect(page.locator(".retrieve .figure")).to_contain_text("No judgments for this query")
    lab.second.first.locator(".passage").focus()
    page.keyboard.press("3")
    expect(lab.second.first.locator('.grade[aria-pressed="true"]')).to_have_text("3")
    expect(lab.finding).to_contain_text("nDCG@10")
    expect(lab.about).to_contain_text("61 queries, 61 of them judged")


def test_a_click_opens_the_pair_in_tokens(page, own_server):
    lab = RetrievePage(page).open(own_server.url)
    lab.wait_for_result(FIRST)
    text = lab.second.nth(2).locator(".passage").text_content()
    lab.second.nth(2).locator(".open").click()
    expect(page).to_have_url(re.compile("/tokens"))
    expect(page.locator(".tokens .line.document")).to_contain_text(text.split()[0])
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_label("Query", exact=True)).to_have_value(FIRST)


def test_stop_while_indexing_and_go_on(page, own_server):
    lab = RetrievePage(page).open(own_server.url)
    lab.wait_for_result(FIRST)
    lab.upload("Passages", "large.txt", passages(4_000))
    expect(lab.waiting).to_contain_text(re.compile(r"of 4,000 passages, .* a second, about .* left"))
    page.get_by_role("button", name="Stop", exact=True).first.click()
    expect(lab.waiting).to_contain_text("Indexing was stopped")
    page.get_by_role("button", name="Go on").click()
    expect(lab.waiting).to_contain_text(re.compile(r"of 4,000 passages"))
    page.locator(".retrieve #collection").select_option("built-in")
    lab.wait_for_result(FIRST)


def test_a_kill_in_the_middle_leaves_an_index_that_goes_on(page, start_server, tmp_path):
    """The server is killed while it indexes; another one takes the same file and ends with a whole index."""
    cache = str(tmp_path / "cache")
    server = start_server(RELEVANCE_LAB_CACHE=cache)
    port = int(server.url.rpartition(":")[2])
    lab = RetrievePage(page).open(server.url)
    lab.wait_for_result(FIRST)
    lab.upload("Passages", "large.txt", passages(700))
    expect(lab.waiting).to_contain_text(re.compile(r"(2[6-9]\d|[3-6]\d\d) of 700 passages"))  # a block is on disk
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    start_server(port=port, RELEVANCE_LAB_CACHE=cache)
    lab.open(server.url)
    expect(lab.about).to_contain_text("opened from disk")  # the built-in one was finished
    lab.upload("Passages", "large.txt", passages(700))
    expect(lab.about).to_contain_text(re.compile("made in .* of them kept from an earlier run"))
    lab.ask("who listens at night")
    assert not list(Path(cache).rglob("*.partial"))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_and_axe_finds_nothing_serious(new_context, own_server, width, scheme):
    page = new_context(viewport={"width": width, "height": 844}, color_scheme=scheme).new_page()
    lab = RetrievePage(page).open(own_server.url)
    lab.wait_for_result(FIRST)
    box = lab.finding.bounding_box()
    assert box["y"] + box["height"] <= 844
    lab.second.first.locator(".passage").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert serious_findings(page) == []
