"""The loader of our own front-end views (components v2): plain html, css and js files, no build step."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent / "frontend"
_ALSO = {
    "mattered": ("files",),
    "strike": ("files", "toggle"),
    "result": ("files", "toggle"),
    "inputs": ("boxes",),
    "entailment_inputs": ("boxes",),
    "lessons": ("asked",),
    "vote": ("asked",),
}  # parts that several views share


@cache
def source(name: str, kind: str) -> str:
    """What all views share, what some share, then the view's parts by name, its ``component`` last, as one text.

    The leading newline keeps Streamlit from taking it for a path.
    """
    folder = _FOLDER / name
    own = folder / f"component.{kind}"
    shared = [path for also in _ALSO.get(name, ()) for path in sorted((_FOLDER / also).glob(f"*.{kind}"))]
    own_parts = sorted(set(folder.glob(f"*.{kind}")) - {own})
    parts = [_FOLDER / f"shared.{kind}", *shared, *own_parts, own]
    return "\n" + "\n".join(path.read_text(encoding="utf-8") for path in parts if path.is_file())


def mount(name: str, key: str, data: dict[str, Any], **callbacks: Callable[[], None]) -> Any:
    """Draw the view ``name`` with ``data``. Callbacks are named ``on_<trigger>_change``, as components v2 has it."""
    view = st.components.v2.component(
        f"relevance_lab_{name}", html=source(name, "html"), css=source(name, "css"), js=source(name, "js")
    )
    options: dict[str, Any] = dict(callbacks)
    return view(key=key, data=data, height="content", **options)


def triggered(key: str, name: str) -> Any:
    """What a view sent with its trigger, inside the trigger's callback; None when it sent nothing."""
    state = st.session_state.get(key)
    return None if state is None else getattr(state, name, None)
