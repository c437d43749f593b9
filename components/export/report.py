"""A comparison as one HTML file: finding, chart, table, judgments and measures; no script, no request, no server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from components import __version__
from components.export.chart import slope_chart
from components.judging.metrics import Quality
from components.ranking.findings import column_names, finding, format_score
from components.ranking.ranks import competition_ranks
from components.records import Comparison

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
:root {
  color-scheme: light dark;
  --text: #2f2d2b; --back: #ffffff; --quiet: #666260; --line: #dcd8d4; --bi: #1a5fa8; --cross: #a8480a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #edebe8; --back: #171614; --quiet: #b5b1ac; --line: #4a4742; --bi: #6cb2f2; --cross: #f59b4c;
  }
}
body {
  margin: 0 auto; padding: 20px; max-width: 1100px; font: 16px/1.5 system-ui, sans-serif;
  color: var(--text); background: var(--back);
}
h1 { font-size: 22px; line-height: 1.3; } h2 { font-size: 17px; margin-top: 28px; }
.quiet { color: var(--quiet); font-size: 14px; }
.wide { overflow-x: auto; } svg { max-width: 100%; height: auto; border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 5px 10px; border-top: 1px solid var(--line); }
th.bi-encoder { color: var(--bi); } th.cross-encoder { color: var(--cross); }
td.number { text-align: right; white-space: nowrap; }
td.text { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 260px; }
"""


@dataclass(frozen=True)
class ReportWords:
    """Sentences that stand in the report: what made the figures, what the judgments say, when it was made."""

    made: str
    sentences: tuple[str, ...]
    date: str


def html_report(shown: Comparison, grades: Sequence[int | None], quality: Quality | None, words: ReportWords) -> str:
    """The file. Whatever a text holds is shown as text; the policy in the head forbids every request."""
    title = finding(shown)
    names = column_names(shown.columns)
    notes = "".join(f"<p>{escape(note)}</p>" for note in shown.notes)
    chart = ""
    if len(names) > 1 and len(shown.documents) > 1:
        drawn = slope_chart(shown, title, words.made)
        chart = f'<h2>Ranks</h2>{_wide("chart of ranks", drawn)}<p class="quiet">The table has the same ranks.</p>'
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta name="generator" content="Relevance Lab {escape(__version__)}">',
            f"<title>{escape(shown.query[:80])}: relevance report</title><style>{_STYLE}</style></head><body><main>",
            f"<h1>{escape(title)}</h1>",
            f"<p>Query: <strong>{escape(shown.query)}</strong></p>{notes}",
            chart,
            "<h2>Documents</h2>",
            _documents(shown, grades, names),
            _quality(quality, names, words.sentences),
            f'<p class="quiet">{escape(words.made)}</p>',
            f'<p class="quiet">Relevance Lab {escape(__version__)}, {escape(words.date)}. Cosines and logits have '
            "scales of their own: compare the order, not the numbers.</p>",
            "</main></body></html>",
        ]
    )


def _documents(shown: Comparison, grades: Sequence[int | None], names: Sequence[str]) -> str:
    """A row a document, ordered as the last column has them."""
    ranks = [competition_ranks(column.values) for column in shown.columns]
    head = ['<th scope="col">#</th>']
    for name, column in zip(names, shown.columns, strict=True):
        kind = str(column.scorer.kind).replace(" ", "-")
        unit = escape(column.scorer.unit)
        head.append(f'<th scope="col" class="{kind}">{escape(name)}<br>rank, {unit}, tokens read</th>')
    has_grades = any(grade is not None for grade in grades)
    head += ['<th scope="col">judged</th>'] * has_grades + ['<th scope="col">document</th>']
    rows = []
    for place in sorted(range(len(shown.documents)), key=lambda place: (ranks[-1][place], place)):
        document = shown.documents[place]
        cells = [f"<th scope='row'>{document.number}</th>"]
        for column, of_column in zip(shown.columns, ranks, strict=True):
            score = column.scores[place]
            tie = "=" if of_column.count(of_column[place]) > 1 else ""
            read = f"{score.tokens_read} of {score.tokens_total}" if score.tokens_lost else f"{score.tokens_total}"
            rank = f"<b>{of_column[place]}{tie}</b>"
            cells.append(f'<td class="number">{rank} &nbsp; {format_score(score.value)} &nbsp; {read}</td>')
        if has_grades:
            cells.append(f'<td class="number">{"" if grades[place] is None else grades[place]}</td>')
        rows.append(f'<tr>{"".join(cells)}<td class="text" dir="auto">{escape(document.text)}</td></tr>')
    table = f"<table><thead><tr>{''.join(head)}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return _wide("table of documents", table)


def _quality(quality: Quality | None, names: Sequence[str], sentences: Sequence[str]) -> str:
    if quality is None:
        return ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("measure", *names))
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f'<td class="number">{column.values[place].value:.4f}</td>' for column in quality.columns)
        + "</tr>"
        for place, name in enumerate(quality.measures)
    )
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<h2>Against the judgments</h2>{_wide('table of measures', table)}<ul>{said}</ul>"


def _wide(name: str, inside: str) -> str:
    """What is wider than a phone scrolls by itself, by keys too."""
    return f'<div class="wide" role="region" aria-label="{name}" tabindex="0">{inside}</div>'
