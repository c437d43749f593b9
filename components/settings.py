"""Where things lie and what an operator may set, read from the environment in this one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"


def models_folder() -> Path:
    """The folder of shipped cross-encoders (``RELEVANCE_LAB_MODELS``; default ``assets/models``)."""
    return Path(os.environ.get("RELEVANCE_LAB_MODELS", "") or ASSETS / "models")


def loading_delay_s() -> float:
    """Seconds from the first page to the start of loading (``RELEVANCE_LAB_LOADING_DELAY``, 2).

    So that the first paint has the processor.
    """
    return _number(os.environ.get("RELEVANCE_LAB_LOADING_DELAY", ""), 2.0, or_zero=True)


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
    return _number(os.environ.get("RELEVANCE_LAB_LET_GO_MINUTES", ""), 10.0, or_zero=True) * 60


def most_visitors() -> int:
    """How many visitors may be active at once (``RELEVANCE_LAB_VISITORS``; 0: no limit); more wait before the door."""
    value = os.environ.get("RELEVANCE_LAB_VISITORS", "")
    return int(value) if value.isdigit() else 250


def frame_ancestors() -> str:
    """Who may show the app in a frame, in the words of a content-security policy (``RELEVANCE_LAB_FRAMES``)."""
    return os.environ.get("RELEVANCE_LAB_FRAMES", "").strip() or "'self'"


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


@dataclass(frozen=True)
class ServiceSettings:
    """A scoring service as the operator set it; both addresses empty: there is none, the app's own models score.

    ``models`` maps a model's name here to its name there; what is not in it is scored here.
    """

    rerank: str
    embeddings: str
    form: str
    models: Mapping[str, str]
    key: str = field(repr=False)
    timeout_s: float
    at_once: int
    falls_back: bool


def service() -> ServiceSettings:
    """The scoring service (all names begin with ``RELEVANCE_LAB_``).

    ``RERANK_URL``, ``EMBEDDINGS_URL``: addresses to which "/rerank" and "/embeddings" are added; ``SERVICE_FORM``:
    "infinity" (default), "cohere" (Cohere, Jina, vLLM) or "tei"; ``SERVICE_MODELS``: "name here=name there", parted by
    commas (default: the two default models under their own names); ``SERVICE_KEY``: a bearer token;
    ``SERVICE_TIMEOUT``: seconds a request may take (20); ``SERVICE_AT_ONCE``: requests under way together (4);
    ``SERVICE_FALLBACK``: "on" lets the app's own model take over where the service fails (default: off).
    """

    def read(name: str, default: str = "") -> str:
        return os.environ.get("RELEVANCE_LAB_" + name, "").strip() or default

    pairs = (one.partition("=") for one in read("SERVICE_MODELS", "relevance,all-MiniLM-L6-v2").split(","))
    return ServiceSettings(
        rerank=read("RERANK_URL"),
        embeddings=read("EMBEDDINGS_URL"),
        form=read("SERVICE_FORM", "infinity").lower(),
        models={here.strip(): there.strip() or here.strip() for here, _, there in pairs if here.strip()},
        key=read("SERVICE_KEY"),
        timeout_s=_number(read("SERVICE_TIMEOUT"), 20.0),
        at_once=max(1, int(_number(read("SERVICE_AT_ONCE"), 4.0))),
        falls_back=read("SERVICE_FALLBACK", "off").lower() in ("on", "yes", "true", "1"),
    )


def _number(value: str, default: float, or_zero: bool = False) -> float:
    """A positive number (or 0) as it was set; the default where it is none."""
    try:
        number = float(value)
    except ValueError:
        return default
    return number if 0 < number < float("inf") or (or_zero and number == 0) else default
