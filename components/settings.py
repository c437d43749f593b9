"""Where things lie and what an operator may set, read from the environment in this one place."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"


def models_folder() -> Path:
    """The folder of shipped cross-encoders (``RELEVANCE_LAB_MODELS``; default ``assets/models``)."""
    return Path(os.environ.get("RELEVANCE_LAB_MODELS", "") or ASSETS / "models")


def loading_delay_s() -> float:
    """Seconds from the end of the first page to the start of loading, so that the first paint has the processor."""
    return float(os.environ.get("RELEVANCE_LAB_LOADING_DELAY", "2.0"))


def threads() -> int | None:
    """Threads for the models (``RELEVANCE_LAB_THREADS``); None leaves torch's own choice."""
    value = os.environ.get("RELEVANCE_LAB_THREADS", "")
    return int(value) if value.isdigit() and int(value) > 0 else None


def cache_folder() -> Path | None:
    """Where indexes are kept (``RELEVANCE_LAB_CACHE``; default under the user's cache folder; "off" keeps none)."""
    value = os.environ.get("RELEVANCE_LAB_CACHE", "").strip()
    if value.lower() in ("off", "none", "0"):
        return None
    if value:
        return Path(value)
    home = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "relevance-lab"
