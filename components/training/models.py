"""The network that is trained: the backbone with a new head, or an earlier stage."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import nn
from transformers import AutoModelForSequenceClassification

from components.training.teacher import backbone_path
from components.training.trainer import pick_device

SEED = 13


def freeze_words(model: nn.Module) -> None:
    """Keep the word embeddings (half of all weights) as they are: on a CPU their gradient costs a sixth of a step."""
    for name, parameter in model.named_parameters():
        if name.endswith("word_embeddings.weight"):
            parameter.requires_grad_(False)


def model_type(folder: Path) -> str:
    """The architecture's name in a model folder's config ("bert", "mpnet")."""
    return str(json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"])


def fresh_model(labels: int, source: Path | None = None) -> nn.Module:
    """The backbone with a new head of ``labels`` logits, or the model in ``source``; no dropout.

    A head of another size in ``source`` is replaced by a new one. Attention is sdpa for BERT on a GPU, else eager: it
    trains 1.6 times as fast on CPUs in bfloat16; the shipped config says neither.
    """
    torch.manual_seed(SEED)
    device = pick_device()
    folder = source or backbone_path()
    kind = model_type(folder)
    model: nn.Module = AutoModelForSequenceClassification.from_pretrained(
        str(folder),
        num_labels=labels,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        attn_implementation="sdpa" if device.type == "cuda" and kind == "bert" else "eager",
        dtype=torch.float32,
        ignore_mismatched_sizes=True,
    ).to(device)
    return model


def network_of(folder: Path, device: torch.device) -> nn.Module:
    """The transformer of a bi-encoder (token states, no pooling) in bfloat16, for encoding only."""
    from transformers import AutoModel

    network: nn.Module = AutoModel.from_pretrained(str(folder), dtype=torch.bfloat16)
    return network.eval().to(device)
