"""What a model's files say before any of them is loaded: its kind, what it needs, whether it is safe to load.

Nothing here guesses from a name. Safetensors only, because a pickle can run code; no model that brings code of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.errors import ModelProblem
from components.records import Kind

MOST_JSON_BYTES = 2_000_000
_READ = ("config.json", "modules.json", "config_sentence_transformers.json")
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_KEPT_ENDINGS = (".json", ".txt", ".model", ".safetensors")


@dataclass(frozen=True)
class ModelFiles:
    """A model's files: ``sizes`` in bytes by path, ``contents`` of the few JSON files that say what it is."""

    name: str
    sizes: Mapping[str, int]
    contents: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""

    @property
    def architectures(self) -> tuple[str, ...]:
        found = self.config.get("architectures")
        return tuple(str(one) for one in found) if isinstance(found, list) else ()

    @property
    def config(self) -> Mapping[str, Any]:
        found = self.contents.get("config.json")
        return found if isinstance(found, dict) else {}

    @property
    def modules(self) -> tuple[Mapping[str, Any], ...]:
        found = self.contents.get("modules.json")
        return tuple(one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()

    @property
    def outputs(self) -> int:
        """How many outputs a sequence classifier has; transformers' default is 2."""
        labels, count = self.config.get("id2label"), self.config.get("num_labels")
        if isinstance(labels, dict) and labels:
            return len(labels)
        return count if isinstance(count, int) else 2

    @property
    def kind(self) -> Kind | None:
        """What kind of model the files are; None for neither a bi-encoder nor a cross-encoder."""
        stated = self.contents.get("config_sentence_transformers.json")
        stated_kind = stated.get("model_type") if isinstance(stated, dict) else None
        if any("ForSequenceClassification" in one for one in self.architectures) or stated_kind == "CrossEncoder":
            return Kind.CROSS_ENCODER
        if self.modules and stated_kind in (None, "SentenceTransformer"):
            return Kind.BI_ENCODER
        return None

    @property
    def needed(self) -> tuple[str, ...]:
        """The files to fetch: those at the top and in the folders of the modules, weights as safetensors only."""
        folders = {""} | {str(one.get("path") or "") for one in self.modules}
        return tuple(
            path
            for path in sorted(self.sizes)
            if path.rpartition("/")[0] in folders and path.endswith(_KEPT_ENDINGS) and ".." not in path
        )

    @property
    def weight_bytes(self) -> int:
        return sum(self.sizes[path] for path in self.needed if path.endswith(".safetensors"))


def files_in(folder: Path, name: str, licence: str = "") -> ModelFiles:
    """The files of a folder on this machine."""
    sizes = {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for pattern in ("*", "*/*")
        for path in folder.glob(pattern)
        if path.is_file()
    }
    contents = {}
    for file in _READ:
        if sizes.get(file, MOST_JSON_BYTES) < MOST_JSON_BYTES:
            contents[file] = parsed((folder / file).read_bytes())
    return ModelFiles(name, sizes, contents, licence)


def parsed(data: bytes) -> Any:
    """What a JSON file says; None where it is broken."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def wanted_contents() -> tuple[str, ...]:
    """The files whose content is needed to say what a model is."""
    return _READ


def check(files: ModelFiles, kind: Kind, most_bytes: int) -> None:
    """Raise ``ModelProblem``, one sentence, where these files are not a safe, fitting model of this kind."""
    name = files.name
    if not files.config:
        raise ModelProblem(f"{name} has no config.json that can be read: it is no model this app can load.")
    _check_code(files)
    _check_kind(files, kind)
    _check_weights(files)
    if files.weight_bytes > most_bytes:
        raise ModelProblem(
            f"{name} has {files.weight_bytes / 1e6:,.0f} MB of weights, and {most_bytes / 1e6:,.0f} MB is what this "
            "machine can take now: choose a smaller model."
        )


def _check_code(files: ModelFiles) -> None:
    foreign = [str(one.get("type")) for one in files.modules if not _is_library_part(str(one.get("type")))]
    if foreign or (files.config.get("auto_map") and not _is_native(str(files.config.get("model_type")))):
        raise ModelProblem(
            f"{files.name} needs code that comes with it, and this app runs no code of others: choose another model."
        )


def _is_library_part(module: str) -> bool:
    """Whether a module's code is sentence-transformers' own and not the model's."""
    return module.startswith("sentence_transformers.")


def _is_native(model_type: str) -> bool:
    """Whether transformers itself knows the architecture, so that code beside the weights is not needed."""
    from transformers import CONFIG_MAPPING

    return model_type in CONFIG_MAPPING


def _check_kind(files: ModelFiles, kind: Kind) -> None:
    what = ", ".join(files.architectures) or "no architecture named"
    if files.kind is None:
        raise ModelProblem(
            f"{files.name} is neither a bi-encoder nor a cross-encoder ({what}; nothing says how its vectors are to be "
            "pooled): choose a sentence-transformers model."
        )
    if files.kind is not kind:
        raise ModelProblem(f"{files.name} is a {files.kind} ({what}), not a {kind}: choose “{files.kind}” for it.")
    if kind is Kind.CROSS_ENCODER and files.outputs != 1:
        raise ModelProblem(
            f"{files.name} has {files.outputs} outputs, and relevance needs one: it may be an entailment model."
        )


def _check_weights(files: ModelFiles) -> None:
    folders = {str(one.get("path") or "") for one in files.modules} or {""}
    pickled = {path.rpartition("/")[0] for path in files.sizes if path.endswith(_PICKLES)}
    safe = {path.rpartition("/")[0] for path in files.sizes if path.endswith(".safetensors")}
    if pickled & folders - safe:
        raise ModelProblem(
            f"{files.name} has its weights only as pickle, which can run code when it is read: this app reads "
            "safetensors only, so choose another model."
        )
    if not files.weight_bytes:
        raise ModelProblem(f"{files.name} has no weights in safetensors form: choose another model.")
