"""axe-core finds nothing serious on Compare, in light and dark, wide and narrow, in every state of the page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import serious_findings
from tests.browser.compare_page import ComparePage


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious(new_context, server, width, scheme):
    page = new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)
    assert serious_findings(page) == []

    lab.choose_example("buried-answer", 6)
    lab.row(1).locator(".text button").click()
    lab.open_menu("Judge")
    page.get_by_role("button", name="Use the example's judgments").click()
    expect(page.locator(".result #judged li").first).to_be_visible()
    assert serious_findings(page) == [], "an opened document, the menu open, measures below"

    page.get_by_label(re.compile("blind")).check()
    expect(lab.finding).to_contain_text("judging blind")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Table", exact=True).click()
    expect(page.locator(".inputs .grid-row")).to_have_count(6)
    assert serious_findings(page) == [], "the table of documents, judging blind"
