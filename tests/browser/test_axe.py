"""axe-core finds nothing serious on Compare and on the tabs of Tokens, in light and dark, wide and narrow."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import serious_findings
from tests.browser.compare_page import ComparePage
from tests.browser.tokens_page import TokensPage


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


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_in_what_mattered_and_the_toggle(new_context, server, width, scheme):
    page = new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
    TokensPage(page).open(f"{server.url}/tokens")
    view = page.locator(".mattered")
    page.get_by_role("radio", name="What mattered").click()
    expect(view.locator(".bars li").first).to_be_visible()
    assert serious_findings(page) == [], "occlusion"
    view.locator("#what").select_option("curves")
    expect(view.locator("#curves svg[role=img]")).to_have_count(2)
    assert serious_findings(page) == [], "curves"
    view.locator("#what").select_option("heads")
    expect(view.locator("#finding")).to_contain_text("Without layer")
    assert serious_findings(page) == [], "heads"

    page.get_by_role("radio", name="Bi-encoder").click()
    view.locator("button.u").first.click()
    expect(view.locator('button.u[aria-pressed="true"]')).to_have_count(1)
    assert serious_findings(page) == [], "the split, a query word chosen"

    page.get_by_role("radio", name="Strike words").click()
    page.locator(".strike .line.document .w").nth(2).click()
    expect(page.locator(".strike .ranks").last).not_to_be_empty()
    expect(page.locator(".strike.stale")).to_have_count(0)  # old scores are pale until the new ones stand
    assert serious_findings(page) == [], "struck words"
    page.get_by_role("button", name="Edit the text").click()
    assert serious_findings(page) == [], "editing"

    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)
    lab.row(2).locator(".text button").click()
    page.get_by_role("button", name="Strike words").click()
    page.locator(".result .strike .line.document .w").nth(2).click()
    expect(page.locator(".strike .ranks").last).not_to_be_empty()
    expect(page.locator(".strike.stale")).to_have_count(0)  # old scores are pale until the new ones stand
    assert serious_findings(page) == [], "struck words in a row of Compare"
