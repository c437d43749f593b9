"""The Tokens page as a person handles it: what its browser tests share."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

HOSTILE = "<img src=x onerror=\"document.title='owned'\"> **bold** $x$ </script><b>herons</b> =1+1"
VIEW = "document.querySelectorAll('*').values().map(e => e.shadowRoot?.querySelector('.tokens')).find(Boolean).labView"


class TokensPage:
    """Finds things as a reader does; ``ask`` reads the numbers behind the drawing."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.finding = page.locator(".tokens #finding")
        self.detail = page.locator(".tokens #detail")
        self.caption = page.locator(".tokens #caption")
        self.score = page.locator(".tokens #score")
        self.words = page.locator(".tokens .u")
        self.pinned = page.locator('.tokens .u[aria-pressed="true"]')
        self.meter = page.locator(".tokens #meter")
        self.documents = page.get_by_label("Document", exact=True)

    def open(self, url: str) -> TokensPage:
        self.page.goto(url)
        self.wait()
        return self

    def wait(self) -> None:
        """Wait until a map stands."""
        expect(self.words.first).to_be_visible()
        expect(self.page.locator(".tokens.stale")).to_have_count(0)

    def word(self, part: str, text: str, nth: int = 0) -> Locator:
        """A word of the "query" or the "document" by its text."""
        return self.page.locator(f".tokens .line.{part} .u").get_by_text(text, exact=True).nth(nth)

    def ask(self, what: str) -> Any:
        """Evaluate an expression in which ``view`` is the map's own object."""
        return self.page.evaluate(f"() => {{ const view = {VIEW}; return {what}; }}")

    def choose(self, **controls: str) -> None:
        """Set the controls "direction", "weighting", "heads" by their values."""
        for name, value in controls.items():
            self.page.locator(f".tokens select#{name}").select_option(value)

    def head(self, layer: int, head: int) -> Locator:
        return self.page.locator(f'.tokens #overview button[data-layer="{layer - 1}"][data-head="{head - 1}"]')

    def save(self, kind: str) -> Any:
        """Press the button of an export and wait for the file."""
        with self.page.expect_download() as waiting:
            self.page.locator(f'.tokens [data-save="{kind}"]').click()
        return waiting.value
