"""The slope chart as an SVG document of its own: an axis a column, a line a document, its text at both ends."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from components.ranking.findings import column_names
from components.ranking.ranks import competition_ranks
from components.records import Comparison, Kind

_INK = {Kind.BI_ENCODER: "#1a5fa8", Kind.CROSS_ENCODER: "#a8480a"}
_OTHER_INK, _TEXT, _QUIET = "#666260", "#2f2d2b", "#666260"
_STEP, _GAP, _SIDE, _TOP = 24, 220, 330, 64  # px: between ranks, between axes, for the texts, above the axes
_LABEL = 44  # characters of a document's text


def slope_chart(shown: Comparison, title: str, caption: str) -> str:
    """The chart; ``title`` stands above, ``caption`` (what made the figures) below. Tied documents meet between the
    places they share; marks differ by shape as well as by colour."""
    names = column_names(shown.columns)
    ranks = [competition_ranks(column.values) for column in shown.columns]
    places = [_places(of_column) for of_column in ranks]
    axes = [_SIDE + axis * _GAP for axis in range(len(names))]
    width = axes[-1] + _SIDE
    head, foot = _wrapped(title, width // 9), _wrapped(caption, width // 7)
    top = _TOP + 22 * len(head)
    height = top + _STEP * len(shown.documents) + 20 + 17 * len(foot)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'role="img" font-family="system-ui, sans-serif">',
        f"<title>{_safe(title)}</title><desc>{_safe(caption)}</desc>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_lines(head, 30, 22, f'font-size="17" font-weight="600" fill="{_TEXT}"'),
        *_lines(foot, height - 17 * len(foot) + 4, 17, f'font-size="12" fill="{_QUIET}"'),
    ]
    for axis, (x, name) in enumerate(zip(axes, names, strict=True)):
        anchor = "end" if axis == 0 else "start" if axis == len(axes) - 1 else "middle"
        ink = _ink(shown.columns[axis].scorer.kind)
        parts.append(_text(x, top - 14, name, f'text-anchor="{anchor}" font-size="14" font-weight="600" fill="{ink}"'))
    moved = [abs(ranks[0][place] - ranks[-1][place]) for place in range(len(shown.documents))]
    most = max(1, *moved) if moved else 1
    for place in sorted(range(len(shown.documents)), key=lambda place: moved[place]):
        spots = [(x, top + 10 + _STEP * of_axis[place]) for x, of_axis in zip(axes, places, strict=True)]
        is_moved = moved[place] / most >= 0.5 and moved[place] > 0
        parts.append(_path(spots, is_moved))
        parts += [_mark(x, y, column.scorer.kind) for (x, y), column in zip(spots, shown.columns, strict=True)]
    for axis in {0, len(axes) - 1}:
        parts += _end_labels(shown, axis, axes[axis], top, ranks[axis], len(axes))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _places(ranks: Sequence[int]) -> list[float]:
    """Where each rank stands on an axis, from 0: tied ones in the middle of what they share."""
    return [rank - 1 + (list(ranks).count(rank) - 1) / 2 for rank in ranks]


def _end_labels(shown: Comparison, axis: int, x: int, top: int, ranks: Sequence[int], count: int) -> list[str]:
    """Rank, score and text beside an outer axis; tied documents one below the other."""
    is_left = axis == 0 and count > 1
    column = shown.columns[axis]
    made = []
    order = sorted(range(len(ranks)), key=lambda place: (ranks[place], place))
    for row, place in enumerate(order):
        document = shown.documents[place]
        words = " ".join(document.text.split())
        text = words if len(words) <= _LABEL else words[: _LABEL - 1] + "…"
        parts = (text, f"#{document.number}", str(ranks[place]))
        label = "  ".join(parts if is_left else reversed(parts))
        anchor = "end" if is_left else "start"
        value = f"<title>{_safe(f'{column.scorer.unit} {column.values[place]:.4f}')}</title>"
        spot = x - 14 if is_left else x + 14
        attributes = f'text-anchor="{anchor}" font-size="12" fill="{_TEXT}"'
        made.append(_text(spot, top + 14 + _STEP * row, label, attributes, value))
    return made


def _path(spots: Sequence[tuple[float, float]], is_moved: bool) -> str:
    bends = [f"M{spots[0][0]} {spots[0][1]:g}"]
    for (x1, y1), (x2, y2) in pairwise(spots):
        bend = (x2 - x1) / 2.4
        bends.append(f"C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2} {y2:g}")
    style = (
        f'stroke="{_TEXT}" stroke-width="2.5"' if is_moved else f'stroke="{_QUIET}" stroke-width="1.5" opacity="0.6"'
    )
    return f'<path d="{"".join(bends)}" fill="none" {style}/>'


def _mark(x: float, y: float, kind: Kind) -> str:
    if kind is Kind.CROSS_ENCODER:
        turn = f"rotate(45 {x:g} {y:g})"
        return f'<rect x="{x - 4:g}" y="{y - 4:g}" width="8" height="8" transform="{turn}" fill="{_ink(kind)}"/>'
    return f'<circle cx="{x:g}" cy="{y:g}" r="4.5" fill="{_ink(kind)}"/>'


def _ink(kind: Kind) -> str:
    return _INK.get(kind, _OTHER_INK)


def _text(x: float, y: float, words: str, attributes: str, inside: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" {attributes}>{inside}{_safe(words)}</text>'


def _lines(lines: Sequence[str], y: int, step: int, attributes: str) -> list[str]:
    return [_text(20, y + index * step, line, attributes) for index, line in enumerate(lines)]


def _wrapped(text: str, most: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= most:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return [line for line in lines if line]


def _safe(text: str) -> str:
    """Text for XML 1.0, which has no place for control characters or halves of characters."""
    kept = "".join(
        c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )
    return escape(kept)
