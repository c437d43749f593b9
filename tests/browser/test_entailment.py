"""Textual entailment in a real browser: swap, flip, a claim against a text, bad input, keys, links, phones."""

from __future__ import annotations

import csv
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.axe import serious_findings
from tests.browser.entailment_page import EntailmentPage
from tests.browser.tokens_page import TokensPage
from tests.entailment.conftest import classifier as classifier

PREMISE = "The ferry does not sail on Sundays."
HYPOTHESES = ["On Sundays the ferry stays in port.", "The ferry sails on Sundays.", "The ferry is blue."]
NASTY = '<img src=x onerror="document.title=1"> **bold** $x^2$ \u202e javascript:alert(1)'


@pytest.fixture
def lab(page, server):
    return EntailmentPage(page).open(f"{server.url}/entailment")


def predict(classifier, pairs):
    return classifier.model.predict(pairs, apply_softmax=True, show_progress_bar=False).tolist()


def test_swap_shows_both_directions_and_a_cosine_without_one(lab, classifier):
    lab.ask(PREMISE, "\n".join(HYPOTHESES), 3)
    lab.page.get_by_role("button", name="Swap: both directions").click()
    expect(lab.finding).to_contain_text("Swapped, the class")
    lab.settled(3)
    for number, text in enumerate(HYPOTHESES, 1):
        there, back = lab.row(number).locator(".bar").all()
        expected = predict(classifier, [(PREMISE, text), (text, PREMISE)])
        assert lab.exact(there) == pytest.approx(expected[0], abs=1e-4)
        assert lab.exact(back) == pytest.approx(expected[1], abs=1e-4)
        one, other = json.loads(lab.row(number).locator("td.cosine").get_attribute("data-exact"))
        assert one == pytest.approx(other, abs=1e-6)
    expect(lab.finding).to_contain_text("the same both ways")
    lab.page.get_by_role("button", name="Swap: both directions").click()
    expect(lab.page.locator(".says td.back:visible")).to_have_count(0)


def test_words_are_struck_until_it_flips_and_the_flip_is_recorded(lab, classifier):
    """Which word flips it is asked of the model: the test does not depend on one model's answer."""
    lab.ask(PREMISE, HYPOTHESES[1], 1)
    lab.page.get_by_role("button", name="1: strike words").click()
    lab.toggle_settled()
    lab.at("search").click()
    expect(lab.at("words")).to_contain_text("each struck alone")
    buttons = lab.at("words").locator("button")
    if not buttons.count():
        pytest.skip("no single word flips this pair with this model")
    side, index = (buttons.first.get_attribute(f"data-{name}") for name in ("side", "index"))
    before = lab.exact(lab.at("after").locator(".bar"))
    buttons.first.click()
    expect(lab.at(side).locator(f'[data-index="{index}"]')).to_have_attribute("aria-pressed", "true")
    expect(lab.at("finding")).to_contain_text("the class flips: ")
    lab.toggle_settled()
    expect(lab.at("flips").locator("li")).to_have_count(1)
    expect(lab.at("flips")).to_contain_text(f"struck from the {side}: ")
    texts = {"premise": PREMISE, "hypothesis": HYPOTHESES[1]}
    from components.attribution.toggle import Change

    change = Change(*texts.values(), *((int(index),) if side == one else () for one in texts))
    expected = predict(classifier, [tuple(texts.values()), change.texts])
    assert lab.exact(lab.at("before").locator(".bar")) == pytest.approx(expected[0], abs=1e-4)
    assert lab.exact(lab.at("after").locator(".bar")) == pytest.approx(expected[1], abs=1e-4)

    lab.at("undo").click()
    expect(lab.at("finding")).to_contain_text("Strike a word until the class flips.")
    lab.toggle_settled()
    assert lab.exact(lab.at("after").locator(".bar")) == before
    expect(lab.at("flips").locator("li")).to_have_count(2)  # back is a flip, too
    lab.strike("premise", "ferry")
    expect(lab.at("finding")).to_contain_text("With “ferry” struck")
    lab.at("reset").click()
    expect(lab.at("finding")).to_contain_text("Strike a word until the class flips.")
    expect(lab.toggle.locator('.w[aria-pressed="true"]')).to_have_count(0)


