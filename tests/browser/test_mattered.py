"""What mattered and the word toggle in a real browser."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from components.texts.examples import FIRST, examples
from tests.browser.compare_page import ComparePage
from tests.browser.tokens_page import TokensPage


@pytest.fixture
def open_tab(page, server):
    def go(name: str):
        TokensPage(page).open(f"{server.url}/tokens")
        page.get_by_role("radio", name=name).click()
        return page

    return go


def exact(page) -> list[list[float]]:
    """Before and after of each model, unrounded."""
    return [json.loads(one.get_attribute("data-exact")) for one in page.locator(".strike dd").all()]


def settled(page) -> None:
    expect(page.locator(".strike.stale")).to_have_count(0)
    expect(page.locator(".strike .ranks").last).not_to_be_empty()


def test_a_toggles_change_equals_a_fresh_paste_and_undo_restores(open_tab, bi_encoder, cross_encoder, page):
    open_tab("Strike words")
    settled(page)
    before = exact(page)
    texts = page.locator(".strike .line.document").inner_text()
    page.locator(".strike .line.document .w").nth(1).click()
    expect(page.locator('.strike .w[aria-pressed="true"]')).to_have_count(1)
    expect(page.locator(".strike .told")).to_contain_text("The cosine goes from")
    settled(page)
    example = examples()[FIRST]
    fresh = example.documents[0].replace("grey ", "", 1)
    assert exact(page)[1][1] == pytest.approx(cross_encoder.forward([(example.query, fresh)])[0], abs=1e-4)
    page.locator(".strike .undo").click()
    expect(page.locator('.strike .w[aria-pressed="true"]')).to_have_count(0)
    expect(page.locator(".strike .told")).to_contain_text("Strike a word")
    settled(page)
    assert exact(page) == before
    assert page.locator(".strike .line.document").inner_text() == texts


def test_keys_strike_and_reset_restores(open_tab, page):
    open_tab("Strike words")
    settled(page)
    before = exact(page)
    first = page.locator(".strike .line.query .w").first
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator('.strike .w[aria-pressed="true"]')).to_have_count(2)
    expect(page.locator(".strike .told")).to_contain_text("The cosine goes from")
    settled(page)
    page.locator(".strike .reset").click()
    expect(page.locator(".strike .told")).to_contain_text("Strike a word")
    settled(page)
    assert exact(page) == before


def test_stop_ends_the_work(page, server):
    ComparePage(page).open(server.url).paste("what do herons eat", ["herons eat fish and frogs " * 80])
    page.get_by_role("link", name="Tokens").click()
    TokensPage(page).wait()
    page.get_by_role("radio", name="What mattered").click()
    view = page.locator(".mattered")
    expect(view.locator("#stop")).to_be_visible()
    view.locator("#stop").click()
    expect(view.locator("#problem")).to_contain_text("stopped")


def test_choosing_a_head_opens_the_map_there(open_tab, page):
    open_tab("What mattered")
    expect(page.locator(".mattered .bars li").first).to_be_visible()
    page.locator(".mattered #what").select_option("heads")
    expect(page.locator(".mattered #finding")).to_contain_text("Without layer")
    name = page.locator(".mattered table tbody th").first.inner_text()
    page.get_by_role("button", name="open in the map").first.click()
    expect(TokensPage(page).finding).to_contain_text(f"In {name},")


def test_a_word_changed_by_typing_equals_a_fresh_paste(open_tab, page, bi_encoder, cross_encoder):
    open_tab("Strike words")
    settled(page)
    before = exact(page)
    example = examples()[FIRST]
    page.get_by_role("button", name="Edit the text").click()
    box = page.get_by_label("Document, edited")
    expect(box).to_have_value(example.documents[0])
    box.press("ControlOrMeta+Home")
    for _ in range(2):
        box.press("ControlOrMeta+ArrowRight")
    box.press("ControlOrMeta+Shift+ArrowRight")
    page.keyboard.type(" eel")  # the caret stands at the end of the word before
    changed = box.input_value()
    assert changed != example.documents[0]
    assert "eel" in changed.split()
    expect(page.locator(".strike .told")).to_contain_text("The cosine goes from")
    settled(page)
    shown = exact(page)
    model = bi_encoder.model
    cosine = float(model.similarity(model.encode_query([example.query]), model.encode_document([changed])))
    assert shown[0][1] == pytest.approx(cosine, abs=1e-4)
    assert shown[1][1] == pytest.approx(cross_encoder.forward([(example.query, changed)])[0], abs=1e-4)
    ranks = page.locator(".strike .ranks").all_inner_texts()
    page.get_by_role("button", name="Back to the words").click()
    expect(page.locator(".strike .line.document")).to_have_text(changed)
    page.locator(".strike .undo").click()
    expect(page.locator(".strike .told")).to_contain_text("Strike a word")
    settled(page)
    assert exact(page) == before

    # The same text pasted afresh has the same ranks.
    page.get_by_role("link", name="Compare").click()
    lab = ComparePage(page)
    lab.paste(example.query, [changed, *example.documents[1:]])
    expect(lab.row(1).locator(".text button")).to_have_text(changed)
    lab.wait_for_live(len(example.documents))
    fresh = [f"{rank} of {len(example.documents)}" for rank in lab.ranks(1)]
    assert all(one in shown for one, shown in zip(fresh, ranks, strict=True)), (fresh, ranks)


def test_words_are_struck_in_a_row_of_compare_and_nothing_is_lost(page, server, bi_encoder, cross_encoder):
    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)
    example = examples()[FIRST]
    table = page.locator(".result #table").inner_text()
    lab.row(3).locator("button.open").focus()
    page.keyboard.press("s")
    settled(page)
    before = exact(page)
    shown_ranks = lab.ranks(3)
    assert [one.split()[1] for one in page.locator(".strike .ranks").all_inner_texts()] == shown_ranks
    page.locator(".strike .line.document .w").nth(2).click()
    page.locator(".strike .line.query .w").nth(0).click()
    expect(page.locator(".strike .told")).to_contain_text("The cosine goes from")
    settled(page)
    query = example.query.partition(" ")[2]
    words = example.documents[2].split(" ")
    document = " ".join(words[:2] + words[3:])
    after = exact(page)
    model = bi_encoder.model
    cosine = float(model.similarity(model.encode_query([query]), model.encode_document([document])))
    assert after[0] == [before[0][0], pytest.approx(cosine, abs=1e-4)]
    assert after[1] == [before[1][0], pytest.approx(cross_encoder.forward([(query, document)])[0], abs=1e-4)]
    logits = cross_encoder.forward(
        [(query, text) for text in [*example.documents[:2], document, *example.documents[3:]]]
    )
    rank = 1 + sum(one > logits[2] for one in logits)
    assert page.locator(".strike .ranks").last.inner_text().endswith((f"→ {rank} of 8", f"rank {rank} of 8, as before"))

    page.get_by_role("button", name="Go on in Tokens").click()  # the same change there
    expect(page.locator(".strike-page select")).to_have_value("3")
    settled(page)
    assert exact(page) == after
    page.get_by_role("link", name="Compare").click()  # and back: the row is open, the change stands
    expect(page.locator('.result .strike .w[aria-pressed="true"]')).to_have_count(2)
    settled(page)
    assert exact(page) == after
    page.locator(".strike .line.document .w").first.focus()
    page.keyboard.press("u")
    page.keyboard.press("u")
    expect(page.locator(".strike .told")).to_contain_text("Strike a word")
    settled(page)
    assert exact(page) == before
    page.get_by_role("button", name="Strike words").click()
    expect(page.locator(".result .strike")).to_have_count(0)
    lab.row(3).locator(".text button").click()
    assert page.locator(".result #table").inner_text() == table


def test_curves_can_be_stopped_and_their_tables_say_what_is_drawn(open_tab, page):
    open_tab("What mattered")
    view = page.locator(".mattered")
    expect(view.locator(".bars li").first).to_be_visible()
    view.locator("#what").select_option("curves")
    view.locator("#stop").click()
    expect(view.locator("#problem")).to_contain_text("stopped")
    view.locator("#retry").click()
    expect(view.locator("#curves svg[role=img]")).to_have_count(2)
    expect(view.locator("#finding")).to_contain_text("keeps the logit lowest")
    expect(view.locator("#caption")).to_contain_text("Valid for this model and this pair only")
    names = view.locator(".areas button").all_text_contents()
    assert names == [
        "attention",
        "occlusion",
        "integrated gradients",
        "gradient x input",
        "best",
        "random, mean (range)",
    ]
    view.get_by_role("button", name="occlusion", exact=True).click()
    expect(view.locator("#curves .curve.chosen").first).to_have_attribute("stroke-dasharray", "2 4")
    rows = view.locator("#curves .scroller table:not(.areas) tbody tr")
    points = view.locator("#curves polygon.dot").count() + view.locator("#curves circle.dot").count()
    assert points == rows.count() * 4 + 4  # four methods, and their marks in the legend
    with page.expect_download() as waiting:
        view.locator('[data-save="csv"]').click()
    lines = waiting.value.path().read_text().splitlines()
    assert lines[0].startswith(
        "direction,order,words,logit,area,method,best_order,kind,model,fingerprint,unit,device,dtype"
    )
    assert len(lines) == 1 + rows.count() * (4 + 1 + 10)
