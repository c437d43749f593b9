"""Against real services: Infinity and our Ray Serve deployment, each in an environment of its own.

They run where the variables INFINITY_EMB (its executable) and RAY_PYTHON (a python with requirements-serve.txt) are
set, and not by default: ``make services INFINITY_EMB=... RAY_PYTHON=...``.
"""

from __future__ import annotations

import os

import pytest

from components.benchmark.real_services import RealService, free_port, infinity_command, ray_command, started
from components.benchmark.services import kill_under_load, largest_difference
from components.service.client import ServiceClient
from components.service.served import ServedBiEncoder, ServedCrossEncoder
from components.service.wire import Form
from tests.service.conftest import DOCUMENTS, run

pytestmark = pytest.mark.slow
COMMANDS = {"infinity": ("INFINITY_EMB", infinity_command), "ray": ("RAY_PYTHON", ray_command)}
EVERY = [*DOCUMENTS, *(f"the clock of house {number} " + "strikes " * number for number in range(60))]


def start(name, tmp_path_factory):
    variable, command = COMMANDS[name]
    if not os.environ.get(variable):
        pytest.skip(f"{variable} names no {name}: see tests/service/test_real.py")
    port = free_port()
    return started(name, command(os.environ[variable], port), port, tmp_path_factory.mktemp(name) / "output.txt")


@pytest.fixture(scope="module", params=COMMANDS)
def real(request, tmp_path_factory) -> RealService:
    with start(request.param, tmp_path_factory) as service:
        yield service


def close_after(request, client):
    request.addfinalizer(client.close)
    return client


def test_scores_equal_the_own_ones_whatever_the_length(real, cross_encoder, request):
    client = close_after(request, ServiceClient(real.url + "/rerank"))
    served = run(ServedCrossEncoder(cross_encoder, client, Form.INFINITY, "relevance", False), documents=EVERY)
    own = run(cross_encoder, documents=EVERY)
    assert largest_difference(served, own) <= 1e-4
    assert any(score.tokens_lost for score in own.scores)
    assert served.scorer.service
    assert served.note == ""


def test_without_raw_scores_it_is_found_out_that_they_are_sigmoid_values(real, cross_encoder, request):
    client = close_after(request, ServiceClient(real.url + "/rerank"))
    served = run(ServedCrossEncoder(cross_encoder, client, Form.COHERE, "relevance", False), documents=EVERY)
    assert "sigmoid values turned into logits" in served.scorer.service
    assert largest_difference(served, run(cross_encoder, documents=EVERY)) <= 1e-4


def test_vectors_equal_the_own_ones(real, bi_encoder, request):
    client = close_after(request, ServiceClient(real.url + "/embeddings"))
    served = run(ServedBiEncoder(bi_encoder, client, Form.INFINITY, "all-MiniLM-L6-v2", False), documents=EVERY)
    assert largest_difference(served, run(bi_encoder, documents=EVERY)) <= 1e-4


def test_the_other_model_under_the_name_is_noticed(real, cross_encoder, request):
    """A cross-encoder of our own whose weights are others: the service's answers are not its scores."""
    import copy

    import torch

    other = copy.copy(cross_encoder)
    other.model = copy.deepcopy(cross_encoder.model)
    with torch.no_grad():
        next(p for n, p in other.model.named_parameters() if n.endswith("classifier.bias")).add_(2.0)
    client = close_after(request, ServiceClient(real.url + "/rerank"))
    column = run(ServedCrossEncoder(other, client, Form.INFINITY, "relevance", True))
    assert "runs another model than relevance" in column.note


@pytest.mark.parametrize("real", ["ray"], indirect=True)  # the other has no replicas
def test_a_replica_killed_under_load_costs_nothing(real, cross_encoder):
    found = kill_under_load(real, cross_encoder)
    assert found.killed == 1
    assert found.failed == []
    assert found.wrong == 0
    assert found.done > 0


def test_the_service_dies_and_the_own_model_takes_over(cross_encoder, tmp_path_factory, request):
    with start("infinity", tmp_path_factory) as service:
        client = close_after(request, ServiceClient(service.url + "/rerank"))
        scorer = ServedCrossEncoder(cross_encoder, client, Form.INFINITY, "relevance", True)
        assert run(scorer).note == ""
        service.process.kill()
        service.process.wait(30)
        column = run(scorer, query="another query")
    assert (
        column.note
        == "The scoring service cannot be reached: this server's own cross-encoder relevance scored instead."
    )
    assert column.scorer.service == ""
