"""A scoring service behind the app, as a visitor meets it: who scored is said, and what happens when it dies."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.compare_page import ComparePage
from tests.service.local_server import LocalService, hang_up, running

QUERY = "who mends zanzibar clocks"
DOCUMENTS = ["A watchmaker mends zanzibar clocks.", "Plum cake needs an hour.", "The bell tower has a clock."]


@pytest.fixture
def service(cross_encoder, bi_encoder):
    made = LocalService(
        lambda query, texts: cross_encoder.forward([(query, text) for text in texts]),
        lambda texts: bi_encoder.forward("document", list(texts)).tolist(),
    )
    with running(made) as url:
        made.url = url
        yield made


def test_the_service_scores_and_when_it_dies_the_own_models_take_over(page, start_server, service, cross_encoder):
    server = start_server(
        RELEVANCE_LAB_RERANK_URL=service.url,
        RELEVANCE_LAB_EMBEDDINGS_URL=service.url,
        RELEVANCE_LAB_SERVICE_FALLBACK="on",
    )
    lab = ComparePage(page).open(server.url)
    lab.paste(QUERY, DOCUMENTS)
    made = page.locator(".result #made")
    expect(made).to_contain_text("relevance, logit, window 512 tokens, no prompts, scored by the scoring service")
    shown = [float(lab.row(number).locator(".value").last.inner_text().replace("−", "-")) for number in (1, 2, 3)]
    assert shown == pytest.approx(cross_encoder.forward([(QUERY, text) for text in DOCUMENTS]), abs=0.006)
    assert {path for path, _ in service.questions} == {"/rerank", "/embeddings"}

    service.faults = [hang_up] * 100
    lab.paste("where do zanzibar bells ring", ["In the zanzibar tower.", "Not in the bakery."])  # not known yet
    notes = page.locator(".result #notes li")
    expect(notes.filter(has_text="The scoring service broke off the connection: this server's own")).to_have_count(2)
    expect(made).not_to_contain_text("scoring service")

    page.get_by_role("link", name="Tokens", exact=True).click()
    expect(page.get_by_text("Computed by this server's own copy of the model")).to_be_visible()
    said = server.output.read_text(errors="replace")
    assert "asked once more" in said
    assert "zanzibar" not in said
    assert not server.network_log.exists()


def test_without_leave_to_take_over_there_is_one_sentence_and_another_try(page, start_server, service):
    service.faults = [hang_up] * 2
    server = start_server(RELEVANCE_LAB_RERANK_URL=service.url)
    lab = ComparePage(page).open(server.url)
    lab.query.fill(QUERY)
    lab.insert(lab.documents, "\n".join(DOCUMENTS))
    said = page.locator(".result #waiting", has_text="The scoring service")
    expect(said).to_be_visible()
    assert said.inner_text().count(". ") == 0
    service.faults = []
    page.get_by_role("button", name="Score it now").click()
    lab.wait_for_live(len(DOCUMENTS))
    expect(lab.query).to_have_value(QUERY)
    expect(page.locator(".result #made")).to_contain_text("scored by the scoring service")
