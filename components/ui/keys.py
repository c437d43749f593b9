"""The keys, page by page: what the sheet behind ``?`` shows. A page with keys of its own adds its lines here."""

from __future__ import annotations

Keys = tuple[tuple[str, str], ...]

EVERYWHERE: Keys = (
    ("?", "this sheet"),
    ("Tab, Shift + Tab", "to the next thing, to the one before"),
    ("/", "to the query (on Compare)"),
    ("Ctrl + Enter", "to the first document's judgment (on Compare, also from the boxes)"),
    ("Esc", "closes what is open: sheet, panel, menu, explanation"),
)
PAGES: dict[str, tuple[str, Keys]] = {
    "": (
        "Compare",
        (
            ("Ctrl + V in a box", "paste; scoring starts by itself"),
            ("Enter in the query", "score at once"),
            ("0 1 2 3", "on a row: judge the document, and go on to the next"),
            ("Backspace", "on a row: take the judgment back"),
            ("arrow keys", "between grades and rows"),
            ("Enter on a text", "open the whole text"),
            ("T", "on a row: open the pair in Tokens"),
            ("Enter in a table row", "a new document below; Shift + Enter is a line break"),
        ),
    ),
    "tokens": (
        "Tokens",
        (
            ("Tab", "from word to word"),
            ("Enter", "on a word: pin it, or let it go"),
            ("arrow keys", "in the text: from word to word; in the overview: from head to head"),
            ("L", "a larger overview"),
        ),
    ),
    "entailment": (
        "Textual entailment",
        (
            ("Ctrl + V in a box", "paste; the answer comes by itself"),
            ("Tab", "from box to box, then to the answers"),
        ),
    ),
}


def sheet(page: str) -> list[dict[str, object]]:
    """The groups of the sheet on ``page``: its own keys first, then those that work everywhere."""
    own: list[dict[str, object]] = (
        [{"title": f"On this page: {PAGES[page][0]}", "keys": PAGES[page][1]}] if page in PAGES else []
    )
    others: list[dict[str, object]] = [
        {"title": title, "keys": keys} for name, (title, keys) in PAGES.items() if name != page
    ]
    return [*own, {"title": "On every page", "keys": EVERYWHERE}, *others]
