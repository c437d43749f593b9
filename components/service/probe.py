"""Whether the services that are set answer at all, for the doctor: without a model, without a visitor's text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from components.errors import ServiceProblem
from components.service import wire
from components.service.asking import usable
from components.service.attach import address_of, problem_of
from components.service.client import ServiceClient
from components.service.scale import KNOWN_QUERY, KNOWN_TEXTS
from components.service.wire import Form
from components.settings import ServiceSettings

ANSWER_S = 5.0


def probe(wanted: ServiceSettings) -> Iterator[tuple[str, str]]:
    """(what was asked, what is wrong) for each address; the second is "" where the answer is whole."""
    if problem := problem_of(wanted):
        yield "settings", problem
        return
    form, count = Form(wanted.form), len(KNOWN_TEXTS)
    pairs = wire.rerank_question(form, wanted.models.get("relevance", ""), KNOWN_QUERY, KNOWN_TEXTS)
    texts = wire.embeddings_question(wanted.models.get("all-MiniLM-L6-v2", ""), KNOWN_TEXTS)
    asked: list[tuple[str, str, dict[str, Any], Callable[[Any], object]]] = [
        ("/rerank", wanted.rerank, pairs, lambda answer: wire.read_scores(form, answer, count)),
        ("/embeddings", wanted.embeddings, texts, lambda answer: wire.read_vectors(answer, count)),
    ]
    for path, address, question, read in asked:
        if not address:
            continue
        client = ServiceClient(address_of(address, path), wanted.key, min(ANSWER_S, wanted.timeout_s))
        try:
            answer = client.ask(question).result()
            with usable():
                read(answer.content)
            yield path, ""
        except ServiceProblem as problem_found:
            yield path, f"The scoring service {problem_found.what} ({path}): see that it runs and the settings fit it."
        finally:
            client.close()
