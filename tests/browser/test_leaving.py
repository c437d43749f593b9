"""A page that polls is left by the server itself (``st.switch_page``): the next page must stay whole."""

from __future__ import annotations

from playwright.sync_api import expect


def test_late_questions_of_the_page_before_do_no_harm(start_server, new_context):
    server = start_server(script="tests/browser/two_pages.py")
    page = new_context().new_page()
    for _ in range(3):
        page.goto(server.url)
        page.get_by_role("button", name="go").click()
        expect(page.get_by_text("look 4")).to_be_visible()  # the second page has polled for more than a second
        expect(page.get_by_text("above")).to_be_visible()
        expect(page.get_by_text("frame")).to_be_visible()
