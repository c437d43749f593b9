"""What each page adds to a link and a session file. A page that has something to say puts one line into ``_PARTS``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from components.entailment.records import Mode
from components.export.saved import PAGE_CHARACTERS, PageState
from components.ui import entailment_state, tokens_state


@dataclass(frozen=True)
class PagePart:
    """One page's own part. ``page`` is the page's name in its address ("" for Compare).

    ``save`` returns a few plain JSON values (``PAGE_CHARACTERS`` at most); ``restore`` takes them with the version they
    were saved in, and ignores what it does not know: it may be older or newer, and a link may have been tampered with.
    ``TypeError``, ``ValueError`` and ``KeyError`` count as unreadable.
    """

    page: str
    version: int
    save: Callable[[], Mapping[str, Any]]
    restore: Callable[[int, Mapping[str, Any]], None]


def _save_tokens() -> Mapping[str, Any]:
    return {"document": tokens_state.flow().number}


def _restore_tokens(_version: int, content: Mapping[str, Any]) -> None:
    tokens_state.flow().choose(int(content["document"]))


def _save_entailment() -> Mapping[str, Any]:
    desk = entailment_state.desk()
    boxes = {str(mode): list(texts) for mode, texts in desk.boxes.items()}
    return {"mode": str(desk.mode), "boxes": boxes, "both_ways": desk.both_ways, "sort": desk.sort}


def _restore_entailment(_version: int, content: Mapping[str, Any]) -> None:
    desk, mode = entailment_state.desk(), Mode(content["mode"])
    boxes = {Mode(name): (str(above), str(below)) for name, (above, below) in dict(content["boxes"]).items()}
    sort = str(content.get("sort"))
    desk.take_text(mode, *boxes[mode])
    desk.edit(mode, boxes)
    desk.both_ways = content.get("both_ways") is True
    desk.sort = sort if re.fullmatch(r"input|cosine|class:[0-2]", sort) else "input"


_PARTS: tuple[PagePart, ...] = (
    PagePart("tokens", 1, _save_tokens, _restore_tokens),
    PagePart("entailment", 1, _save_entailment, _restore_entailment),
)


def save_parts(only: str | None = None) -> dict[str, PageState]:
    """What the pages add now; ``only`` one page's part (a link holds the page it was made on)."""
    states = {part.page: PageState(part.version, part.save()) for part in _PARTS if only is None or part.page == only}
    return {page: state for page, state in states.items() if len(repr(state.content)) <= PAGE_CHARACTERS}


def restore_parts(states: Mapping[str, PageState]) -> list[str]:
    """Hand each page its part; returns the pages whose part could not be read."""
    unread = []
    for part in _PARTS:
        state = states.get(part.page)
        if state is None:
            continue
        try:
            part.restore(state.version, state.content)
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
            unread.append(part.page)
    return unread
