"""What mattered and the word toggle in a real browser."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from components.texts.examples import FIRST, examples
from tests.browser.compare_page import ComparePage
from tests.browser.tokens_page import TokensPage


@pytest.fixture
def open_tab(page, server):
    def go(name: str):
        TokensPage(page).open(f"{server.url}/tokens")
        page.get_by_role("radio", name=name).click()
        return page

    return go


def exact(page) -> list[list[float]]:
    """Before and after of each model, unrounded."""
    return [json.loads(one.get_attribute("data-exact")) for one in page.locator(".strike dd").all()]


def settled(page) -> None:
    expect(page.locator(".strike.stale")).to_have_count(0)
    expect(page.locator(".strike .ranks").last).not_to_be_empty()


def test_a_toggles_change_equals_a_fresh_paste_and_undo_restores(open_tab, bi_encoder, cross_encoder, page):
    open_tab("Strike words")
    settled(page)
    before = exact(page)
    texts = page.locator(".strike .line.document").inner_text()
    page.locator(".strike .line.document .w").nth(1).click()
    expect(page.locator('.strike .w[aria-pressed="true"]')).to_have_count(1)
    expect(page.locator(".strike .told")).to_contain_text("The cosine goes from")
    settled(page)
    example = examples()[FIRST]
    fresh = example.documents[0].replace("grey ", "", 1)
    assert exact(page)[1][1] == pytest.approx(cross_encoder.forward([(example.query, fresh)])[0], abs=1e-4)
    page.locator(".strike .undo").click()
    expect(page.locator('.strike .w[aria-pressed="true"]')).to_have_count(0)
    expect(page.locator(".strike .told")).to_contain_text("Strike a word")
    settled(page)
    assert exact(page) == before
    assert page.locator(".strike .line.document").inner_text() == texts


def test_keys_strike_and_reset_restores(open_tab, page):
    open_tab("Strike words")
    settled(page)
    before = exact(page)
    first = page.locator(".strike .line.query .w").first
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator('.strike .w[aria-pressed="true"]')).to_have_count(2)
    expect(page.locator(".strike .told")).to_contain_text("The cosine goes from")
    settled(page)
    page.locator(".strike .reset").click()
    expect(page.locator(".strike .told")).to_contain_text("Strike a word")
    settled(page)
    assert exact(page) == before


def test_stop_ends_the_work(page, server):
    ComparePage(page).open(server.url).paste("what do herons eat", ["herons eat fish and frogs " * 80])
    page.get_by_role("link", name="Tokens").click()
    TokensPage(page).wait()
    page.get_by_role("radio", name="What mattered").click()
    view = page.locator(".mattered")
    expect(view.locator("#stop")).to_be_visible()
    view.locator("#stop").click()
    expect(view.locator("#problem")).to_contain_text("stopped")


def test_choosing_a_head_opens_the_map_there(open_tab, page):
    open_tab("What mattered")
    expect(page.locator(".mattered .bars li").first).to_be_visible()
    page.locator(".mattered #what").select_option("heads")
    expect(page.locator(".mattered #finding")).to_contain_text("Without layer")
    name = page.locator(".mattered table tbody th").first.inner_text()
    page.get_by_role("button", name="open in the map").first.click()
    expect(TokensPage(page).finding).to_contain_text(f"In {name},")
