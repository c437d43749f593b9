"""From the operator's settings to scorers that have a served form."""

from __future__ import annotations

import logging

from components.records import Kind, ScorerInfo
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scorer import Scorer
from components.service.client import ServiceClient
from components.service.served import ServedBiEncoder, ServedCrossEncoder
from components.service.wire import Form
from components.settings import ServiceSettings

logger = logging.getLogger("relevance_lab")


class Services:
    """The addresses that are set, and who is asked for which model. ``problem`` is what is wrong with the settings."""

    def __init__(self, wanted: ServiceSettings) -> None:
        self._wanted = wanted
        self.problem = problem_of(wanted)
        if self.problem:
            logger.error("%s The app scores by itself.", self.problem)
        self._rerank = self._client(wanted.rerank, "/rerank")
        self._embeddings = self._client(wanted.embeddings, "/embeddings")

    def attach(self, scorer: Scorer) -> Scorer:
        """The same scorer, which now knows the service that runs its model, where one is set."""
        name = self._wanted.models.get(scorer.info.name)
        if name is None or self.problem:
            return scorer
        form, falls_back = Form(self._wanted.form), self._wanted.falls_back
        if isinstance(scorer, CrossEncoderScorer) and self._rerank is not None:
            scorer.served = ServedCrossEncoder(scorer, self._rerank, form, name, falls_back)
        if isinstance(scorer, BiEncoderScorer) and self._embeddings is not None:
            scorer.served = ServedBiEncoder(scorer, self._embeddings, form, name, falls_back)
        return scorer

    def close(self) -> None:
        """Close the connections."""
        for client in (self._rerank, self._embeddings):
            if client is not None:
                client.close()

    def _client(self, address: str, path: str) -> ServiceClient | None:
        if not address or self.problem:
            return None
        return ServiceClient(address_of(address, path), self._wanted.key, self._wanted.timeout_s, self._wanted.at_once)


def address_of(address: str, path: str) -> str:
    """The whole address: the path is added where the operator left it out."""
    bare = address.rstrip("/")
    return bare if bare.endswith(path) else bare + path


def problem_of(wanted: ServiceSettings) -> str:
    """A sentence where the settings cannot be meant as they are; no address and no key stands in it."""
    for name, address in (("RERANK_URL", wanted.rerank), ("EMBEDDINGS_URL", wanted.embeddings)):
        if address and not address.startswith(("http://", "https://")):
            return f"RELEVANCE_LAB_{name} must begin with http:// or https://."
    if (wanted.rerank or wanted.embeddings) and wanted.form not in set(Form):
        return f"RELEVANCE_LAB_SERVICE_FORM must be one of {', '.join(Form)}."
    return ""


def is_served(wanted: ServiceSettings, info: ScorerInfo) -> bool:
    """Whether scores of this model come from a service, by the settings."""
    address = {Kind.CROSS_ENCODER: wanted.rerank, Kind.BI_ENCODER: wanted.embeddings}.get(info.kind, "")
    return bool(address) and info.name in wanted.models and not problem_of(wanted)
