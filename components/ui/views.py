"""The loader of our own front-end views (components v2): plain html, css and js files, no build step."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent / "frontend"


@cache
def _source(name: str, kind: str) -> str:
    """A view's file, ``shared.<kind>`` before it. The leading newline keeps Streamlit from taking it for a path."""
    own = _FOLDER / name / f"component.{kind}"
    shared = _FOLDER / f"shared.{kind}"
    parts = [path.read_text(encoding="utf-8") for path in (shared, own) if path.is_file()]
    return "\n" + "\n".join(parts)


def mount(name: str, key: str, data: dict[str, Any], **callbacks: Callable[[], None]) -> Any:
    """Draw the view ``name`` with ``data``. Callbacks are named ``on_<trigger>_change``, as components v2 has it."""
    view = st.components.v2.component(
        f"relevance_lab_{name}", html=_source(name, "html"), css=_source(name, "css"), js=_source(name, "js")
    )
    options: dict[str, Any] = dict(callbacks)
    return view(key=key, data=data, height="content", **options)


def triggered(key: str, name: str) -> Any:
    """What a view sent with its trigger, inside the trigger's callback; None when it sent nothing."""
    state = st.session_state.get(key)
    return None if state is None else getattr(state, name, None)
