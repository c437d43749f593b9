"""Words that several lessons share: who was right, how two counts compare, changes of a score."""

from __future__ import annotations

from collections.abc import Sequence

from components.lessons.records import Count, joined
from components.ranking.findings import format_score
from components.records import Kind


def who(cross: bool, bi: bool) -> str:
    """The option that came true in "which model gets it right": both, cross, bi or neither."""
    return "both" if cross and bi else "cross" if cross else "bi" if bi else "neither"


def ahead(counts: Sequence[Count], expected: bool = True) -> str:
    """Whether the cross-encoder is ahead of the bi-encoder, and whether that is what is published (``expected``)."""
    cross, bi = (next(c for c in counts if c.kind is kind) for kind in (Kind.CROSS_ENCODER, Kind.BI_ENCODER))
    overlap = cross.interval[0] <= bi.interval[1] and bi.interval[0] <= cross.interval[1]
    unsure = ", though the intervals overlap" if overlap else ""
    if cross.right == bi.right:
        return (
            "Unlike what is published, the two models come out level here"
            if expected
            else "The two models come out level"
        )
    leader = "cross-encoder" if cross.right > bi.right else "bi-encoder"
    if not expected:
        return f"The {leader} is ahead{unsure}"
    start = "As published, the" if leader == "cross-encoder" else "Against what is published, the"
    return f"{start} {leader} is ahead here{unsure}"


def beside_the_coin(counts: Sequence[Count], chance: float) -> str:
    """Which scorers are clear of the coin, and which are below it."""
    clear = [str(count.kind) for count in counts if count.interval[0] > chance]
    below = [str(count.kind) for count in counts if count.interval[1] < chance]
    words = f"clear of the coin: {joined(clear)}" if clear else "no scorer is clear of the coin"
    return f"{words}; below it: {joined(below)}" if below else words


def change(before: float, after: float) -> str:
    """ "2.10 to 0.35"."""
    return f"{format_score(before)} to {format_score(after)}"


def capital(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]
