"""The Compare page as a person handles it: what the browser tests share."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from components.texts.examples import examples


class ComparePage:
    """Finds things by role and label, as a reader does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.query = page.get_by_label("Query", exact=True)
        self.documents = page.get_by_label("Documents", exact=True)
        self.finding = page.locator(".result .finding")
        self.work = page.locator(".result #work")
        self.problem = page.locator(".inputs #problem")
        self.rows = page.locator(".result #table tbody tr")

    def open(self, url: str) -> ComparePage:
        self.page.goto(url)
        expect(self.finding).not_to_be_empty()
        return self

    def paste(self, query: str, documents: list[str]) -> None:
        """Fill both boxes and wait for the result of this very text."""
        self.query.fill(query)
        self.insert(self.documents, "\n".join(documents))
        self.wait_for_live(len(documents))

    def insert(self, box: Locator, text: str) -> None:
        """Replace a box's text with a real paste (Ctrl+V); typing a long text in is slow in the test, not in life."""
        self.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        box.press("Control+A")
        box.press("Control+V" if text else "Delete")

    def wait_for_live(self, count: int) -> None:
        """Wait until a live result of ``count`` documents stands."""
        expect(self.work).to_have_text(re.compile(r"\d+ scored, \d+ kept"))
        expect(self.page.locator(".result")).not_to_have_class(re.compile("stale"))
        expect(self.rows).to_have_count(min(count, 50))

    def row(self, number: int) -> Locator:
        return self.page.locator(f'.result #table tr[data-number="{number}"]')

    def ranks(self, number: int) -> list[str]:
        """The ranks of a document, one a column."""
        return self.row(number).locator(".rank").all_text_contents()

    def choose_example(self, name: str, count: int) -> None:
        """Take a built-in example and wait for the result of its ``count`` documents."""
        self.page.locator(".inputs #example").select_option(name)
        expect(self.documents).not_to_have_value("")
        expect(self.page.locator(".result #caption")).to_contain_text(examples()[name].query)
        self.wait_for_live(count)

    def open_menu(self, name: str) -> None:
        """Unfold one of the menus above the table."""
        self.page.locator(".result summary", has_text=name).click()

    def grades(self) -> dict[int, str]:
        """The judgment of each document that has one, as its row shows it."""
        found = {}
        for row in self.page.locator(".result #table tbody tr[data-number]").all():
            pressed = row.locator('button.grade[aria-pressed="true"]').all_text_contents()
            if pressed:
                found[int(row.get_attribute("data-number") or 0)] = pressed[0]
        return found

    def numbers(self) -> list[int]:
        """The documents' numbers in the order of the rows."""
        rows = self.page.locator(".result #table tbody tr[data-number]").all()
        return [int(row.get_attribute("data-number") or 0) for row in rows]