def test_a_claim_against_the_sentences_of_a_text(lab, classifier):
    lab.page.get_by_role("button", name="A claim against a text").click()
    expect(lab.page.get_by_label("Claim", exact=True)).to_be_visible()
    sentences = ["Dr. Lund opened the clinic in 1962.", "It cost 3.5 million.", "Today it is a school."]
    claim = "The clinic was built before 1970."
    lab.ask(claim, " ".join(sentences), 3)
    expect(lab.page.locator(".asks #found")).to_have_text("3 sentences, cut by sentencex")
    expected = predict(classifier, [(sentence, claim) for sentence in sentences])
    for number, sentence in enumerate(sentences, 1):
        expect(lab.row(number).locator(".said")).to_have_text(sentence)
        assert lab.exact(lab.row(number).locator(".bar").first) == pytest.approx(expected[number - 1], abs=1e-4)
    expect(lab.finding).to_have_text(re.compile("^Of 3 sentences, .*the claim.* it"))
    lab.page.locator(".says #sort").select_option(label="contradiction")
    order = sorted(range(3), key=lambda place: -expected[place][classifier.labels.index("contradiction")])
    assert lab.numbers() == [place + 1 for place in order]
    lab.page.get_by_role("button", name="Premise and hypotheses").click()
    expect(lab.above).not_to_have_value(claim)  # each way of asking keeps its own text
    lab.page.get_by_role("button", name="A claim against a text").click()
    expect(lab.above).to_have_value(claim)


def test_bad_input_is_a_sentence_and_nothing_typed_is_lost(lab):
    titles = lab.page.title()
    lab.above.fill("")
    expect(lab.problem).to_contain_text("The premise is empty")
    expect(lab.page.locator(".says.stale")).to_have_count(1)  # the answer stays, greyed
    lab.above.fill("x" * 2001)
    expect(lab.problem).to_contain_text("2,001 characters, and 2,000 is the limit")
    expect(lab.above).to_have_value("x" * 2001)
    lab.above.fill(PREMISE)
    lab.below.fill("one\n" * 201)
    expect(lab.problem).to_contain_text("These are 201 hypotheses, and 200 is the limit")
    lab.ask(NASTY, f"{NASTY}\nΟ καιρός είναι καλός σήμερα στην πόλη.", 2)
    expect(lab.row(1).locator(".said")).to_have_text(NASTY)
    expect(lab.page.locator(".says #notes")).to_contain_text("Not English, it seems")
    assert lab.page.title() == titles
    assert lab.page.locator(".says img").count() == 0


def test_a_model_by_name_is_used_or_refused_with_what_to_choose(lab):
    lab.page.locator(".says #model").select_option(label="another, by name …")
    name = lab.page.get_by_label("Name of the model")
    for typed, words in (("relevance", "one output, a relevance score"), ("nobody/has-this", "on this machine")):
        name.fill(typed)
        name.press("Enter")
        expect(lab.page.locator(".says #model-problem")).to_contain_text(words)
        expect(lab.page.locator(".says #model-problem")).to_contain_text("choose “entailment”")
    lab.settled()
    expect(lab.rows.first).to_be_visible()


def test_the_tally_says_how_often_and_where_not(lab, classifier):
    from components.entailment.pairs import built_in_pairs

    pairs = built_in_pairs()
    logits = classifier.model.predict([(one.premise, one.hypothesis) for one in pairs], show_progress_bar=False)
    right = sum(classifier.labels[row.argmax()] == one.expected for row, one in zip(logits, pairs, strict=True))
    expect(lab.tally).to_contain_text(f"Right on {right} of our {len(pairs)} pairs")
    lab.page.get_by_label("only where it is not right").check()
    expect(lab.page.locator(".tally tbody tr:visible")).to_have_count(len(pairs) - right)
    lab.page.get_by_role("button", name="Run again").click()
    expect(lab.page.get_by_role("button", name="Run again")).to_be_visible()
    expect(lab.tally).to_contain_text(f"Right on {right} of our {len(pairs)} pairs")
    lab.page.get_by_label("only where it is not right").uncheck()
    expect(lab.page.locator(".tally details[open]")).to_have_count(0)  # as it was before
    lab.page.locator(".tally summary", has_text="Who did what to whom").click()
    lab.page.get_by_role("button", name="Open: Lagos lost").first.click()
    expect(lab.above).to_have_value("Lagos lost the match against Accra.")
    lab.settled(2)


def test_a_pair_opens_in_tokens_with_its_class_explained(lab, classifier):
    lab.ask(PREMISE, "\n".join(HYPOTHESES), 3)
    expected = predict(classifier, [(PREMISE, HYPOTHESES[1])])[0]
    logits = classifier.forward([(PREMISE, HYPOTHESES[1])])[0]
    lab.row(2).locator("button", has_text="Tokens").click()
    tokens = TokensPage(lab.page)
    tokens.wait()
    top = expected.index(max(expected))
    shown = f"{logits[top]:.2f}".replace("-", "−")
    expect(tokens.score).to_contain_text(f"logit of “{classifier.labels[top]}” {shown}")
    other = (top + 1) % 3
    lab.page.get_by_role("radio", name=classifier.labels[other]).click()
    expect(tokens.score).to_contain_text(f"logit of “{classifier.labels[other]}”")
    lab.page.get_by_role("button", name="Back to Compare's documents").click()
    expect(tokens.score).not_to_contain_text("logit of “")
    lab.page.get_by_role("link", name="Textual entailment").click()
    expect(lab.above).to_have_value(PREMISE)  # and the text is still there
    lab.settled(3)


