"""Which cross-encoders with classes there are, and how one is found by name. Nothing here imports torch."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from components import settings
from components.errors import ModelProblem
from components.models import machine_memory
from components.models.registry import ModelSpec
from components.records import Kind

DEFAULT_CLASSIFIER = "entailment"
SMALLEST_MEMORY = 1.2 * machine_memory.GIGABYTE  # below it only the two relevance models are loaded
_NAME = re.compile(r"\w[\w.-]{0,95}(?:/\w[\w.-]{0,95})?")
_CHOOSE = "choose “entailment”, or another NLI cross-encoder"


def shipped_classifiers() -> tuple[ModelSpec, ...]:
    """The models with classes in the models folder, "entailment" first; it is listed even where it is missing."""
    default = settings.models_folder() / DEFAULT_CLASSIFIER
    found = {default}
    for path in settings.models_folder().glob("*/config.json"):
        config = _config(path.parent)
        if _is_classifier(config) and _outputs(config) > 1:
            found.add(path.parent)
    return tuple(_spec(folder.name, folder) for folder in sorted(found, key=lambda folder: (folder != default, folder)))


def find_classifier(name: str) -> ModelSpec:
    """The model of this name: a folder in the models folder, or owner/name in the Hub's cache on this disk.

    Nothing is asked of the network. Raises ``ModelProblem`` with a sentence where there is none, where it is of another
    kind, unsafe (no safetensors, code of its own) or too large for the free memory.
    """
    name = name.strip()
    if not _NAME.fullmatch(name) or ".." in name:
        raise ModelProblem("That is no model's name: type a folder in the models folder, or owner/name as on the Hub.")
    folder = _cached(name) if "/" in name else settings.models_folder() / name
    if folder is None or not folder.is_dir():
        where = "in the Hub's cache on this machine" if "/" in name else "in the models folder"
        raise ModelProblem(f"There is no model “{name}” {where}, and none is fetched here: {_CHOOSE} that is on disk.")
    config = _config(folder)
    if not _is_classifier(config):
        kinds = ", ".join(config.get("architectures") or ()) or "nothing that can be read"
        raise ModelProblem(f"“{name}” is no cross-encoder (its config names {kinds}): {_CHOOSE}.")
    if _outputs(config) < 2:
        raise ModelProblem(one_output(name))
    if "AutoModelForSequenceClassification" in (config.get("auto_map") or {}):
        raise ModelProblem(f"“{name}” needs code of its own, which is never run here: {_CHOOSE}.")
    _check_weights(name, folder)
    return _spec(name, folder)


def one_output(name: str) -> str:
    """Why a relevance model cannot be used where classes are wanted, and what to choose."""
    return f"“{name}” has one output, a relevance score, and this page needs a model with classes: {_CHOOSE}."


def _check_weights(name: str, folder: Path) -> None:
    """Weights are there, as safetensors, and fit into the memory."""
    weights = folder / "model.safetensors"
    if not weights.is_file():
        pickled = any(folder.glob("*.bin")) or any(folder.glob("*.pt"))
        why = "comes as a pickle file only, which may run code" if pickled else "has no model.safetensors in its folder"
        raise ModelProblem(f"“{name}” {why}: {_CHOOSE}.")
    total, free = machine_memory.total_bytes(), machine_memory.free_bytes()
    if total < SMALLEST_MEMORY:
        raise ModelProblem(
            f"This server has {total / machine_memory.GIGABYTE:.1f} GB of memory, enough for the two relevance models "
            f"only; from {SMALLEST_MEMORY / machine_memory.GIGABYTE:.1f} GB on this page works, too."
        )
    needed = 2 * weights.stat().st_size  # 16-bit weights become 32-bit numbers
    if needed > free / 2:
        raise ModelProblem(
            f"“{name}” needs about {needed / machine_memory.GIGABYTE:.1f} GB, more than half of the "
            f"{free / machine_memory.GIGABYTE:.1f} GB that are free: choose a smaller model."
        )


def _spec(name: str, folder: Path) -> ModelSpec:
    licence = "Apache-2.0" if name == DEFAULT_CLASSIFIER else ""
    return ModelSpec(f"classifier:{name}", Kind.CROSS_ENCODER, name, folder, licence)


def _cached(name: str) -> Path | None:
    """The snapshot of a Hub model that is on this disk already."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name, "config.json", cache_dir=settings.hub_cache())
    return Path(found).parent if isinstance(found, str) else None


def _config(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _is_classifier(config: dict[str, Any]) -> bool:
    return any("ForSequenceClassification" in str(name) for name in config.get("architectures") or ())


def _outputs(config: dict[str, Any]) -> int:
    """How many outputs a classifier's config names; transformers takes two where it names none."""
    return len(config.get("id2label") or {}) or int(config.get("num_labels") or 2)
