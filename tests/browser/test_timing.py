"""Timing as a person uses it: a race to its end, Stop, the budget, and numbers that agree wherever they stand."""

from __future__ import annotations

import csv
import io
import json
import re
from statistics import median

import pytest
from playwright.sync_api import Page, expect

from components.timing.budget import BUDGETS, documents_within, p95_line
from components.timing.export import from_json
from components.timing.findings import budget_sentence, race_sentence, stages_sentence
from components.timing.made_up import COUNTS
from components.timing.records import Way
from components.timing.stored import load_stored
from components.timing.words import time_words
from tests.browser.axe import serious_findings
from tests.browser.compare_page import ComparePage


class TimingPage:
    """Finds things as a reader does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sent: list[object] = []  # what has gone to the server
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: self.sent.append(frame)))
        self.finding = page.locator(".timing #finding")
        self.mark = page.locator(".timing #mark")
        self.waiting = page.locator(".timing #waiting")
        self.race = page.get_by_role("button", name="Race", exact=True)
        self.stop = page.get_by_role("button", name="Stop", exact=True)
        self.figures = page.locator(".figures")
        self.budget = page.get_by_label("Budget for re-ranking", exact=True)
        self.said = page.locator(".figures #budget-said")

    def open(self, url: str) -> TimingPage:
        self.page.goto(f"{url}/timing")
        expect(self.finding).not_to_be_empty()
        expect(self.page.locator(".figures #strip svg")).to_be_visible()
        return self

    def ready(self) -> TimingPage:
        expect(self.race).to_be_enabled()
        return self

    def save(self, kind: str) -> str:
        with self.page.expect_download() as waiting:
            self.page.locator(f'.figures [data-save="{kind}"]').click()
        return waiting.value.path().read_text(encoding="utf-8")

    def row(self, table: str, way: str) -> list[str]:
        """The cells of a way's row in a table that may be folded up."""
        row = self.page.locator(f".figures #{table} tbody tr").filter(has=self.page.locator(f'th:text-is("{way}")'))
        return row.locator("th, td").all_text_contents()


@pytest.fixture
def timing(page, server):
    return TimingPage(page).open(server.url)


