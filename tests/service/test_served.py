"""Scorers that a service serves: the same numbers as here, and one sentence for everything that can go wrong."""

from __future__ import annotations

import logging
import math
import threading

import pytest

from components.errors import ServiceProblem
from components.scoring.forward import driven
from components.scoring.scheduler import Job, Progress, Scheduler
from components.scoring.scorer import Stores
from components.service import client as client_module
from components.service.wire import Form
from tests.service.conftest import DOCUMENTS, QUERY, run
from tests.service.local_server import drop_by_drop, hang_up, send, status

TAKEN_OVER = "The scoring service failed with error 500: this server's own cross-encoder relevance scored instead."
SECRET = "zanzibar"  # stands for a visitor's text: it must turn up nowhere


def same(served, own):
    return max(abs(one - other) for one, other in zip(served.values, own.values, strict=True))


@pytest.mark.parametrize("form", list(Form))
def test_scores_are_those_of_the_own_model_in_every_form(pairs, cross_encoder, form):
    served, own = run(pairs(form)), run(cross_encoder)
    assert same(served, own) <= 1e-4
    assert [score.tokens_lost for score in served.scores] == [score.tokens_lost for score in own.scores]
    assert "the scoring service" in served.scorer.made_by
    assert served.note == ""
    assert "service" not in own.scorer.made_by


def test_sigmoid_values_are_found_out_once_and_turned_back(pairs, service, cross_encoder):
    raw = service.score
    service.score = lambda query, texts: [1 / (1 + math.exp(-value)) for value in raw(query, texts)]
    scorer = pairs(Form.COHERE)
    served, own = run(scorer), run(cross_encoder)
    assert same(served, own) <= 1e-4
    assert "sigmoid values turned into logits" in served.scorer.made_by
    questions = len(service.questions)
    run(scorer, query="another query")
    assert all(asked["query"] == "another query" for _, asked in service.questions[questions:])


def test_embeddings_are_the_own_ones_even_where_the_service_does_not_normalise(vectors, service, bi_encoder):
    whole = service.embed
    service.embed = lambda texts: [[3.0 * value for value in vector] for vector in whole(texts)]
    served, own = run(vectors()), run(bi_encoder)
    assert same(served, own) <= 1e-4
    assert served.vectors_kept == own.vectors_kept
    assert served.texts_embedded == own.texts_embedded


def test_what_is_known_is_not_asked_for_again_and_questions_hold_at_most_32_texts(pairs, service):
    stores, documents = Stores(), [f"clock number {number}" for number in range(100)]
    scorer = pairs()
    first = run(scorer, documents=documents, stores=stores)
    asked = [len(asked["documents"]) for _, asked in service.questions]
    assert max(asked) <= 32
    assert sum(asked) == 100 + 3
    progress = Progress()
    again = run(scorer, documents=documents, stores=stores, progress=progress)
    assert len(service.questions) == len(asked)
    assert (again.values, again.computed, progress.done) == (first.values, 0, 100)


def test_another_model_behind_the_address_is_noticed(pairs, vectors, service):
    service.score = lambda query, texts: [float(len(text)) for text in texts]
    with pytest.raises(ServiceProblem, match="runs another model than relevance"):
        run(pairs())
    service.embed = lambda texts: [[1.0] + [0.0] * 383 for _ in texts]
    with pytest.raises(ServiceProblem, match="runs another model than all-MiniLM-L6-v2"):
        run(vectors())


