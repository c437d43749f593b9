"""The page Retrieve & re-rank as a person handles it: what its browser tests share."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

WORDS = ("bees dance", "boats drift", "bread rises", "herons wait", "trains whistle", "owls listen")


def passages(count: int) -> bytes:
    """A file of passages, one a line, all different."""
    lines = [f"{WORDS[n % len(WORDS)]} on day {n}, said the {n * 7 % 97}th keeper of the tower" for n in range(count)]
    return "\n".join(lines).encode()


class RetrievePage:
    """Finds things by role and label, as a reader does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.query = page.get_by_label("Query", exact=True)
        self.finding = page.locator(".retrieve #finding")
        self.about = page.locator(".retrieve #about")
        self.said = page.locator(".retrieve #said")
        self.problem = page.locator(".retrieve #problem")
        self.waiting = page.locator(".retrieve #waiting")
        self.first = page.locator(".retrieve table.first tbody tr")
        self.second = page.locator(".retrieve table.second tbody tr")
        self.handle = page.get_by_role("slider", name="k, passages that are re-ranked")

    def open(self, url: str) -> RetrievePage:
        self.page.goto(f"{url}/retrieve")
        expect(self.finding).not_to_be_empty()
        return self

    def wait_for_result(self, query: str) -> None:
        """Wait until both stages of this query stand."""
        expect(self.page.locator(".retrieve")).not_to_have_class(re.compile("stale"))
        expect(self.query).to_have_value(query)
        expect(self.finding).to_contain_text(re.compile("re-ranking", re.I))

    def upload(self, kind: str, name: str, data: bytes) -> None:
        """Choose a file in one of the boxes of "Your own collection": Passages, Queries or Judgments."""
        button = self.page.get_by_role("button", name="Your own collection")
        box = self.page.get_by_test_id("stFileUploader").filter(has_text=kind).locator("input[type=file]")
        if not box.count():
            button.click()
        box.set_input_files({"name": name, "mimeType": "text/plain", "buffer": data})
        expect(box).to_have_count(0)  # it closes when the file was taken

    def ask(self, query: str) -> None:
        self.query.fill(query)
        self.query.press("Enter")
        self.wait_for_result(query)
