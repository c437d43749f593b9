"""Tiny and shipped models for the attribution tests."""

from __future__ import annotations

import pytest

from components.attention.extract import extract
from components.scoring.cross_encoder import CrossEncoderScorer
from tests.attention.families import DOCUMENT, QUERY, build

KINDS = ["bert", "albert", "distilbert", "modernbert", "deberta-v2"]


def finish(work):
    """Run a job's work to its end and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


@pytest.fixture(scope="session", params=KINDS)
def tiny(request, tmp_path_factory) -> CrossEncoderScorer:
    """A tiny cross-encoder of a family with random weights."""
    return CrossEncoderScorer(*build(request.param, tmp_path_factory.mktemp(request.param)))


@pytest.fixture
def tiny_pair(tiny):
    return extract(tiny.model, tiny.info, QUERY, DOCUMENT)


@pytest.fixture(scope="session")
def shipped_pair(cross_encoder):
    return extract(
        cross_encoder.model, cross_encoder.info, "what do herons eat", "Herons feed on perch, eels and newts."
    )
