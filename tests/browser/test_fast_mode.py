"""Exact or fast, as a person chooses it, and what the page then says."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from components.ranking.agreement import kendall_tau_b
from components.scoring.precision import FastScorer, fast_dtype
from tests.browser.compare_page import ComparePage

BEES = ["A worker bee lives about six weeks in summer.", "Honey is sweet.", "A beehive stands in the orchard."]
QUERY = "how long do bees live"

needs_instructions = pytest.mark.skipif(not fast_dtype("cpu"), reason="no bfloat16 instructions in this processor")


@needs_instructions
def test_fast_says_what_it_costs_and_exact_comes_back(page, server, cross_encoder):
    lab = ComparePage(page).open(server.url)
    lab.paste(QUERY, BEES)
    before = [lab.row(number).locator(".value").all_text_contents() for number in (1, 2, 3)]
    lab.open_menu("Options")
    expect(page.locator("#fast-words")).to_contain_text("bfloat16 instead of float32")
    page.get_by_label("scores", exact=True).select_option("fast")
    note = page.locator(".result #notes li", has_text="Fast mode (bfloat16) against float32 on these 3 documents")
    expect(note).to_be_visible()
    expect(page.locator(".result #made")).to_contain_text("bfloat16 on cpu")
    pairs = [(QUERY, text) for text in BEES]
    exact, fast = cross_encoder.forward(pairs), FastScorer(cross_encoder, "bfloat16").inner.forward(pairs)
    said = note.inner_text()
    assert f"cross-encoder: tau-b {kendall_tau_b(fast, exact):.3f}" in said
    largest = float(re.search(r"largest logit difference ([\d.e−-]+\d)", said).group(1))
    assert largest == pytest.approx(max(abs(a - b) for a, b in zip(fast, exact, strict=True)), rel=0.5, abs=0.01)
    for number in (1, 2, 3):
        shown = float(lab.row(number).locator(".value").last.inner_text().replace("−", "-"))
        assert shown == pytest.approx(fast[number - 1], abs=0.05)

    page.get_by_label("scores", exact=True).select_option("exact")
    expect(note).to_be_hidden()
    expect(page.locator(".result #made")).not_to_contain_text("bfloat16")
    assert [lab.row(number).locator(".value").all_text_contents() for number in (1, 2, 3)] == before


@needs_instructions
def test_fast_stays_chosen_for_the_next_text(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste(QUERY, BEES)
    lab.open_menu("Options")
    page.get_by_label("scores", exact=True).select_option("fast")
    notes = page.locator(".result #notes li")
    expect(notes.filter(has_text="on these 3 documents")).to_be_visible()
    lab.paste(QUERY, BEES[:2])
    expect(notes.filter(has_text="on these 2 documents")).to_be_visible()
    expect(page.get_by_label("scores", exact=True)).to_have_value("fast")


def test_exact_is_the_default(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste(QUERY, BEES)
    lab.open_menu("Options")
    expect(page.get_by_label("scores", exact=True)).to_have_value("exact")
    expect(page.locator(".result #made")).to_contain_text("float32 on cpu")
