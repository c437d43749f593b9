"""Models people ask for, with what must be known to use them as their authors meant: a data file, read when asked.

A name in the list says nothing about whether the model is on this machine or may be fetched.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from components.settings import ASSETS

FILE = ASSETS / "known_models.json"
KINDS = ("cross-encoder", "bi-encoder", "entailment")
BYTES_A_WEIGHT = 4  # published weights are mostly 32-bit


@dataclass(frozen=True)
class KnownModel:
    """One well-known model.

    ``prompts`` maps "query" and "document" to what its authors put before a text; ``pooling`` is how a bi-encoder makes
    one vector of its tokens; ``dl19`` is its published nDCG@10 re-ranking TREC DL 2019, with its ``source``.
    """

    name: str  # on the Hub
    kind: str  # one of KINDS
    architecture: str
    parameters_million: float
    max_tokens: int
    licence: str
    about: str
    prompts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    pooling: str = ""
    dl19: float | None = None
    source: str = ""
    remote_code: bool = False

    @property
    def download_mb(self) -> float:
        """About what has to be fetched, in 10^6 bytes."""
        return self.parameters_million * BYTES_A_WEIGHT

    @property
    def refusal(self) -> str:
        """Why this app cannot have it on any machine; empty where it can."""
        if self.remote_code:
            return f"{self.name} brings code of its own, which this app does not run."
        return ""

    @property
    def figure(self) -> str:
        """The published figure in words."""
        if self.dl19 is None:
            return "no published figure that could be compared"
        return f"nDCG@10 {self.dl19:.3f} on TREC DL 2019, as published ({self.source})"


@cache
def known_models() -> tuple[KnownModel, ...]:
    """The list, in the order of the file."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))["models"]
    return tuple(KnownModel(**{**row, "prompts": MappingProxyType(row.get("prompts", {}))}) for row in rows)


def known(name: str) -> KnownModel | None:
    """What is known of a Hub name; capitals do not matter."""
    return next((model for model in known_models() if model.name.lower() == name.strip().lower()), None)
