"""Judging as a person does it: by keys, blind, and against the standard tools."""

from __future__ import annotations

import re
import time
from pathlib import Path

import ir_measures
import pytest
from playwright.sync_api import expect

from tests.browser.compare_page import ComparePage

STATES = ("late", "full", "red", "slow", "old")
TEN = [f"Train number {number} to the coast is {word}." for number, word in enumerate(STATES)]
TEN += [f"The station of {name} is closed." for name in ("Arlen", "Brook", "Cley", "Dunes", "Elm")]


def first_grade(lab: ComparePage):
    return lab.rows.first.locator("button.grade").first


def test_ten_digits_without_a_pause_land_on_ten_documents(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("why is the train late", TEN)
    order = lab.numbers()
    started = time.monotonic()
    first_grade(lab).focus()
    page.keyboard.type("3210012310")
    expect(page.locator(".result #judged")).to_contain_text("10 of 10 documents judged")
    assert time.monotonic() - started < 30
    assert lab.grades() == dict(zip(order, "3210012310", strict=True))
    focused = "document.querySelectorAll('*')"
    assert page.evaluate(
        f"[...{focused}].map(e => e.shadowRoot?.activeElement?.closest('tr')?.dataset.number).find(Boolean)"
    ) == str(order[-1])


def test_focus_and_judgments_survive_a_change_of_the_data(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("why is the train late", TEN)
    first_grade(lab).focus()
    page.keyboard.type("31")
    before = lab.grades()
    page.evaluate("document.title = 'focus stays'")
    lab.open_menu("Columns")
    page.get_by_label(re.compile("^BM25")).check()
    expect(page.locator(".result thead th.score")).to_have_count(3)
    page.keyboard.press("Escape")
    assert lab.grades() == before
    lab.insert(lab.documents, "\n".join([*TEN, "One more about a train."]))
    lab.wait_for_live(11)
    assert lab.grades() == before
    edited = [text.replace("red", "blue") for text in TEN]
    lab.insert(lab.documents, "\n".join(edited))
    lab.wait_for_live(10)
    kept = {number: grade for number, grade in before.items() if "red" not in TEN[number - 1]}
    assert lab.grades() == kept


def test_keys_move_correct_and_take_back(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("why is the train late", TEN[:4])
    order = lab.numbers()
    first_grade(lab).focus()
    page.keyboard.type("33")
    page.keyboard.press("ArrowUp")
    page.keyboard.type("0")
    assert lab.grades() == {order[0]: "3", order[1]: "0"}
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Backspace")
    assert lab.grades() == {order[0]: "3"}
    lab.row(order[3]).locator("button.grade").nth(2).click()
    assert lab.grades() == {order[0]: "3", order[3]: "2"}
    lab.row(order[3]).locator("button.grade").nth(2).click()  # the same again takes it back
    assert lab.grades() == {order[0]: "3"}
    expect(page.locator(".result #judged")).to_contain_text(
        "1 of 4 documents judged; the other 3 count as not relevant"
    )


def test_a_reload_keeps_the_judgments_and_forgetting_does_not(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("why is the train late", TEN[:3])
    first_grade(lab).focus()
    page.keyboard.type("321")
    expect(page.locator(".result #judged")).to_contain_text("3 of 3 documents judged")
    before = lab.grades()
    page.reload()
    expect(lab.query).to_have_value("why is the train late")
    expect(page.locator(".result #judged")).to_contain_text("3 of 3 documents judged")
    assert lab.grades() == before
    page.get_by_role("button", name="Forget my text").click()
    expect(lab.rows).to_have_count(0)
    lab.paste("why is the train late", TEN[:3])
    assert lab.grades() == {}


def test_blind_judging_sends_neither_scores_nor_order(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("why is the train late", TEN)
    shown = {number: lab.row(number).locator(".value").all_text_contents() for number in lab.numbers()}
    by_model = lab.numbers()
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(str(data))))
    lab.open_menu("Judge")
    page.get_by_label(re.compile("blind")).check()
    expect(lab.finding).to_contain_text("judging blind")
    expect(page.locator(".result th.score")).to_have_count(0)
    html = page.evaluate(
        "[...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean).map(s => s.innerHTML).join('')"
    )
    for values in shown.values():
        for value in values:
            assert value not in html
    assert "first" not in lab.finding.inner_text()
    assert page.locator(".result svg *").count() == 0
    assert page.locator(".result .rank, .result .value, .result #agree *").count() == 0
    assert sorted(lab.numbers()) == sorted(by_model)
    page.keyboard.press("Escape")
    blind_order = lab.numbers()
    first_grade(lab).focus()
    page.keyboard.type("3210012310")
    page.wait_for_timeout(800)
    assert lab.numbers() == blind_order, "rows do not move while one judges"
    assert page.locator(".result tfoot tr").count() == 0
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator(".result #judged")).to_contain_text("10 of 10 documents judged")
    assert lab.grades() == dict(zip(blind_order, "3210012310", strict=True))
    assert lab.numbers() == by_model


def test_example_judgments_come_only_when_asked(page, server):
    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)
    expect(page.locator(".result #lesson")).to_contain_text("which the judgments call")
    assert lab.grades() == {}
    lab.open_menu("Judge")
    page.get_by_role("button", name="Use the example's judgments").click()
    expect(page.locator(".result #judged")).to_contain_text("8 of 8 documents judged")
    assert lab.grades() == dict(enumerate("13031100", 1))
    page.get_by_role("button", name="Take these judgments back").click()
    expect(page.locator(".result #judged li")).to_have_count(0)
    assert lab.grades() == {}


def test_measures_equal_those_of_ir_measures_on_the_exports(page, server):
    lab = ComparePage(page).open(server.url)
    lab.choose_example("duplicates-and-ties", 8)
    lab.open_menu("Columns")
    page.get_by_label(re.compile("^BM25")).check()
    expect(page.locator(".result thead th.score")).to_have_count(3)
    page.keyboard.press("Escape")
    first_grade(lab).focus()
    page.keyboard.type("20310")
    expect(page.locator(".result #judged")).to_contain_text(
        "5 of 8 documents judged; the other 3 count as not relevant"
    )
    lab.open_menu("Export")
    qrels = _download(page, "judgments (qrels)")
    for place, column in enumerate(("bi-encoder", "cross-encoder", "BM25")):
        run = _download(page, f"run of the {column}")
        for row in page.locator(".result tfoot tr").all():
            measure = ir_measures.parse_measure(row.locator("th").inner_text())
            shown = float(row.locator("td.score").nth(place).inner_text().split()[0])
            expected = ir_measures.calc_aggregate(
                [measure], list(ir_measures.read_trec_qrels(qrels)), list(ir_measures.read_trec_run(run))
            )[measure]
            assert shown == pytest.approx(expected, abs=0.00051), (column, measure)


def _download(page, name: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def test_the_tail_no_model_saw_is_grey_and_chunks_reach_it(page, server):
    lab = ComparePage(page).open(server.url)
    long_text = "The mouse hides under the snow. " * 90 + "Owls hear it through half a metre of snow."
    lab.paste("how do owls find a mouse under snow", [long_text, "Owls are birds."])
    lab.row(1).locator(".text button").click()
    full = page.locator(".result .detail .full")
    expect(full.locator(".unread")).not_to_have_count(0)
    expect(full.locator(".stop").first).to_contain_text("never read by the bi-encoder")
    assert full.locator(".whole").inner_text().endswith("half a metre of snow.")
    lab.open_menu("Long documents")
    page.get_by_label("score", exact=True).select_option("max")
    expect(page.locator(".result #made")).to_contain_text("highest of chunks of 128 tokens")
    expect(full.locator(".unread")).to_have_count(0)
    expect(full.locator(".best").first).to_be_visible()
    expect(lab.row(1).locator(".tokens")).to_have_attribute("title", re.compile(r"in \d+ chunks"))


def test_ten_rows_with_both_scores_are_on_the_first_screen(page, server):
    lab = ComparePage(page).open(server.url)
    lab.paste("why is the train late", TEN)
    for row in (lab.rows.first, lab.rows.last):
        for part in (".value >> nth=0", ".value >> nth=1", "button.grade >> nth=3"):
            box = row.locator(part).bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 800
            assert box["x"] + box["width"] <= 1280


@pytest.mark.parametrize("width", [1280, 390])
def test_the_first_judgment_moves_nothing_above_it(new_context, server, width):
    page = new_context(viewport={"width": width, "height": 844}).new_page()
    lab = ComparePage(page).open(server.url)
    lab.wait_for_live(8)

    def places() -> list[float]:
        """How far the rows are below the finding, in px: clicking may scroll the page."""
        boxes = [part.bounding_box() for part in (lab.finding, lab.rows.first, lab.rows.nth(4), lab.rows.last)]
        return [box["y"] - boxes[0]["y"] for box in boxes]

    before = places()
    lab.rows.first.locator("button.grade").nth(0).click()
    expect(page.locator(".result #judged")).to_contain_text("1 of 8 documents judged")
    assert places() == pytest.approx(before, abs=1)
    lab.rows.last.locator("button.grade").nth(3).click()
    expect(page.locator(".result #judged")).to_contain_text("2 of 8 documents judged")
    expect(page.locator(".result #lesson")).to_contain_text("is most wrong about")
    assert places() == pytest.approx(before, abs=1)
