"""A collection of the operator's folder that memory does not hold: indexed on disk, searched, there after a restart."""

from __future__ import annotations

import re
import signal

import pytest
from playwright.sync_api import expect

from tests.browser.axe import serious_findings
from tests.browser.retrieve_page import RetrievePage, passages

NAME, COUNT = "keepers.txt", 1_050  # enough for an approximate search


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> dict[str, str]:
    pytest.importorskip("lancedb", reason="requirements-large.txt is not installed")
    folder, cache = tmp_path_factory.mktemp("collections"), tmp_path_factory.mktemp("cache")
    (folder / NAME).write_bytes(passages(COUNT))
    names = ("RELEVANCE_LAB_COLLECTIONS", "RELEVANCE_LAB_CACHE", "RELEVANCE_LAB_ARRAY_MB")
    return dict(zip(names, (str(folder), str(cache), "3"), strict=True))


def test_a_large_collection_from_the_list_to_its_recall_and_after_a_restart(page, start_server, settings):
    server = start_server(**settings)
    port = int(server.url.rpartition(":")[2])
    lab = RetrievePage(page).open(server.url)
    lab.wait_for_result("how long can I keep a book")
    expect(page.locator(".retrieve #search")).to_be_hidden()
    expect(lab.about).to_contain_text("in memory (vectors")

    page.locator(".retrieve #collection").select_option(label=f"{NAME} (on this server)")
    expect(lab.said).to_contain_text(f"{NAME}: 1,050 passages, read from the server's file")
    expect(lab.waiting).to_contain_text(re.compile(r"of 1,050 passages, .* a second, about .* left"))
    expect(lab.problem).to_contain_text("The query is empty", timeout=240_000)  # embedding is over
    lab.ask("who listens at night")
    expect(lab.about).to_contain_text(re.compile(r"MB on disk .* this server takes .* GB of memory in all"))
    first = [row.get_attribute("data-id") for row in lab.first.all()]
    choice = page.locator(".retrieve #search")
    expect(choice.locator("option")).to_have_text(["exact", re.compile(r"approximate \(finds \d+ of 100\)")])
    choice.select_option("approximate")
    lab.wait_for_result("who listens at night")
    made = page.locator(".retrieve #made")
    expect(made).to_contain_text(re.compile(r"approximate search on disk \(the \d+ likeliest of \d+ groups"))
    expect(made).to_contain_text(re.compile(r"100 of the collection's own vectors .* \(recall@10\)"))
    assert len(set(first) & {row.get_attribute("data-id") for row in lab.first.all()}) >= 5

    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    start_server(port=port, **settings)
    lab.open(server.url)
    expect(lab.about).to_contain_text(re.compile(r"1,050 passages; index .* on disk.*opened from disk"))
    expect(lab.query).to_have_value("who listens at night")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_nothing_sticks_out_with_a_choice_of_search(new_context, start_server, settings, width, scheme):
    """The index of the test before is on disk: opening it takes no embedding."""
    server = start_server(**settings)
    page = new_context(viewport={"width": width, "height": 844}, color_scheme=scheme).new_page()
    lab = RetrievePage(page).open(server.url)
    page.locator(".retrieve #collection").select_option(label=f"{NAME} (on this server)")
    expect(lab.about).to_contain_text("opened from disk", timeout=240_000)
    lab.ask("who listens at night")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert serious_findings(page) == []
