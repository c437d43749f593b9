"""A token map as one HTML file that works without a server and without a network, the linked pointing included."""

from __future__ import annotations

import base64
import html
import json
from typing import Any

from components import __version__
from components.ui.views import source

# Streamlit's theme is not there, so its variables are set here; the two themes of .streamlit/config.toml.
_STYLE = """
:root {
  color-scheme: light dark;
  --st-font: system-ui, sans-serif; --st-background-color: #ffffff; --st-secondary-background-color: #f8f8f7;
  --st-text-color: #2f2d2b; --st-border-color: #dcd8d4; --st-widget-border-color: #dcd8d4; --st-primary-color: #1a5fa8;
  --st-button-radius: 8px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --st-background-color: #171614; --st-secondary-background-color: #2d2b27; --st-text-color: #edebe8;
    --st-border-color: #4a4742; --st-widget-border-color: #4a4742; --st-primary-color: #1f74d0;
  }
}
body {
  margin: 0 auto; padding: 16px; max-width: 1500px; background: var(--st-background-color); font-family: var(--st-font);
}
#before, #after, [data-save="html"], [data-save="csv"], [data-save="json"], [data-save="link"],
#direction option[value="inner"] { display: none; }
"""
# Nothing may be asked for, whatever a text in the file says.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:"


def offline_page(payload: bytes, data: dict[str, Any], view: dict[str, Any]) -> str:
    """The file: the view's own html, css and js, with the payload inside. ``view`` is what it opens with."""
    script = source("token_map", "js").replace("export default function", "const mount = function", 1)
    number = data["number"]
    chosen = [one for one in data["documents"] if one["number"] == number]
    if view.get("direction") == "inner":  # was fetched for one head, and the file holds what all heads have
        view = {**view, "direction": "query-document"}
    content = {**data, "documents": chosen, "view": view, "id": "offline", "problem": ""}
    for name in ("payload", "download", "inner", "inner_payload"):
        content.pop(name, None)
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta name="generator" content="Relevance Lab {html.escape(__version__)}">',
            f"<title>Token map of document {int(number)}</title>",
            f"<style>{_STYLE}{source('token_map', 'css')}</style></head><body>",
            source("token_map", "html"),
            '<script type="module">',
            script,
            f"const data = JSON.parse({_inside_script(json.dumps(content, ensure_ascii=True))});",
            f'const text = atob("{base64.b64encode(payload).decode()}");',
            "data.payload = Uint8Array.from(text, (character) => character.charCodeAt(0));",
            "mount({ data, parentElement: document.body, setTriggerValue() {} });",
            "</script></body></html>",
        ]
    )


def _inside_script(text: str) -> str:
    """A JavaScript string that cannot end the script it stands in."""
    return json.dumps(text).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
