"""What a page sent to its views, by the views' names: AppTest knows them only as elements of an unknown kind."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

_PREFIX = "relevance_lab_"  # see components/ui/views.py


def views(app: AppTest) -> dict[str, dict]:
    """The data of each view on the page that was sent as JSON, by its folder's name; the last one of a name counts."""
    drawn = [element.proto for element in app.get("bidi_component")]
    return {one.component_name.removeprefix(_PREFIX): json.loads(one.json) for one in drawn if one.json}
