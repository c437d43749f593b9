"""The session file: everything on one visitor's table, judgments included, as JSON one can read."""

from __future__ import annotations

import datetime
import json

from components import __version__
from components.errors import InputProblem
from components.export.saved import Saved, from_content, to_content

FORMAT = "relevance-lab-session"
VERSION = 1
NAME = "session.relevance-lab.json"
MOST_BYTES = 20_000_000


def make_file(saved: Saved) -> str:
    """The file's text."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "app": __version__,
        "saved": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        **to_content(saved),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def read_file(text: str) -> Saved:
    """Read a session file. Raises ``InputProblem``, one sentence, where it is broken, newer, or something else.

    Unlike with a link, nothing is taken from a file that is not whole: it can be had whole.
    """
    if len(text) > MOST_BYTES:
        raise InputProblem(
            f"The file has {len(text) / 1e6:,.0f} MB, and a session file has at most {MOST_BYTES / 1e6:.0f} MB: "
            "choose another one."
        )
    try:
        content = json.loads(text.lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        raise InputProblem(
            f"The session file is broken in line {error.lineno} (it is not JSON there): nothing was changed; "
            "save it again where it came from."
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputProblem("The session file is broken: nothing was changed; save it again.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputProblem("This is not a session file of Relevance Lab: choose a file that “Save session” has made.")
    version = content.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputProblem("The session file does not say its version: nothing was changed; save it again.")
    if version > VERSION:
        raise InputProblem(
            f"The session file was saved by a newer version of this app (form {version}, this one reads {VERSION}): "
            "update the app, or save it there as a link."
        )
    missing = [name for name in ("query", "documents", "columns") if name not in content]
    saved, problems = from_content(content)
    if missing or problems:
        raise InputProblem(
            f"The session file is broken ({', '.join(missing + problems)} cannot be read): nothing was changed; "
            "save it again where it came from."
        )
    return saved
