"""What goes wrong at a lecture: connections drop, the server restarts, somebody has two tabs. Nothing kept is lost."""

from __future__ import annotations

import re

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.compare_page import ComparePage
from tests.running import stop_server

TEXTS = ["Herons eat fish, frogs and voles.", "A café by the lake.", "Pike live in still water."]
VISITORS = 10


class Line:
    """The page's connection to the server, which the test can cut; the page connects again by itself."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.routes: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("_stcore/stream"), self._take)

    def _take(self, route: WebSocketRoute) -> None:
        route.connect_to_server()
        self.routes.append(route)

    def cut(self) -> None:
        self.routes[-1].close()

    def wait_until_back(self) -> None:
        expect(self.page.locator('[data-test-connection-state="CONNECTED"]')).to_be_attached()


def test_the_connection_drops_in_the_middle_of_judging(page, server):
    line = Line(page)
    lab = ComparePage(page).open(server.url)
    lab.paste("what do herons eat", TEXTS)
    lab.rows.first.locator('button.grade[tabindex="0"]').focus()
    page.keyboard.type("3")
    expect(page.locator(".result #judged")).to_contain_text("1 of 3 documents judged")
    page.keyboard.type("1")
    line.cut()  # before the second one has been sent, most likely
    page.keyboard.type("0")
    assert sorted(lab.grades().values()) == ["0", "1", "3"], "what was given shows at once, connected or not"
    line.wait_until_back()
    expect(page.locator(".result #judged")).to_contain_text("3 of 3 documents judged")
    assert len(line.routes) >= 2
    expect(lab.query).to_have_value("what do herons eat")
    lab.query.fill("where do pike live")  # and it goes on, on the same session
    lab.wait_for_live(3)
    expect(page.locator(".result #caption")).to_contain_text("where do pike live")
    lab.query.fill("what do herons eat")
    expect(page.locator(".result #judged")).to_contain_text("3 of 3 documents judged")


def test_ten_visitors_have_their_text_after_a_restart_of_the_server(new_context, start_server):
    first = start_server()
    labs = []
    for number in range(VISITORS):
        lab = ComparePage(new_context().new_page()).open(first.url)
        lab.paste(f"question of visitor {number}", [f"First text of {number}.", f"Second text of {number}."])
        labs.append(lab)
    stop_server(first)
    for lab in labs:
        expect(lab.page.locator('[data-test-connection-state="CONNECTED"]')).not_to_be_attached()
    start_server(port=first.port)
    for number, lab in enumerate(labs):
        expect(lab.page.locator('[data-test-connection-state="CONNECTED"]')).to_be_attached()
        expect(lab.query).to_have_value(f"question of visitor {number}")
        lab.query.press("End")
        lab.page.keyboard.type("?")  # the first thing one does runs in a new session, with the text of before
        # For a moment the old result and the new one stand there both.
        asked = lab.page.locator(".result #caption", has_text=f"question of visitor {number}?")
        expect(asked).to_have_count(1)
        expect(lab.page.locator(".result #caption")).to_have_count(1)
        lab.wait_for_live(2)
        expect(lab.row(1).locator(".text button")).to_have_text(f"First text of {number}.")
        lab.page.close()


def test_two_tabs_of_one_visitor_keep_apart(new_context, server):
    context = new_context()
    tabs = [ComparePage(context.new_page()).open(server.url) for _ in range(2)]
    for number, lab in enumerate(tabs):
        lab.paste(f"question of tab {number}", [f"Text of tab {number}.", "Another text."])
    tabs[0].rows.first.locator('button.grade[tabindex="0"]').focus()
    tabs[0].page.keyboard.type("3")
    expect(tabs[0].page.locator(".result #judged")).to_contain_text("1 of 2 documents judged")
    for number, lab in enumerate(tabs):
        lab.page.reload()
        expect(lab.query).to_have_value(f"question of tab {number}")
        lab.wait_for_live(2)
        expect(lab.row(1).locator(".text button")).to_have_text(f"Text of tab {number}.")
    expect(tabs[0].page.locator(".result #judged")).to_contain_text("1 of 2 documents judged")
    assert tabs[1].grades() == {}
    tabs[1].page.get_by_role("button", name="Forget my text").click()
    expect(tabs[1].query).to_have_value("")
    tabs[0].page.reload()
    expect(tabs[0].query).to_have_value("question of tab 0")


def test_a_tab_opened_from_another_has_a_draft_of_its_own(new_context, server):
    """A duplicated tab begins with a copy of the first one's storage, the name of its draft included."""
    context = new_context()
    first = ComparePage(context.new_page()).open(server.url)
    first.paste("question of the first", ["Text of the first.", "Another text."])
    with context.expect_page() as opened:
        first.page.evaluate("window.open(location.href)")
    second = ComparePage(opened.value)
    expect(second.finding).not_to_be_empty()
    second.paste("question of the second", ["Text of the second.", "Another text."])
    first.page.reload()
    expect(first.query).to_have_value("question of the first")
    second.page.reload()
    expect(second.query).to_have_value("question of the second")
