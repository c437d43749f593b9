"""What surrounds every page: the model panel, the sheet of keys, and a whole round without a mouse."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import serious_findings
from tests.browser.compare_page import ComparePage
from tests.models.fake_hub import fake_hub, tiny_bi_encoder, tiny_cross_encoder

PAGES = {"": "Compare", "tokens": "Tokens", "entailment": "Textual entailment"}


@pytest.fixture(scope="module")
def hub_server(start_server, tmp_path_factory):
    """The app on a machine whose Hub is a small one of our own."""
    base = tmp_path_factory.mktemp("hub")
    models = {
        "owner/tiny-ranker": tiny_cross_encoder(base / "cross"),
        "owner/tiny-embedder": tiny_bi_encoder(base / "bi"),
        "owner/entailment": tiny_cross_encoder(base / "three", labels=3),
    }
    with fake_hub(models) as (url, _):
        yield start_server(HF_ENDPOINT=url, RELEVANCE_LAB_HUB_CACHE=str(base / "cache"))


def open_panel(page: Page) -> None:
    page.locator(".frame #open-panel").click()
    expect(page.get_by_role("dialog", name="Models")).to_be_visible()


def ask_for(page: Page, name: str, kind: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Kind", exact=True).select_option(kind)
    page.get_by_role("button", name="Add", exact=True).click()


@pytest.mark.parametrize("where", PAGES)
def test_the_panel_says_what_is_loaded_on_every_page(page, server, where):
    page.goto(f"{server.url}/{where}")
    open_panel(page)
    model = page.locator(".frame .model", has_text="relevance")
    expect(model.locator("dd").first).to_have_text("loaded")
    for words in ("22.7 million", "512 tokens", "logit", "float32", "Apache-2.0"):
        expect(model).to_contain_text(words)
    for year in (2019, 2021):
        expect(model).to_contain_text(f"On TREC DL {year} this cross-encoder ranks not measurably better")
    model.get_by_text("Our held-out figures").click()
    expect(model.locator("tbody tr", has_text="TREC DL 2019")).to_contain_text("0.648")


def test_a_model_is_added_by_name_and_becomes_a_column(page, hub_server):
    lab = ComparePage(page).open(hub_server.url)
    lab.wait_for_live(8)
    open_panel(page)
    ask_for(page, "owner/tiny-ranker", "cross-encoder")
    expect(page.locator(".frame #add-said")).to_have_text("owner/tiny-ranker is loaded, and a column of Compare now.")
    expect(page.locator(".frame .model", has_text="owner/tiny-ranker")).to_contain_text("added by a visitor")
    page.keyboard.press("Escape")
    expect(page.locator(".result thead th.score")).to_have_count(3)
    expect(page.locator(".result #table thead")).to_contain_text("cross-encoder owner/tiny-ranker")
    lab.wait_for_live(8)


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("owner/tiny-embedder", "cross-encoder", "is a bi-encoder (BertModel), not a cross-encoder"),
        ("owner/entailment", "cross-encoder", "has 3 outputs, and relevance needs one"),
        ("owner/no-such-model", "bi-encoder", "There is no model “owner/no-such-model” on the Hub"),
        ("<script>alert(1)</script>", "bi-encoder", "neither a name on the Hub"),
    ],
)
def test_a_name_that_cannot_be_had_gets_a_sentence_and_the_models_stay(page, hub_server, name, kind, words):
    lab = ComparePage(page).open(hub_server.url)
    open_panel(page)
    ask_for(page, name, kind)
    expect(page.locator(".frame #add-said")).to_contain_text(words)
    page.keyboard.press("Escape")
    lab.wait_for_live(8)
    assert not page.locator(".stException").count()


def test_a_visitor_from_elsewhere_may_not_ask_the_hub(new_context, hub_server):
    page = new_context(extra_http_headers={"X-Forwarded-For": "203.0.113.9"}).new_page()
    ComparePage(page).open(hub_server.url)
    open_panel(page)
    expect(page.locator(".frame #hub-said")).to_contain_text("only for visitors on the server's own machine")
    ask_for(page, "owner/tiny-embedder", "bi-encoder")
    expect(page.locator(".frame #add-said")).to_contain_text("only for visitors on the server's own machine")


@pytest.mark.parametrize("where", PAGES)
def test_the_question_mark_shows_the_keys_on_every_page(page, server, where):
    page.goto(f"{server.url}/{where}")
    expect(page.locator(".frame #copy-link")).to_be_visible()
    page.locator("body").press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    expect(sheet.get_by_role("heading", level=3).first).to_have_text(f"On this page: {PAGES[where]}")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_a_question_mark_that_is_typed_is_text(page, server):
    lab = ComparePage(page).open(server.url)
    lab.query.press("End")
    page.keyboard.type("?")
    expect(lab.query).to_have_value(re.compile(r"\?$"))
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def focused(page: Page) -> str:
    """What has the focus, seen through the views' own trees: id or class, and whether it shows ("theirs": not ours)."""
    return page.evaluate(
        """() => {
          let e = document.activeElement;
          while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
          const isOurs = e.getRootNode() !== document;
          const shows = getComputedStyle(e).outlineStyle !== "none" ? "seen" : "unseen";
          return `${e.id || e.className || e.tagName} ${isOurs ? shows : "theirs"}`;
        }"""
    )


def test_from_paste_to_judged_result_without_a_mouse(page, server):
    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    met = []
    while not met or not met[-1].startswith("query"):
        page.keyboard.press("Tab")
        met.append(focused(page))
        assert len(met) < 30, met
    buttons = [one.split()[0] for one in met if one.startswith(("open-", "copy-"))]
    assert buttons == ["open-panel", "copy-link", "open-session", "open-sheet"], met
    assert not [one for one in met if one.endswith("unseen")], met
    page.keyboard.press("Control+A")
    page.keyboard.type("what do pike eat")
    while not focused(page).startswith("documents"):
        page.keyboard.press("Tab")
    page.evaluate("navigator.clipboard.writeText('Pike eat fish.\\nA café by the lake.\\nHerons eat frogs.')")
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+V")
    lab.wait_for_live(3)
    page.keyboard.press("Control+Enter")
    assert focused(page) == "grade seen"
    page.keyboard.type("310")
    expect(page.locator(".result #judged")).to_contain_text("3 of 3 documents judged")
    assert sorted(lab.grades().values()) == ["0", "1", "3"]
    page.keyboard.press("/")
    assert focused(page).startswith("query")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_with_panel_sheet_and_menus_open(new_context, server, width, scheme):
    page = new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)

    def press(name: str) -> None:
        if width == 390:
            page.locator(".frame #more").click()
        page.locator(".frame .menu").get_by_role("button", name=name).click()

    press("Keys")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert serious_findings(page) == [], "keys"
    page.keyboard.press("Escape")
    press("Models")
    page.get_by_text("Our held-out figures").click()
    ask_for(page, "not a name", "bi-encoder")
    expect(page.locator(".frame #add-said")).to_contain_text("neither a name on the Hub")
    assert serious_findings(page) == [], "models"
    page.keyboard.press("Escape")
    press("Session file")
    assert serious_findings(page) == [], "session file"
    page.keyboard.press("Escape")
    lab.open_menu("Export")
    assert serious_findings(page) == [], "export"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
