"""Weights are what they claim to be: SHA-256 of the files of a model folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from components.errors import ModelProblem

# all-MiniLM-L6-v2 comes in a third party's package, so every file that decides a score is held against the hash of the
# published one (weights: sentence-transformers/all-MiniLM-L6-v2 at revision 1110a243).
ALL_MINILM_FILES: Mapping[str, str] = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
}


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(folder: Path, expected: Mapping[str, str], name: str) -> str:
    """Check the files of a model folder; returns the digest of its weights.

    Raises ``ModelProblem`` that names the file which is missing or is not the published one.
    """
    for file, wanted in expected.items():
        path = folder / file
        if not path.is_file():
            raise ModelProblem(f"{name} is incomplete: {file} is missing; install requirements.txt again.")
        if sha256(path) != wanted:
            raise ModelProblem(
                f"{name} is damaged: {file} is not the published file (SHA-256 differs); "
                "install requirements.txt again."
            )
    return expected["model.safetensors"]