def test_a_reload_and_another_page_lose_nothing(lab, server):
    lab.ask(PREMISE, "\n".join(HYPOTHESES), 3)
    lab.page.get_by_role("link", name="Compare").click()
    expect(lab.page.locator(".result .finding")).not_to_be_empty()
    expect(lab.page.get_by_label("Query", exact=True)).not_to_have_value(PREMISE)
    lab.page.get_by_role("link", name="Textual entailment").click()
    expect(lab.above).to_have_value(PREMISE)
    lab.page.reload()
    expect(lab.above).to_have_value(PREMISE)
    expect(lab.below).to_have_value("\n".join(HYPOTHESES))
    lab.settled(3)
    lab.page.get_by_role("button", name="Forget my text").click()
    expect(lab.above).to_have_value("")
    lab.page.reload()
    expect(lab.above).to_have_value("The bakery on Mill Lane does not open on Mondays.")


def test_a_link_opens_the_same_view_and_a_cut_one_says_so(lab, new_context, server):
    lab.ask(PREMISE, "\n".join(HYPOTHESES), 3)
    lab.page.get_by_role("button", name="Swap: both directions").click()
    expect(lab.finding).to_contain_text("Swapped")
    lab.page.locator(".says #sort").select_option("cosine")
    lab.settled(3)
    lab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.page.locator('.says [data-save="link"]').click()
    expect(lab.page.locator(".says #saved")).to_have_text("Link copied, the text in it.")
    link = lab.page.evaluate("navigator.clipboard.readText()")
    assert not urlsplit(link).query  # the text stands after the #, so no server sees it
    assert parse_qs(urlsplit(link).fragment)["above"] == [PREMISE]

    other = EntailmentPage(new_context().new_page())
    other.page.goto(link)
    expect(other.above).to_have_value(PREMISE)
    expect(other.finding).to_contain_text("Swapped")
    other.settled(3)
    assert other.numbers() == lab.numbers()
    expect(other.problem).to_be_hidden()
    assert "#" not in other.page.url

    cut = EntailmentPage(new_context().new_page())
    cut.page.goto(link[: link.index("below") + 20])
    expect(cut.problem).to_contain_text("This link is cut or changed")
    expect(cut.above).to_have_value(PREMISE)


def test_exports_hold_what_is_shown(lab, tmp_path):
    lab.ask("=SUM(1)", "\n".join(HYPOTHESES), 3)
    with lab.page.expect_download() as waiting:
        lab.page.get_by_role("button", name="CSV").click()
    waiting.value.save_as(tmp_path / "made.csv")
    rows = list(csv.DictReader((tmp_path / "made.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["hypothesis"] for row in rows] == HYPOTHESES
    assert rows[0]["premise"] == "'=SUM(1)"
    shown = lab.exact(lab.row(1).locator(".bar").first)
    assert [
        float(rows[0][f"probability_{one}"]) for one in ("entailment", "neutral", "contradiction")
    ] == pytest.approx(shown, rel=1e-6)
    with lab.page.expect_download() as waiting:
        lab.page.get_by_role("button", name="JSON").click()
    waiting.value.save_as(tmp_path / "made.json")
    assert json.loads((tmp_path / "made.json").read_text(encoding="utf-8"))["pairs"][2]["hypothesis"] == HYPOTHESES[2]


def test_everything_goes_with_keys_alone(lab):
    lab.ask(PREMISE, HYPOTHESES[0], 1)
    page = lab.page
    page.get_by_role("button", name="1: strike words").press("Enter")
    lab.toggle_settled()
    lab.at("premise").locator(".w").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(lab.at("finding")).to_contain_text("With “ferry” struck from the premise")
    lab.toggle_settled()
    page.keyboard.press("u")
    expect(lab.at("finding")).to_contain_text("Strike a word until the class flips.")
    page.get_by_role("button", name="Close").press("Enter")
    expect(lab.toggle).to_have_count(0)
    page.get_by_role("button", name="Swap: both directions").press("Enter")
    expect(lab.finding).to_contain_text("Swapped")
    lab.settled(1)
    page.get_by_role("button", name="1: strike words").press("t")
    TokensPage(page).wait()
    expect(TokensPage(page).score).to_contain_text("logit of “")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (390, "light"), (1280, "dark")])
def test_nothing_serious_for_axe_and_nothing_too_wide(new_context, server, width, scheme):
    page = new_context(viewport={"width": width, "height": 844}, color_scheme=scheme).new_page()
    lab = EntailmentPage(page).open(f"{server.url}/entailment")
    page.get_by_role("button", name="Swap: both directions").click()
    expect(lab.finding).to_contain_text("Swapped")
    lab.settled()
    page.get_by_role("button", name="1: strike words").click()
    lab.toggle_settled()
    expect(lab.tally).to_contain_text("Right on")
    page.locator(".tally summary").first.click()
    expect(page.locator('[data-stale="true"]')).to_have_count(0)  # Streamlit pales what it draws anew
    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for button in lab.rows.first.locator("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width
