"""A comparison as files: harmless, whole, and the script makes the same ranking."""

import csv
import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.errors import InputProblem
from components.export.chart import slope_chart
from components.export.report import ReportWords, html_report
from components.export.script import MOST_LINES, ranking_script
from components.export.table import to_csv, to_json
from components.judging.metrics import measure
from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, neural_models
from components.records import Column, Comparison, Document, Kind, PairScore, ScorerInfo
from components.scoring.bm25 import BM25Scorer
from components.scoring.compare import compare
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore

NASTY = [
    "=1+1",
    "</script><script>alert(1)</script>",
    'quote " \' """ \\ end',
    "two\nlines, {braces} %s",
    "emoji 🦩 é",
    "<b>$x$</b>",
]


def made(texts, scores, query="herons", kinds=(Kind.BI_ENCODER, Kind.CROSS_ENCODER), pooling=""):
    documents = tuple(Document(number, text) for number, text in enumerate(texts, 1))
    columns = tuple(
        Column(
            ScorerInfo(f"k{place}", kind, f"model {place}", "logit", 512, pooling=pooling),
            tuple(PairScore(v, 3, 3) for v in values),
        )
        for place, (kind, values) in enumerate(zip(kinds, scores, strict=True))
    )
    return Comparison(query, documents, columns)


def scored(query, texts, scorers):
    documents = tuple(Document(number, text) for number, text in enumerate(texts, 1))
    found = []
    for _ in compare(query, documents, scorers, Stores(), SeenBefore(), found.append)(Progress()):
        pass
    return found[0]


def test_the_csv_holds_every_number_and_no_formula():
    shown = made(NASTY, ([-0.1 * n for n in range(6)], [float(n) for n in range(6)]), query="@query")
    rows = list(csv.DictReader(io.StringIO(to_csv(shown, (3, None, 0, 1, 2, None)))))
    assert [row["document"].removeprefix("'") for row in rows] == NASTY
    assert rows[0]["document"] == "'=1+1"
    assert {row["query"] for row in rows} == {"'@query"}
    assert [float(row["bi-encoder logit"]) for row in rows] == list(shown.columns[0].values)
    assert [row["cross-encoder rank"] for row in rows] == ["6", "5", "4", "3", "2", "1"]
    assert [row["judgment"] for row in rows] == ["3", "", "0", "1", "2", ""]


def test_the_json_holds_the_record_and_the_measures():
    shown = made(["a", "b"], ([1.0, 2.0], [2.0, 1.0]))
    content = json.loads(to_json(shown, (1, 0), measure(shown.columns, shown.documents, (1, 0), 1)))
    assert content["ranks"] == [[2, 1], [1, 2]]
    assert content["measures"]["RR"] == [0.5, 1.0]
    assert content["columns"][0]["scorer"]["unit"] == "logit"
    assert content["judgments"] == [1, 0]


texts = st.text(max_size=30)
numbers = st.floats(-50, 50, allow_nan=False)


@given(st.lists(st.tuples(texts, numbers, numbers), min_size=1, max_size=8), texts)
def test_chart_and_report_of_any_text_are_well_formed(rows, query):
    shown = made([row[0] for row in rows], ([row[1] for row in rows], [row[2] for row in rows]), query=query)
    root = ElementTree.fromstring(slope_chart(shown, query, query))
    assert len(root.findall("{http://www.w3.org/2000/svg}path")) == len(rows)
    page = html_report(shown, (None,) * len(rows), None, ReportWords("made", (), "2026-01-01"))
    tags = Tags()
    tags.feed(page)
    assert not tags.found & {"script", "img", "link", "iframe", "object", "b-"}


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.handlers = set(), []

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]


def test_the_report_shows_markup_as_text_and_holds_the_measures():
    shown = made(NASTY, ([1.0, 2, 3, 4, 5, 6], [6.0, 5, 4, 3, 2, 1]), query="<i>q</i>")
    quality = measure(shown.columns, shown.documents, (3, 0, 0, 0, 0, 1), 3)
    page = html_report(shown, (3, 0, 0, 0, 0, 1), quality, ReportWords("made by <us>", ("a & b",), "2026-01-01"))
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.found
    assert tags.handlers == []
    assert "&lt;/script&gt;&lt;script&gt;" in page
    assert "nDCG@3" in page
    assert "a &amp; b" in page
    assert "https://" not in page
    assert set(re.findall(r"http://[^\s\"']+", page)) == {"http://www.w3.org/2000/svg"}  # a name, not an address


def test_tied_documents_meet_in_the_chart():
    root = ElementTree.fromstring(slope_chart(made(["a", "b", "c"], ([1, 1, 0], [3, 2, 1])), "t", "c"))
    circles = [float(one.get("cy")) for one in root.findall("{http://www.w3.org/2000/svg}circle")]
    assert len(set(circles)) == 2


def test_the_script_makes_the_same_ranking(bi_encoder, cross_encoder, tmp_path):
    """Run as a visitor runs it: another process, sentence-transformers alone, a folder of its own."""
    shown = scored("what do herons eat", [*NASTY, "Herons eat fish."], [bi_encoder, cross_encoder, BM25Scorer()])
    folders = {spec.key: str(spec.folder) for spec in neural_models()}
    places = {key: folders[key] for key in (DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER)}
    text = ranking_script(shown, places)
    assert len(text.splitlines()) <= MOST_LINES
    assert "BM25 is left out" in text
    assert "components" not in text
    (tmp_path / "reproduce.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "reproduce.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    blocks = re.split(r"^(bi-encoder|cross-encoder)$", done.stdout, flags=re.MULTILINE)
    printed = dict(zip(blocks[1::2], blocks[2::2], strict=True))
    for column in shown.columns[:2]:
        lines = re.findall(r"^\s*(\S+)  document (\d+):", printed[str(column.scorer.kind)], flags=re.MULTILINE)
        found = {int(number): float(score) for score, number in lines}
        for number, value in enumerate(column.values, 1):
            assert found[number] == pytest.approx(value, abs=1e-4)
        assert [float(score) for score, _ in lines] == sorted((float(score) for score, _ in lines), reverse=True)


def test_six_columns_stay_within_the_lines():
    kinds = (Kind.BI_ENCODER, Kind.CROSS_ENCODER, Kind.BI_ENCODER, Kind.CROSS_ENCODER, Kind.CROSS_ENCODER, Kind.BM25)
    text = ranking_script(made(["a", "b"], [[1.0, 2.0]] * 6, kinds=kinds), {})
    assert len(text.splitlines()) <= MOST_LINES
    compile(text, "script", "exec")


@given(st.lists(st.text(), min_size=1, max_size=5), st.text())
def test_a_script_of_any_text_compiles_to_that_text(found, query):
    clean = [text.encode("utf-8", "replace").decode() for text in found]
    code = ranking_script(made(clean, [[0.0] * len(clean)] * 2, query=query.encode("utf-8", "replace").decode()), {})
    start = code.index("query = ")
    names = {}
    exec(code[start : code.index("\n\n\ndef show")], names)
    assert names["documents"] == clean


def test_chunks_are_no_work_for_a_short_script():
    with pytest.raises(InputProblem, match="Long documents"):
        ranking_script(made(["a"], [[1.0], [1.0]], pooling="highest of chunks"), {})