FAULTS = {
    "dead": ([hang_up, hang_up], "broke off the connection"),
    "error 500": ([status(500), status(503)], "failed with error 503"),
    "error 422": ([status(422, f'{{"input": "{SECRET}"}}')], "refused the question (error 422)"),
    "redirect": ([status(307)], "refused the question (error 307)"),
    "no key": ([status(401)], "did not accept this server's key (error 401)"),
    "no JSON": ([lambda handler: send(handler, 200, f"<p>{SECRET}") or True], "cannot be read"),
    "bad count": ([lambda handler: send(handler, 200, '{"results": []}') or True], "0 results for 3 texts"),
    "not a form": ([lambda handler: send(handler, 200, f'["{SECRET}"]') or True], "has no “results”"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_sentence_and_the_next_try_works(pairs, service, name, caplog):
    faults, words = FAULTS[name]
    caplog.set_level(logging.DEBUG)
    service.faults = list(faults)
    scorer = pairs()
    with pytest.raises(ServiceProblem) as caught:
        run(scorer, query=SECRET)
    assert words in str(caught.value)
    assert str(caught.value).startswith("The scoring service ")
    assert str(caught.value).count(". ") == 0
    assert len(service.questions) == len(faults)
    assert len(run(scorer).values) == len(DOCUMENTS)
    assert SECRET not in caplog.text + str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("fault", [hang_up, status(500)])
def test_one_retry_and_nothing_is_lost(pairs, service, cross_encoder, fault):
    service.faults = [fault]
    assert same(run(pairs()), run(cross_encoder)) <= 1e-4


def test_a_refused_question_is_not_asked_twice(pairs, service):
    service.faults = [status(400)]
    with pytest.raises(ServiceProblem):
        run(pairs())
    assert len(service.questions) == 1


def test_a_service_that_is_too_slow_is_given_up_however_it_is_slow(pairs, service):
    service.faults = [drop_by_drop(60)]
    with pytest.raises(ServiceProblem, match=r"took longer than 0\.5 s"):
        run(pairs(timeout_s=0.5))


def test_nobody_at_the_address(pairs):
    with pytest.raises(ServiceProblem, match="cannot be reached"):
        run(pairs(url="http://127.0.0.1:9"))


def test_the_own_model_takes_over_where_it_may_and_the_column_says_so(pairs, service, cross_encoder):
    service.faults = [status(500)] * 2
    scorer, progress = pairs(falls_back=True), Progress()
    column = run(scorer, progress=progress)
    assert column.values == run(cross_encoder).values
    assert column.scorer == cross_encoder.info
    assert (
        column.note
        == "The scoring service failed with error 500: this server's own cross-encoder relevance scored instead."
    )
    assert progress.done == len(DOCUMENTS)


def test_in_the_middle_of_the_work_the_whole_column_is_made_anew(pairs, service, cross_encoder):
    documents = [f"clock number {number}" for number in range(100)]
    scorer, progress = pairs(falls_back=True), Progress()
    run(scorer)  # the known pair is behind us
    service.faults = [lambda handler: False, status(400), status(400), status(400)]
    column = run(scorer, documents=documents, progress=progress)
    assert same(column, run(cross_encoder, documents=documents)) <= 1e-4
    assert column.scorer.service == ""
    assert progress.done == 100


def test_a_service_that_was_down_is_left_alone_for_a_while(pairs, service, monkeypatch):
    service.faults = [hang_up] * 2
    scorer = pairs(falls_back=True)
    run(scorer)
    asked = len(service.questions)
    assert "own cross-encoder relevance scored" in run(scorer, query="another").note
    assert len(service.questions) == asked
    monkeypatch.setattr(client_module.time, "monotonic", lambda real=client_module.time.monotonic: real() + 60)
    assert run(scorer, query="a third").note == ""


def test_the_key_is_sent_and_the_texts_are_as_typed(pairs, service):
    run(pairs(key="s3cret"))
    assert {headers["Authorization"] for headers in service.headers} == {"Bearer s3cret"}
    asked = [text for _, question in service.questions for text in question["documents"]]
    assert set(DOCUMENTS) <= set(asked)
    assert QUERY in {question["query"] for _, question in service.questions}
    assert {path for path, _ in service.questions} == {"/rerank"}


def test_a_batch_at_once_is_in_order_whatever_its_size(pairs, vectors, service, cross_encoder, bi_encoder):
    texts = [f"clock number {number} " + "tick " * (number % 7) for number in range(70)]
    logits = pairs().forward([(QUERY, text) for text in texts])
    assert logits == pytest.approx(cross_encoder.forward([(QUERY, text) for text in texts]), abs=1e-4)
    there, here = vectors().forward("document", texts), bi_encoder.forward("document", texts)
    assert abs(there - here).max() <= 1e-4
    assert max(len(asked.get("input") or asked["documents"]) for _, asked in service.questions) == 32


def test_the_own_model_takes_over_a_batch_with_a_sentence(pairs, service, cross_encoder):
    service.faults = [status(503)] * 2
    made = driven(pairs(falls_back=True).forward_beside([(QUERY, DOCUMENTS[0])], Progress()))
    assert made.values == pytest.approx(cross_encoder.forward([(QUERY, DOCUMENTS[0])]), abs=1e-6)
    assert (
        made.note
        == "The scoring service failed with error 503: this server's own cross-encoder relevance scored instead."
    )
    service.faults = [status(503)] * 2
    with pytest.raises(ServiceProblem):
        pairs().forward([(QUERY, DOCUMENTS[0])])


def test_while_the_service_computes_other_visitors_have_the_worker(pairs, service, cross_encoder):
    """A visitor whose scores are elsewhere holds nobody up, and is served when the answer comes."""
    go, scheduler, found = threading.Event(), Scheduler(), {}
    fast = service.score

    def slow(query, texts):
        assert go.wait(60)
        return fast(query, texts)

    def work(scorer):
        def pieces(progress):
            found[scorer] = yield from scorer.score(QUERY, DOCUMENTS, Stores(), progress)

        return pieces

    service.score, served = slow, pairs()
    waiting = scheduler.submit(Job("a", "test", work(served)))
    others = [scheduler.submit(Job(name, "test", work(cross_encoder))) for name in "bcd"]
    assert all(job.wait(60) for job in others)
    assert not waiting.ended
    go.set()
    assert waiting.wait(60)
    assert same(found[served], found[cross_encoder]) <= 1e-4