@pytest.fixture(scope="module")
def raced(browser, server):
    """A race to the end, of few made-up documents; several tests read its page."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light").new_page()
    timing = TimingPage(page).open(server.url).ready()
    page.get_by_label("Which documents race", exact=True).select_option("made up")
    page.get_by_label("How many documents", exact=True).fill("3")
    page.get_by_label("How many documents", exact=True).press("Tab")
    page.get_by_label("Tokens of each document", exact=True).select_option("16")
    page.get_by_label("Replicates", exact=True).select_option("5")
    timing.race.click()
    expect(timing.stop).to_be_visible()
    expect(page.locator(".timing .lane .tick").first).to_be_visible()
    expect(timing.mark).to_contain_text("Measured here", timeout=300_000)
    expect(timing.race).to_be_enabled(timeout=300_000)
    expect(page.locator(".figures #million")).to_be_visible()
    yield timing
    page.context.close()


def test_before_any_race_a_stored_one_is_shown_and_marked(timing):
    kept = load_stored()
    expect(timing.finding).to_have_text(race_sentence(kept))
    expect(timing.mark).to_contain_text(f"Stored: raced on {kept.stored}")
    expect(timing.page.locator(".figures .environment").first).to_contain_text("Stored: the first example's")


def test_a_race_to_the_end(raced):
    result = from_json(raced.save("json"))
    assert result.complete
    assert (result.documents, result.rounds) == (3, 5)
    expect(raced.finding).to_have_text(race_sentence(result))
    lanes = raced.page.locator(".timing .lane")
    expect(lanes).to_have_count(2)
    for lane in lanes.all():
        assert lane.locator(".tick").count() == 3
        expect(lane.locator(".now")).to_contain_text("3 of 3 documents")
    for part in (
        "cpu",
        "thread",
        "float32",
        "batches of at most",
        "max length",
        "5 replicates",
        "other processes used",
    ):
        expect(raced.page.locator(".figures .environment").first).to_contain_text(part)


def test_sentence_figure_and_table_say_the_same(raced):
    result = from_json(raced.save("json"))
    page = raced.page
    for way in Way:
        half = median(result.totals(way))
        group = page.locator(f'.figures #strip g[data-way="{way}"]')
        assert float(group.locator(".median").get_attribute("data-ms")) == pytest.approx(half, abs=1e-2)
        marks = [
            float(mark) for mark in group.locator("[data-value]").evaluate_all("all => all.map(e => e.dataset.value)")
        ]
        assert marks == pytest.approx(result.totals(way), abs=1e-2)
        row = raced.row("strip-table", way)
        assert row[2] == time_words(half)
        assert len(row[-1].split()) == 5
    finding = raced.finding.inner_text()
    for way in (Way.CROSS, Way.NOTHING, Way.DOCUMENTS):
        assert time_words(median(result.totals(way))) in finding


def test_the_stages_on_the_page_add_up(raced):
    result = from_json(raced.save("json"))
    for way in Way:
        lap = result.typical(way)
        row = raced.row("stages-table", way)
        assert row[1:4] == [time_words(stage) for stage in lap.stages]
        assert row[4] == time_words(lap.total)
        assert row[5] == f"{100 * sum(lap.stages) / lap.total:.1f} %"
    # Whether they do is the machine's: on a busy one a stage may wait between two clocks, and the sentence says so.
    expect(raced.page.locator(".figures #stages-said")).to_contain_text(stages_sentence(result))


def test_the_budget_slider_answers_in_the_browser(raced):
    result = from_json(raced.save("json"))
    assert raced.sent  # the race was asked for
    raced.sent.clear()
    raced.budget.focus()
    raced.page.keyboard.press("Home")
    line = p95_line(result, Way.CROSS)
    for budget in BUDGETS[:12]:
        expect(raced.said).to_have_text(budget_sentence(result, budget))
        expect(raced.page.locator(".figures #budget-ms")).to_have_text(time_words(budget))
        within = documents_within(line, budget)
        row = raced.row("budget-table", time_words(budget))
        assert row[1] == (f"{within.documents:,}" if within else "not computed")
        raced.page.keyboard.press("ArrowRight")
    assert raced.budget.get_attribute("aria-valuetext") == time_words(BUDGETS[12])
    assert raced.sent == []


def test_a_million_is_dashed_and_labelled(raced):
    page = raced.page
    said = page.locator(".figures #million-said")
    page.get_by_label("Documents in the collection", exact=True).focus()
    page.keyboard.press("End")
    expect(said).to_contain_text("Extrapolated: one query over 1,000,000 documents")
    over_all = page.locator('.figures #million-plot g[data-series="cross-encoder over all"]')
    assert over_all.locator("path.dashed").count() >= 3
    assert over_all.locator("path.band").count() == 1
    row = raced.row("million-table", "1,000,000")
    assert "extrapolated" in row[1]
    assert row[1].split(" (")[0] in said.inner_text()
    page.get_by_label("Documents re-ranked in the second stage", exact=True).focus()
    page.keyboard.press("Home")
    expect(said).to_contain_text("with the best 10 re-ranked")
    expect(page.locator(".figures #million-table th").last).to_have_text("1,000,000")
    expect(page.locator(".figures #break-even")).to_contain_text("Embedding 1,000,000 documents once takes")


def test_csv_has_the_environment(raced):
    rows = list(csv.DictReader(io.StringIO(raced.save("csv"))))
    whole = json.loads(raced.save("json"))
    assert {row["device"] for row in rows} == {"cpu"}
    assert {row["threads"] for row in rows} == {str(whole["environment"]["threads"])}
    laps = [row for row in rows if row["part"] == "race" and row["round"] != "0"]
    assert len(laps) == 5 * 4


def test_what_was_raced_outlives_another_page_and_another_text(raced):
    page = raced.page
    finding = raced.finding.inner_text()
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(".result .finding")).not_to_be_empty()
    page.get_by_role("link", name="Timing").click()
    expect(raced.finding).to_have_text(finding)
    expect(page.get_by_label("How many documents", exact=True)).to_have_value("3")
    expect(raced.race).to_be_enabled()
    page.get_by_label("Which documents race", exact=True).select_option("workspace")
    expect(raced.mark).to_contain_text("of other documents or settings")
    expect(page.locator(".timing.stale")).to_be_visible()
    expect(page.locator(".figures.stale")).to_be_visible()
    page.get_by_label("Which documents race", exact=True).select_option("made up")
    expect(page.locator(".timing.stale")).to_have_count(0)


def test_stop(page, server):
    timing = TimingPage(page).open(server.url).ready()
    before = timing.finding.inner_text()
    page.get_by_label("Which documents race", exact=True).select_option("made up")
    page.get_by_label("How many documents", exact=True).fill("200")
    page.get_by_label("How many documents", exact=True).press("Tab")
    page.get_by_label("Tokens of each document", exact=True).select_option("256")
    timing.race.click()
    expect(timing.stop).to_be_visible()
    expect(page.get_by_label("How many documents", exact=True)).to_be_disabled()
    timing.stop.click()
    expect(timing.waiting).to_have_text(re.compile("Stopping|^$"))
    expect(timing.race).to_be_enabled()
    expect(page.locator(".timing #problem")).to_contain_text("stopped before three replicates were complete")
    expect(timing.finding).to_have_text(before)
    expect(page.get_by_label("How many documents", exact=True)).to_have_value("200")


def test_an_older_answer_does_not_undo_what_was_typed(page, server):
    """A server that is busy answers the choice before once more while the number is on its way to it."""
    TimingPage(page).open(server.url).ready()
    page.get_by_label("Which documents race", exact=True).select_option("made up")
    count = page.get_by_label("How many documents", exact=True)
    expect(count).to_be_visible()
    shown = page.locator(".timing").evaluate(
        """root => {
            root.querySelector("#count").value = "170";
            root.labView.update(root.labView.data, root.labView.send);
            return root.querySelector("#count").value;
        }"""
    )
    assert shown == "170"
    count.fill("60")  # still in the box when the server says something new
    page.locator(".timing").evaluate(
        """root => {
            const { data, send } = root.labView;
            root.labView.update({ ...data, asked: { ...data.asked, count: 33 } }, send);
            root.labView.update({ ...data, asked: { ...data.asked, count: 33 } }, send);
        }"""
    )
    expect(count).to_have_value("60")
    count.fill("100000")
    count.press("Tab")
    expect(count).to_have_value(str(COUNTS[1]))


def test_an_empty_query_is_said_and_made_up_ones_race_all_the_same(page, server):
    lab = ComparePage(page).open(server.url)
    lab.query.fill("")
    expect(lab.problem).to_be_visible()
    page.get_by_role("link", name="Timing").click()
    timing = TimingPage(page)
    expect(page.locator(".timing #problem")).to_contain_text("The query is empty")
    expect(timing.race).to_be_disabled()
    page.get_by_label("Which documents race", exact=True).select_option("made up")
    expect(timing.race).to_be_enabled()
    expect(page.locator(".timing #problem")).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_and_nothing_too_wide(new_context, server, width, scheme):
    page = new_context(viewport={"width": width, "height": 844}, color_scheme=scheme).new_page()
    TimingPage(page).open(server.url)
    assert serious_findings(page) == []
    for details in page.locator(".figures details > summary").all():
        details.click()
    assert serious_findings(page) == [], "all tables open"
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_terms_explain_themselves_by_key(timing):
    term = timing.page.locator(".figures #strip-legend button.term", has_text="p95")
    term.focus()
    expect(timing.page.get_by_role("tooltip")).to_contain_text("95 of 100 replicates took less")
    timing.page.keyboard.press("Escape")
    expect(timing.page.get_by_role("tooltip")).to_be_hidden()
