"""From environment variables to scorers with a service."""

import pytest

from components import settings
from components.service.attach import Services
from components.service.served import served_form
from components.service.wire import Form
from tests.service.conftest import run

NAMES = (
    "RERANK_URL",
    "EMBEDDINGS_URL",
    *("SERVICE_" + one for one in ("FORM", "MODELS", "KEY", "TIMEOUT", "AT_ONCE", "FALLBACK")),
)


@pytest.fixture
def set_to(monkeypatch, cross_encoder, bi_encoder):
    """``set_to(RERANK_URL=...)``: the services of these settings; the scorers lose theirs afterwards."""

    def make(**values):
        for name in NAMES:
            monkeypatch.delenv("RELEVANCE_LAB_" + name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv("RELEVANCE_LAB_" + name, value)
        made.append(Services(settings.service()))
        return made[-1]

    made = []
    monkeypatch.setattr(cross_encoder, "served", None)
    monkeypatch.setattr(bi_encoder, "served", None)
    yield make
    for one in made:
        one.close()


def test_without_settings_the_app_scores_by_itself(set_to, cross_encoder, bi_encoder):
    services = set_to()
    assert served_form(services.attach(cross_encoder)) is served_form(services.attach(bi_encoder)) is None
    assert services.problem == ""


def test_each_address_serves_its_kind_under_the_names_given(set_to, cross_encoder, bi_encoder, service):
    services = set_to(RERANK_URL=service.url + "/", SERVICE_MODELS="relevance=models/ours", SERVICE_FORM="cohere")
    served = served_form(services.attach(cross_encoder))
    run(served)
    assert {path for path, _ in service.questions} == {"/rerank"}
    assert {asked["model"] for _, asked in service.questions} == {"models/ours"}
    assert served_form(services.attach(bi_encoder)) is None


def test_a_model_that_is_not_named_stays_here(set_to, cross_encoder):
    services = set_to(RERANK_URL="http://127.0.0.1:9", SERVICE_MODELS="another")
    assert served_form(services.attach(cross_encoder)) is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"RERANK_URL": "127.0.0.1:7997"}, "RELEVANCE_LAB_RERANK_URL must begin with http"),
        ({"EMBEDDINGS_URL": "http://x", "SERVICE_FORM": "grpc"}, "must be one of cohere, infinity, tei"),
    ],
)
def test_wrong_settings_are_one_sentence_and_change_nothing(set_to, cross_encoder, values, words):
    services = set_to(**values)
    assert words in services.problem
    assert served_form(services.attach(cross_encoder)) is None


def test_the_rest_of_the_settings(set_to):
    set_to(SERVICE_TIMEOUT="2.5", SERVICE_FALLBACK="on", SERVICE_KEY="s3cret")
    found = settings.service()
    assert (found.timeout_s, found.falls_back, found.form) == (2.5, True, Form.INFINITY)
    assert "s3cret" not in repr(found)
    set_to(SERVICE_TIMEOUT="soon", SERVICE_AT_ONCE="16")
    found = settings.service()
    assert (found.timeout_s, found.falls_back, found.at_once) == (20.0, False, 16)
