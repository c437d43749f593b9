"""Compare in a real browser: what somebody does who has never seen it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.compare_page import ComparePage


def test_paste_leads_to_two_rankings(page, server):
    """Somebody pastes a query and documents and gets both orders without a click."""
    lab = ComparePage(page).open(server.url)
    lab.paste(
        "how long do bees live", ["A worker bee lives about six weeks in summer.", "Honey is sweet.", "A beehive."]
    )
    expect(lab.finding).to_contain_text("document")
    for number in (1, 2, 3):
        assert all(re.fullmatch(r"[123]", rank) for rank in lab.ranks(number))
        assert len(lab.ranks(number)) == 2
    expect(page.locator(".result #agree")).to_contain_text("tau-b")
