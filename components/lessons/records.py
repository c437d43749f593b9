"""The records of a lesson: what stands in its file, what a run of it found, what came out over all its texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.lessons.interval import wilson
from components.records import Kind


@dataclass(frozen=True)
class Option:
    """One of the things one may predict."""

    id: str
    text: str


@dataclass(frozen=True)
class Claim:
    """What is published about the phenomenon, by whom, and what that source does not show."""

    text: str
    source: str
    limits: str


@dataclass(frozen=True)
class Setting:
    """The one thing of a lesson that can be turned, with the values it may have."""

    label: str
    values: tuple[float, ...]
    default: float


@dataclass(frozen=True)
class Item:
    """One text of a lesson: queries and documents as they are shown, and what its probe needs besides."""

    number: int  # from 1, in the order of the file
    queries: tuple[str, ...]
    documents: tuple[str, ...]
    labels: tuple[str, ...] = ()  # what the documents are, parallel to them; empty: "document 1" ...
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Lesson:
    """One lesson as its file has it. ``digest`` changes when anything in the file that scores changes."""

    number: int
    id: str
    title: str
    question: str
    ask: str
    options: tuple[Option, ...]
    claim: Claim
    explanation: str
    items: tuple[Item, ...]
    digest: str
    setting: Setting | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def option(self, id_: str) -> str:
        """The words of an option."""
        return next(option.text for option in self.options if option.id == id_)


@dataclass(frozen=True)
class Table:
    """Numbers as rows; the first cell of a row names it."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Line:
    """One curve: its own unit, so its own axis. ``points`` are (x, y)."""

    name: str
    kind: Kind
    unit: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Curves:
    """Curves over the same x, one small picture each: units differ, so no two share an axis of y.

    ``digits`` is how many decimals the table twin prints.
    """

    caption: str
    x_title: str
    lines: tuple[Line, ...]
    digits: int = 2


@dataclass(frozen=True)
class Strip:
    """Scores of many texts as ticks on one axis, and a few named marks among them."""

    caption: str
    name: str
    kind: Kind
    unit: str
    ticks: tuple[float, ...]
    marks: tuple[tuple[str, float], ...]


Figure = Table | Curves | Strip


@dataclass(frozen=True)
class Opening:
    """A page where one can go on with these texts: its name in the table of openers, and which document to look at."""

    place: str
    query: str
    documents: tuple[str, ...]
    number: int = 1


@dataclass(frozen=True)
class Outcome:
    """What one run found.

    ``answer`` is the option that came true, ``finding`` the sentence with its numbers, ``published`` the sentence that
    sets it beside the claim, ``caption`` what made the numbers.
    """

    answer: str
    finding: str
    published: str
    caption: str
    figures: tuple[Figure, ...] = ()
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True)
class Count:
    """How many of the texts one model got right."""

    kind: Kind
    right: int
    total: int

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share."""
        return wilson(self.right, self.total)


@dataclass(frozen=True)
class Tally:
    """All texts of a lesson. ``what`` names what is counted, ``chance`` is the share a coin would reach (None: no such
    thing), ``stored`` the date of a tally that was computed earlier and shipped."""

    what: str
    counts: tuple[Count, ...]
    chance: float | None
    published: str
    figures: tuple[Figure, ...] = ()
    sampled: bool = True
    stored: str | None = None

    def sentence(self) -> str:
        """ "Pairs with both queries right: cross-encoder 14 of 20 (48 to 85 %), bi-encoder 6 of 20 (...), coin 5." """
        parts = []
        for count in self.counts:
            low, high = count.interval
            interval = f" ({100 * low:.0f} to {100 * high:.0f} %)" if self.sampled else ""
            parts.append(f"{count.kind} {count.right} of {count.total}{interval}")
        if self.chance is not None and self.counts:
            parts.append(f"coin {self.chance * self.counts[0].total:.3g}")
        return f"{self.what}: {', '.join(parts)}." if parts else self.what

    def count(self, kind: Kind) -> Count:
        return next(count for count in self.counts if count.kind is kind)


def joined(parts: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
