"""What the doctor says of a scoring service."""

import pytest

from components import doctor
from tests.service.local_server import status


@pytest.fixture
def set_to(monkeypatch, service):
    for name in ("FORM", "MODELS", "KEY", "TIMEOUT", "AT_ONCE", "FALLBACK"):
        monkeypatch.delenv("RELEVANCE_LAB_SERVICE_" + name, raising=False)
    monkeypatch.setenv("RELEVANCE_LAB_RERANK_URL", service.url)
    monkeypatch.setenv("RELEVANCE_LAB_EMBEDDINGS_URL", service.url)
    return monkeypatch.setenv


def test_a_service_that_answers(set_to, service):
    lines = list(doctor.services())
    assert [(line.name, line.found, line.problem) for line in lines] == [
        ("service /rerank", "answers", ""),
        ("service /embeddings", "answers", ""),
    ]
    assert {asked["model"] for _, asked in service.questions} == {"relevance", "all-MiniLM-L6-v2"}


def test_one_that_does_not_is_a_problem_and_its_address_is_not_told(set_to, service):
    service.faults = [status(404)]
    first, second = doctor.services()
    assert "refused the question (error 404) (/rerank)" in first.problem
    assert service.url not in "".join(doctor.written([first, second]))
    assert second.problem == ""


def test_no_service_no_line_and_wrong_settings_are_a_problem(set_to, monkeypatch):
    set_to("RELEVANCE_LAB_SERVICE_FORM", "smoke signals")
    assert "must be one of" in next(doctor.services()).problem
    monkeypatch.delenv("RELEVANCE_LAB_RERANK_URL")
    monkeypatch.delenv("RELEVANCE_LAB_EMBEDDINGS_URL")
    assert list(doctor.services()) == []
