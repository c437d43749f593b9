"""Compare in a real browser: what somebody does who has never seen it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.compare_page import ComparePage

BEES = ["A worker bee lives about six weeks in summer.", "Honey is sweet.", "A beehive stands in the orchard."]


def test_paste_leads_to_two_rankings(page, server):
    """Somebody pastes a query and documents and gets both orders without a click."""
    lab = ComparePage(page).open(server.url)
    lab.paste("how long do bees live", BEES)
    expect(lab.finding).to_contain_text("document 1 first")
    for column in range(2):
        assert sorted(lab.ranks(number)[column] for number in (1, 2, 3)) == ["1", "2", "3"]
    expect(page.locator(".result #agree")).to_contain_text("tau-b")


def test_scores_on_the_page_are_the_models(page, server, bi_encoder, cross_encoder):
    lab = ComparePage(page).open(server.url)
    query = "how long do bees live"
    lab.paste(query, BEES)
    shown = [[float(v.replace("−", "-")) for v in lab.row(n).locator(".value").all_text_contents()] for n in (1, 2, 3)]
    model = bi_encoder.model
    cosines = model.similarity(model.encode_query([query]), model.encode_document(BEES))[0].tolist()
    logits = cross_encoder.forward([(query, text) for text in BEES])
    for row, cosine, logit in zip(shown, cosines, logits, strict=True):
        assert row == [pytest.approx(cosine, abs=0.0051), pytest.approx(logit, abs=0.0051)]


def test_one_edit_of_fifty_scores_one(page, server):
    lab = ComparePage(page).open(server.url)
    documents = [f"Train {number} to the coast is late because of snow." for number in range(50)]
    lab.paste("why is the train late", documents)
    expect(lab.work).to_contain_text("50 scored, 0 kept")
    documents[20] = "A herd of sheep held up the train."
    lab.insert(lab.documents, "\n".join(documents))
    expect(lab.work).to_contain_text("1 scored, 49 kept")


def test_two_browsers_at_once_see_their_own_text(new_context, server):
    labs = [ComparePage(new_context().new_page()).open(server.url) for _ in range(2)]
    texts = [["Bees dance.", "Bees sleep."], ["Trains whistle.", "Trains stop.", "Trains wait."]]
    queries = ["what do bees do", "what do trains do"]
    for lab, query, documents in zip(labs, queries, texts, strict=True):
        lab.query.fill(query)
        lab.insert(lab.documents, "\n".join(documents))
    for lab, query, documents, others in zip(labs, queries, texts, texts[::-1], strict=True):
        lab.wait_for_live(len(documents))
        expect(lab.page.locator(".result #caption")).to_contain_text(query)
        shown = lab.page.locator(".result #table").inner_text()
        assert all(text in shown for text in documents)
        assert not any(text in shown for text in others)


@pytest.mark.parametrize(
    ("query", "documents", "sentence"),
    [
        ("", "one\ntwo", "The query is empty"),
        ("   ", "one\ntwo", "The query is empty"),
        ("a query", "\n \n\n", "There are no documents yet"),
        ("", "", "Type a query and at least one document"),
        ("q", "\n".join("x" * 9 for _ in range(201)), "201 documents, and Compare takes 200"),
        ("q", "\n".join(str(n) for n in range(10_000)), "10,000 documents"),
        ("q", "x" * 20_001, "20,001 characters"),
    ],
)
def test_bad_input_gets_its_sentence_and_keeps_the_text(page, server, query, documents, sentence):
    lab = ComparePage(page).open(server.url)
    lab.paste("how long do bees live", BEES)
    lab.query.fill(query)
    lab.insert(lab.documents, documents)
    expect(lab.problem).to_contain_text(sentence)
    expect(page.locator(".result")).to_have_class(re.compile("stale"))  # the earlier result stays, greyed
    expect(lab.rows).to_have_count(3)
    assert lab.query.input_value() == query
    assert lab.documents.input_value() == documents
    page.get_by_role("button", name="Forget my text").click()  # and it goes on from there
    expect(lab.documents).to_have_value("")
    lab.paste("how long do bees live", BEES)
    expect(lab.problem).to_be_hidden()


def test_markup_and_odd_characters_are_text(page, server):
    lab = ComparePage(page).open(server.url)
    documents = [
        "<script>window.hacked = 1</script>",
        "<img src=x onerror='window.hacked = 1'>",
        "**bold** $x^2$ [a](javascript:alert(1))",
        "שלום עולם \u202eabc\u202c",
        "🦆 zero\u200dwidth",
        "bell \x07 null \x00 end",
    ]
    lab.paste("<b>query</b> {{7*7}}", documents)
    for number, text in enumerate(documents[:5], 1):
        expect(lab.row(number).locator(".text button")).to_have_text(text)
    expect(lab.row(6).locator(".text button")).to_have_text("bell null end")  # white space as the browser shows it
    assert page.evaluate("window.hacked") is None


def test_ties_share_a_rank_and_identical_documents_stay_two_rows(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("how long do bees live", [*BEES, BEES[0]])
    assert lab.ranks(1) == lab.ranks(4)
    expect(lab.row(1).locator(".rank.tie")).to_have_count(2)
    expect(lab.finding).to_contain_text("documents 1 and 4 level first")


def test_a_document_beyond_the_window_says_what_was_not_read(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("where is the mouse", ["The mouse hides under the snow. " * 120, "A short one."])
    expect(lab.row(1).locator(".tokens")).to_have_text(re.compile(r"254 of \d,?\d{3}|254 of \d+"))
    expect(lab.row(1).locator(".tokens")).to_have_attribute("title", re.compile("cross-encoder reads .* never seen"))


def test_a_third_column_by_keyboard(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("how long do bees live", BEES)
    page.locator(".result summary", has_text="Columns").focus()
    page.keyboard.press("Enter")
    page.get_by_label(re.compile("^BM25")).focus()
    page.keyboard.press("Space")
    expect(page.locator(".result #table thead th.score")).to_have_count(3)
    expect(lab.row(1).locator(".rank")).to_have_count(3)
    expect(page.locator(".result #pairs tbody tr")).to_have_count(3)  # three pairs of columns agree or not
    page.locator("th.BM25 button.by").focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort]")).to_contain_text("BM25")


def test_the_table_can_be_read_by_a_screen_reader(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("how long do bees live", BEES)
    table = page.get_by_role("table", name=re.compile("Ranks and scores of 3 documents"))
    expect(table.get_by_role("row")).to_have_count(4)
    expect(table.get_by_role("columnheader", name=re.compile("cross-encoder"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Slope chart"))).to_be_visible()


def test_terms_explain_themselves_on_focus(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("how long do bees live", BEES)
    page.locator(".result th button.term", has_text="logit").focus()
    expect(page.locator(".result .tip")).to_contain_text("raw output")
    page.keyboard.press("Escape")
    expect(page.locator(".result .tip")).to_be_hidden()


def test_a_reload_brings_the_text_back(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("how long do bees live", BEES)
    page.reload()
    expect(lab.query).to_have_value("how long do bees live")
    expect(lab.documents).to_have_value("\n".join(BEES))
    lab.wait_for_live(3)
    page.get_by_role("button", name="Forget my text").click()
    expect(lab.query).to_have_value("")
    page.reload()
    expect(lab.query).to_have_value("what do herons eat")  # nothing was kept: the first visit's example


def test_stop_ends_long_work_and_score_it_now_takes_it_up(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("how long do bees live", BEES)
    long_documents = [f"{number} " + "the mouse under the snow hears an owl " * 60 for number in range(200)]
    lab.insert(lab.documents, "\n".join(long_documents))
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".result #waiting")).to_contain_text("stopped")
    expect(lab.rows).to_have_count(3)  # the result before it
    lab.insert(lab.documents, "\n".join([*BEES, "Drones live shorter."]))
    lab.wait_for_live(4)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800), (1920, 1080)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_finding_is_on_the_first_screen_and_nothing_sticks_out(new_context, server, width, height, scheme):
    page = new_context(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)
    box = lab.finding.bounding_box()
    assert box["y"] + box["height"] <= height
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width >= 1280:
        last = lab.rows.last.bounding_box()
        assert last["y"] + last["height"] <= height, "all eight rows are on the first screen"


def test_nothing_jumps_when_the_live_result_comes(new_context, start_server):
    """Layout shift (as the browser counts it) from the first paint to the live result stays below 0.05."""
    fresh = start_server()
    page = new_context().new_page()
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())"
        " if (!entry.hadRecentInput) window.shift += entry.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    lab = ComparePage(page).open(fresh.url)
    page.evaluate("window.shift = 0")  # what Streamlit's own start moves is not ours
    lab.wait_for_live(8)
    assert page.evaluate("window.shift") < 0.05
