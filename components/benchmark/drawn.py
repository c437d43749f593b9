"""Compare's widgets with a given result, drawn by the scripts that the first paint is measured against."""

from __future__ import annotations

import streamlit as st

from components.records import Comparison
from components.texts.examples import FIRST, examples
from components.ui import views
from components.ui.compare_data import result_data
from components.ui.compare_flow import CompareView
from components.ui.frame import draw_frame
from components.workspace import Workspace


def draw(shown: Comparison | None) -> None:
    """The page settings, the boxes with the first example, and ``shown``; nothing of it answers."""
    st.set_page_config(page_title="Bare page", layout="wide", initial_sidebar_state="collapsed")
    draw_frame()
    example = examples()[FIRST]
    views.mount(
        "inputs",
        "bare_inputs",
        {
            "session": "bare",
            "touched": True,
            "version": 1,
            "query": example.query,
            "is_table": False,
            "documents": example.documents_text,
            "rows": None,
            "split": "detect",
            "found": "",
            "look_at": example.look_at,
            "file": "",
            "file_columns": [],
            "file_column": "",
            "example": example.id,
            "examples": [{"id": one.id, "title": one.title} for one in examples().values()],
            "limits": "",
            "most_characters": 1,
            "most_bytes": 1,
            "formats": [],
            "can_take_back": False,
            "problem": "",
            "handled": 0,
            "settled": True,
        },
    )
    workspace = Workspace()
    workspace.take_example(example)
    data = result_data(CompareView(shown), [], "bare", workspace)
    views.mount("result", "bare_result", data | {"judged_number": 0, "download": None})
