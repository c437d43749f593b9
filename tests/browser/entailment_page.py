"""The entailment page as a person handles it: what its browser tests share."""

from __future__ import annotations

import json

from playwright.sync_api import Locator, Page, expect


class EntailmentPage:
    """Finds things as a reader does; ``exact`` reads the unrounded numbers behind a bar."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.above = page.locator(".asks #above")
        self.below = page.locator(".asks #below")
        self.problem = page.locator(".asks #problem")
        self.finding = page.locator(".says > #finding")
        self.rows = page.locator(".says #rows tr[data-number]")
        self.toggle = page.locator(".says .toggle")
        self.tally = page.locator(".tally #finding")

    def open(self, url: str) -> EntailmentPage:
        self.page.goto(url)
        return self.settled()

    def settled(self, count: int | None = None) -> EntailmentPage:
        """Wait until an answer to the text in the boxes stands."""
        expect(self.rows.first).to_be_visible()
        expect(self.page.locator(".says.stale")).to_have_count(0)
        if count is not None:
            expect(self.rows).to_have_count(count)
        return self

    def ask(self, above: str, below: str, count: int) -> EntailmentPage:
        """Fill both boxes and wait for the answer."""
        self.above.fill(above)
        self.below.fill(below)
        first = below.split("\n")[0].split(". ")[0]
        expect(self.rows.first.locator(".said")).to_contain_text(first)
        return self.settled(count)

    def row(self, number: int) -> Locator:
        return self.page.locator(f'.says #rows tr[data-number="{number}"]')

    def exact(self, bar: Locator) -> list[float]:
        """The probabilities of a bar, unrounded."""
        return list(json.loads(bar.get_attribute("data-exact") or "[]"))

    def numbers(self) -> list[int]:
        """The rows' numbers in the order on the screen."""
        return [int(row.get_attribute("data-number") or 0) for row in self.rows.all()]

    def strike(self, side: str, word: str) -> None:
        self.toggle.locator(f'[data-at="{side}"] .w').get_by_text(word, exact=True).click()

    def at(self, name: str) -> Locator:
        """A part of the open toggle."""
        return self.toggle.locator(f'[data-at="{name}"]')

    def toggle_settled(self) -> None:
        expect(self.page.locator(".says .toggle.stale")).to_have_count(0)
        expect(self.at("finding")).not_to_be_empty()
