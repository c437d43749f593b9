"""What pages say that look into a model itself, while a scoring service gives the scores elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from components import settings
from components.records import ScorerInfo
from components.service.attach import is_served

OWN_MODEL = (
    "Computed by this server's own copy of the model: the scoring service gives scores only, on Compare and "
    "Retrieve & re-rank."
)


def own_model(models: Iterable[ScorerInfo]) -> str:
    """The sentence, where a service serves one of these models; else empty."""
    wanted = settings.service()
    return OWN_MODEL if any(is_served(wanted, info) for info in models) else ""
