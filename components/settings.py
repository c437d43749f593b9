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


def model_folders() -> tuple[Path, ...]:
    """Folders whose subfolders may be loaded as models: the shipped ones, then ``RELEVANCE_LAB_MODEL_FOLDERS``."""
    more = os.environ.get("RELEVANCE_LAB_MODEL_FOLDERS", "").split(os.pathsep)
    return (models_folder(), *(Path(one) for one in more if one.strip()))


def hub_rule() -> str:
    """Who may load models from the Hub (``RELEVANCE_LAB_HUB``).

    "local" (default): visitors on the server's own machine; "off": nobody; "any": everybody, any model; else the names
    everybody may load, parted by commas.
    """
    return os.environ.get("RELEVANCE_LAB_HUB", "").strip() or "local"


def hub_cache() -> Path:
    """Where models from the Hub are kept: ``RELEVANCE_LAB_HUB_CACHE``, else where huggingface_hub keeps them."""
    own = os.environ.get("RELEVANCE_LAB_HUB_CACHE", "") or os.environ.get("HF_HUB_CACHE", "")
    home = os.environ.get("HF_HOME", "") or os.path.join(os.environ.get("XDG_CACHE_HOME", "~/.cache"), "huggingface")
    return Path(own or os.path.join(home, "hub")).expanduser()


def hub_endpoint() -> str:
    """The address of the Hub (``HF_ENDPOINT``, as huggingface_hub has it)."""
    return (os.environ.get("HF_ENDPOINT", "") or "https://huggingface.co").rstrip("/")


def hub_is_off() -> bool:
    """Whether the environment forbids every question to the Hub (``HF_HUB_OFFLINE``)."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")


def most_model_bytes() -> int | None:
    """The most bytes of weights an added model may have (``RELEVANCE_LAB_MODEL_MB``); None: half the free memory."""
    value = os.environ.get("RELEVANCE_LAB_MODEL_MB", "")
    return int(value) * 1_000_000 if value.isdigit() else None


def let_go_after_s() -> float:
    """Seconds an added model stays in memory when nobody has it as a column (``RELEVANCE_LAB_LET_GO_MINUTES``, 10)."""
    return float(os.environ.get("RELEVANCE_LAB_LET_GO_MINUTES", "") or 10) * 60


def cache_folder() -> Path | None:
    """Where indexes are kept (``RELEVANCE_LAB_CACHE``; default under the user's cache folder; "off" keeps none)."""
    value = os.environ.get("RELEVANCE_LAB_CACHE", "").strip()
    if value.lower() in ("off", "none", "0"):
        return None
    if value:
        return Path(value)
    home = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "relevance-lab"


def collections_folder() -> Path | None:
    """The operator's large collections, offered to every visitor (``RELEVANCE_LAB_COLLECTIONS``; default none)."""
    value = os.environ.get("RELEVANCE_LAB_COLLECTIONS", "").strip()
    return Path(value) if value else None


def most_cache_bytes() -> int:
    """How much all indexes on disk may take together (``RELEVANCE_LAB_CACHE_GB``, 2); the one in use always stays."""
    value = os.environ.get("RELEVANCE_LAB_CACHE_GB", "").strip()
    return int(value) * 1024**3 if value.isdigit() and int(value) else 2 * 1024**3


def most_index_bytes() -> int | None:
    """Memory that making an index may take (``RELEVANCE_LAB_ARRAY_MB``); one that needs more stands on disk. None: an
    eighth of the machine's, and 500 MB at least."""
    value = os.environ.get("RELEVANCE_LAB_ARRAY_MB", "").strip()
    return int(value) * 1_000_000 if value.isdigit() else None
