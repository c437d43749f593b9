"""What a probe has at hand: the scorers and the shared memory, and how it asks them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from components.records import Column, Kind
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.classifier import Classifier
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Progress
from components.scoring.scorer import Scorer, Stores

NEURAL = (Kind.CROSS_ENCODER, Kind.BI_ENCODER)
ALL = (Kind.CROSS_ENCODER, Kind.BI_ENCODER, Kind.BM25)

Columns = dict[Kind, Column]


@dataclass(frozen=True)
class Bench:
    """The scorers of a lesson. Probes run on the worker: each ``yield`` lets the next visitor have a turn."""

    bi_encoder: BiEncoderScorer
    cross_encoder: CrossEncoderScorer
    bm25: Scorer
    stores: Stores
    classifier: Classifier | None = None  # only for lessons that need it

    def scorer(self, kind: Kind) -> Scorer:
        by_kind: dict[Kind, Scorer] = {
            Kind.BI_ENCODER: self.bi_encoder,
            Kind.CROSS_ENCODER: self.cross_encoder,
            Kind.BM25: self.bm25,
        }
        return by_kind[kind]

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Digests of the weights: a stored tally counts only for the same ones."""
        relevance = self.bi_encoder.info.fingerprint, self.cross_encoder.info.fingerprint
        return relevance if self.classifier is None else (*relevance, self.classifier.info.fingerprint)

    def score(
        self, query: str, documents: Sequence[str], progress: Progress, kinds: Sequence[Kind] = NEURAL
    ) -> Generator[None, None, Columns]:
        """Every asked scorer's column for the documents, in pieces."""
        columns: Columns = {}
        for kind in kinds:
            columns[kind] = yield from self.scorer(kind).score(query, documents, self.stores, progress)
        return columns

    def caption(self, kinds: Sequence[Kind] = NEURAL) -> str:
        """What made the numbers: models, units, device and dtype."""
        infos = [self.scorer(kind).info for kind in kinds]
        made = "; ".join(
            f"{info.kind} {info.name} ({info.unit}, {info.device}, {info.dtype})"
            if info.kind is not Kind.BM25
            else "BM25 (counts words)"
            for info in infos
        )
        return f"Computed now: {made}."
