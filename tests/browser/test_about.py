"""About: the report of the installation, made while one waits, to be copied."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import components
from tests.browser.axe import serious_findings


def test_about_says_what_is_installed_and_whether_it_is_well(page: Page, server):
    page.goto(server.url)
    page.get_by_role("link", name="About").click()
    expect(page.get_by_text(f"Relevance Lab {components.__version__}")).to_be_visible()
    report = page.get_by_test_id("stCode")
    expect(report).to_contain_text("No problem found.")
    expect(report).to_contain_text("GFLOP/s")
    page.get_by_role("button", name="Examine again").click()
    expect(report).to_contain_text("No problem found.")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_and_nothing_cut_off(new_context, server, width, scheme):
    page = new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
    page.goto(f"{server.url}/about")
    expect(page.get_by_test_id("stCode")).to_contain_text("all-MiniLM-L6-v2")
    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
