"""Fixtures of the attention tests."""

from __future__ import annotations

import pytest
from sentence_transformers import CrossEncoder

from components.attention.extract import extract
from components.attention.pair import PairAttention
from components.records import ScorerInfo
from tests.attention.families import DOCUMENT, FAMILIES, QUERY, build


@pytest.fixture(scope="session", params=FAMILIES)
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[CrossEncoder, ScorerInfo]:
    """A tiny cross-encoder of each family in turn; its name is in ``info.name``."""
    return build(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="session")
def pair(cross_encoder) -> PairAttention:
    """The shipped model on a short pair."""
    return extract(cross_encoder.model, cross_encoder.info, QUERY, DOCUMENT)
