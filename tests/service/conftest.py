"""A local service that runs the shipped models, and scorers that are served by it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores
from components.service.client import ServiceClient
from components.service.served import ServedBiEncoder, ServedCrossEncoder
from components.service.wire import Form
from tests.service.local_server import LocalService, running

QUERY = "who repairs old clocks"
DOCUMENTS = [
    "The watchmaker in Mill Lane mends clocks of any age.",
    "Clocks go forward on the last Sunday of March.",
    "A recipe for plum cake.",
    "Überlänge 🦉, two  spaces",
    "the bell tower has a clock " * 200,  # longer than any window
    "The watchmaker in Mill Lane mends clocks of any age.",
]


@pytest.fixture
def service(cross_encoder, bi_encoder):
    """The service, and its address as ``service.url``."""

    def score(query, texts):
        return cross_encoder.forward([(query, text) for text in texts])

    made = LocalService(score, lambda texts: bi_encoder.forward("document", list(texts)).tolist())
    with running(made) as url:
        made.url = url
        yield made


@pytest.fixture
def connect(service):
    """``connect(path)``: a client, closed at the end."""
    made = []

    def open_one(path, key="", timeout_s=20.0, url=None):
        made.append(ServiceClient((url or service.url) + path, key, timeout_s))
        return made[-1]

    yield open_one
    for one in made:
        one.close()


@pytest.fixture
def pairs(connect, cross_encoder) -> Callable[..., ServedCrossEncoder]:
    """``pairs()``: the cross-encoder as the service serves it."""

    def make(form=Form.INFINITY, falls_back=False, timeout_s=20.0, url=None, key=""):
        client = connect("/rerank", key, timeout_s, url)
        return ServedCrossEncoder(cross_encoder, client, form, "relevance", falls_back)

    return make


@pytest.fixture
def vectors(connect, bi_encoder) -> Callable[..., ServedBiEncoder]:
    """``vectors()``: the bi-encoder as the service serves it."""

    def make(falls_back=False, timeout_s=20.0):
        client = connect("/embeddings", timeout_s=timeout_s)
        return ServedBiEncoder(bi_encoder, client, Form.INFINITY, "all-MiniLM-L6-v2", falls_back)

    return make


def run(scorer, query=QUERY, documents=DOCUMENTS, stores=None, progress=None):
    """Drive a scorer to its column."""
    pieces = scorer.score(query, documents, stores or Stores(), progress or Progress())
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return end.value
