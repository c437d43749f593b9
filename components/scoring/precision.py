"""Exact and fast: the same model in float32, or a copy of it in half the bits where the processor computes in them.

Fast scores are kept under keys of their own (the number type is part of a score's key). Attention and attribution know
the exact model only.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Generator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from components.records import Column, ScorerInfo
from components.scoring.scheduler import Progress
from components.scoring.scorer import Scorer, Stores

if TYPE_CHECKING:
    from components.scoring.bi_encoder import BiEncoderScorer
    from components.scoring.cross_encoder import CrossEncoderScorer

LEAST_GAIN = 1.2  # below it a fast mode is not offered: it would cost agreement and save next to nothing


class Precision(StrEnum):
    """What the visitor asked for."""

    EXACT = "exact"
    FAST = "fast"


def fast_dtype(device: str) -> str:
    """The number type of the fast mode on a device ("cpu", "cuda:0", "mps"), "" where it has no instructions for one.

    A processor without them computes in bfloat16, too, but slower than in float32.
    """
    import torch

    if device.startswith("cuda"):
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    if device.startswith("mps"):
        return "float16"
    has_instructions = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return "bfloat16" if has_instructions else ""


class FastScorer:
    """A neural scorer in half the bits. The copy of its model is made when a score is first asked for.

    ``gain`` is how many times as fast as the exact one it was when measured, None before.
    """

    def __init__(self, exact: BiEncoderScorer | CrossEncoderScorer, dtype: str) -> None:
        self._exact = exact
        self._info = replace(exact.info, dtype=dtype)
        self._copy: BiEncoderScorer | CrossEncoderScorer | None = None
        self._lock = threading.Lock()
        self.gain: float | None = None

    @property
    def info(self) -> ScorerInfo:
        return self._info

    @property
    def is_worth_it(self) -> bool:
        """Whether it is faster by enough, as far as that is known."""
        return self.gain is None or self.gain >= LEAST_GAIN

    @property
    def inner(self) -> BiEncoderScorer | CrossEncoderScorer:
        """The scorer of the copy, made now if it was not before."""
        with self._lock:
            if self._copy is None:
                model: Any = half_copy(self._exact.model, self._info.dtype)
                self._copy = type(self._exact)(model, self._info)
                self._copy.budget = self._exact.budget.fresh()
            return self._copy

    def warm_up(self) -> None:
        """See ``Scorer.warm_up``."""
        self.inner.warm_up()

    def score(
        self, query: str, documents: Sequence[str], stores: Stores, progress: Progress
    ) -> Generator[None, None, Column]:
        """See ``Scorer.score``."""
        return (yield from self.inner.score(query, documents, stores, progress))

    def token_spans(self, texts: list[str]) -> list[list[tuple[int, int]]]:
        """See ``CrossEncoderScorer.token_spans``."""
        return self._exact.token_spans(texts)


def fast_form(scorer: BiEncoderScorer | CrossEncoderScorer) -> FastScorer | None:
    """The fast form of an exact scorer; None where the device has no instructions for it or it has no such model."""
    is_exact = scorer.info.dtype == "float32"
    has_transformer = hasattr(scorer.model[0], "model") and hasattr(scorer.model[0].model, "base_model")
    dtype = fast_dtype(scorer.info.device) if is_exact and has_transformer else ""
    return FastScorer(scorer, dtype) if dtype else None


def half_copy(model: Any, dtype: str) -> Any:
    """A copy of a sentence-transformers model whose transformer computes in ``dtype``.

    What comes after it (pooling, the layer that makes the logit) stays in float32: in bfloat16 a logit near 5 is a
    multiple of 0.03, and documents would tie that do not.
    """
    import torch

    made = copy.deepcopy(model)
    base = made[0].model.base_model
    base.to(getattr(torch, dtype))
    base.register_forward_hook(_to_float)
    return made


def _to_float(module: Any, inputs: Any, output: Any) -> Any:
    for name, value in output.items():
        if hasattr(value, "is_floating_point") and value.is_floating_point():
            output[name] = value.float()
    return output


def fast_twin(scorer: Scorer | None) -> FastScorer | None:
    """The fast form of a scorer where it has one that is worth it."""
    found = getattr(scorer, "fast", None)
    return found if isinstance(found, FastScorer) and found.is_worth_it else None


def with_precision(scorer: Scorer, precision: Precision) -> Scorer:
    """The scorer to use: its fast form where that is wanted and there is one."""
    return (fast_twin(scorer) or scorer) if precision is Precision.FAST else scorer
