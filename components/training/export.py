"""Writes a trained model as a folder that ``CrossEncoder(path)`` alone loads: 16-bit weights, float32 at run time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sentence_transformers
import torch
from torch import nn
from transformers import AutoTokenizer

from components.training.teacher import backbone_path

MAX_LENGTH = 512
LARGEST_FILE = 50_000_000  # bytes


def fold(model: nn.Module, scale: float, offset: float) -> None:
    """Put ``scale * logit + offset`` into the classifier head, so that no code is needed to apply the calibration."""
    head: Any = model.classifier
    with torch.no_grad():
        head.weight.mul_(scale)
        head.bias.mul_(scale).add_(offset)


def export(model: nn.Module, folder: Path, labels: Sequence[str]) -> None:
    """Save ``model`` to ``folder`` in half precision, with the tokenizer and a config for float32 at run time.

    With ``"dtype": "float16"`` the weights would stay half at run time, which is slow on CPUs. The activation is
    Identity: ``CrossEncoder.predict`` would otherwise put a sigmoid on a single logit.

    Raises ``ValueError`` when a weight does not fit in half precision or a file is too large.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.detach().cpu().half().contiguous() for name, tensor in model.state_dict().items()}
    for name, tensor in state.items():
        if not torch.isfinite(tensor).all():
            raise ValueError(f"{name} does not fit in 16 bits: train with a smaller rate or more weight decay")
    model.save_pretrained(str(folder), state_dict=state)  # type: ignore[operator]
    AutoTokenizer.from_pretrained(str(backbone_path()), model_max_length=MAX_LENGTH).save_pretrained(str(folder))
    _finish_config(folder / "config.json", labels)
    for path in folder.iterdir():
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"{path.name} has {path.stat().st_size} bytes, at most {LARGEST_FILE} may be shipped")


def _finish_config(path: Path, labels: Sequence[str]) -> None:
    config = json.loads(path.read_text(encoding="utf-8"))
    config.update(
        dtype="float32",
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1,
        id2label={str(i): label for i, label in enumerate(labels)},
        label2id={label: i for i, label in enumerate(labels)},
        sentence_transformers={
            "activation_fn": "torch.nn.modules.linear.Identity",
            "version": sentence_transformers.__version__,
        },
    )
    config.pop("_name_or_path", None)
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def fingerprint(folder: Path) -> str:
    """SHA-256 of the weights file."""
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def average(folders: Sequence[Path], weights: Sequence[float]) -> dict[str, torch.Tensor]:
    """The weighted mean of several saved models of one shape (Wortsman et al. 2022, arXiv 2203.05482).

    Raises ``ValueError`` unless there is one weight for each folder.
    """
    from safetensors.torch import load_file

    if len(folders) != len(weights):
        raise ValueError(f"{len(folders)} models but {len(weights)} weights: give one for each")
    total = sum(weights)
    states = [load_file(folder / "model.safetensors") for folder in folders]
    return {
        name: torch.stack([w / total * s[name].float() for w, s in zip(weights, states, strict=True)]).sum(0)
        for name in states[0]
    }
