"""Before a full room: a sentence instead of a page that hangs, and the page itself as soon as there is a place."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import serious_findings
from tests.browser.compare_page import ComparePage

FULL = re.compile(r"The room is full, about \d+ s: 1 visitor is working here\.")


@pytest.fixture(scope="module")
def small_server(start_server):
    """A room with one place."""
    return start_server(RELEVANCE_LAB_VISITORS="1")


def test_a_newcomer_reads_a_sentence_and_gets_in_by_itself(new_context, small_server):
    first = ComparePage(new_context().new_page()).open(small_server.url)
    second = ComparePage(new_context().new_page())
    second.page.goto(f"{small_server.url}/?example=negation")
    expect(second.page.get_by_text(FULL)).to_be_visible()
    expect(second.query).to_have_count(0)
    first.paste("how long do bees live", ["Six weeks.", "Honey."])  # who is inside goes on
    first.page.close()
    second.wait_for_live(6)
    expect(second.query).to_have_value("plants that are not safe for cats")
    expect(second.page.get_by_text(FULL)).to_have_count(0)
    second.page.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sentence_is_readable_everywhere(new_context, small_server, width, scheme):
    inside = ComparePage(new_context().new_page()).open(small_server.url)
    page = new_context(viewport={"width": width, "height": 844}, color_scheme=scheme).new_page()
    page.goto(small_server.url)
    expect(page.get_by_text(FULL)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert serious_findings(page) == []
    inside.page.close()
