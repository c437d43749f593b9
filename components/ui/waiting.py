"""What stands in a fragment that looks again, as long as something is awaited and no longer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import streamlit as st

from components.ui import engine


class Awaited(Protocol):
    """A look at a page's state."""

    @property
    def polling(self) -> bool:
        """Whether something is still awaited."""


View = TypeVar("View", bound=Awaited)


def draw_awaited(
    first: View,
    look: Callable[[], View],
    draw: Callable[[View], None],
    least_s: float = 0.0,
    is_news: Callable[[View], bool] = lambda _: False,
) -> None:
    """Draw a look; while something is awaited, take another one every ``least_s`` seconds or seldomer.

    ``first`` is the look that the page has already taken. When nothing is awaited any more, or ``is_news`` says that
    the rest of the page has something new to show, the whole page runs again.

    Outside a fragment what one does there survives a restart of the server, which knows no old fragments. There it
    stands in a container, as a fragment's content does: at the same place the view keeps its elements and the focus.
    """
    if not first.polling:
        with st.container():
            draw(first)
        return
    looks = iter([first])

    @st.fragment(run_every=max(least_s, engine.engine().poll_interval_s()))
    def awaited() -> None:
        view = next(looks, None) or look()
        if not view.polling or is_news(view):
            st.rerun()
        draw(view)

    awaited()
