"""A server that has just been started: the first page waits for no model, and nothing leaves the machine."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.compare_page import ComparePage


def test_the_first_page_shows_a_stored_result_then_live_scores(new_context, start_server):
    server = start_server(RELEVANCE_LAB_LOADING_DELAY="4")
    page = new_context().new_page()
    outside = []
    page.on("request", lambda request: outside.append(request.url) if not is_local(request.url) else None)
    lab = ComparePage(page).open(server.url)
    expect(lab.finding).to_contain_text("Stored result:")
    expect(lab.work).to_have_text(re.compile(r"stored result of \d{4}-\d{2}-\d{2}"))
    expect(page.locator(".result #waiting")).to_contain_text("loaded in a moment")
    lab.wait_for_live(8)  # without a click
    expect(lab.finding).not_to_contain_text("Stored")
    lab.paste("how long do bees live", ["Six weeks.", "Honey."])
    assert not outside
    assert not server.network_log.exists(), server.network_log.read_text()
    assert "Six weeks" not in server.output.read_text(errors="replace")  # no visitor's text in the log


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something outside the browser; fails when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def is_local(url: str) -> bool:
    return url.startswith(("http://localhost", "ws://localhost", "data:", "blob:"))


def test_a_cold_deep_link_opens_its_example(new_context, start_server):
    server = start_server()
    page = new_context().new_page()
    lab = ComparePage(page)
    page.goto(f"{server.url}/?example=negation")
    expect(lab.query).to_have_value("plants that are not safe for cats")
    lab.wait_for_live(6)
    expect(page.locator(".result #caption")).to_contain_text("plants that are not safe for cats")


def test_without_weights_the_bi_encoder_runs_alone_and_the_page_says_so(new_context, start_server, tmp_path):
    server = start_server(RELEVANCE_LAB_MODELS=str(tmp_path))
    lab = ComparePage(new_context().new_page()).open(server.url)
    lab.wait_for_live(8)
    expect(lab.page.locator(".result #table thead th.score")).to_have_count(1)
    expect(lab.page.locator(".result #notes")).to_contain_text("weights of the model “relevance” are missing")


def test_a_restart_of_the_server_loses_nothing(new_context, start_server):
    first = start_server()
    page = new_context().new_page()
    lab = ComparePage(page).open(first.url)
    lab.paste("how long do bees live", ["Six weeks in summer.", "Honey is sweet."])
    first.process.terminate()
    first.process.wait(timeout=20)
    with page.expect_websocket():  # the page connects again by itself
        second = start_server(port=int(first.url.rsplit(":", 1)[1]))
    expect(page.locator('[data-test-connection-state="CONNECTED"]')).to_be_attached()
    # The first thing one does then runs in a new session, which has to get the text from the page.
    page.locator(".result summary", has_text="Columns").click()
    page.get_by_label(re.compile("^BM25")).click()
    wait_until(lambda: "compare done: 4 of 4 pairs" in second.output.read_text())
    expect(lab.query).to_have_value("how long do bees live")
    lab.wait_for_live(2)
    expect(lab.row(1).locator(".text button")).to_have_text("Six weeks in summer.")
