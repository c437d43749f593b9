"""The forms in which scoring services speak HTTP: what is asked, and how an answer is read.

``POST /rerank`` as Cohere, Jina and vLLM have it, Infinity's with ``raw_scores``, and that of TEI (Hugging Face's Text
Embeddings Inference), which is written after its documentation and was not run against it. ``POST /embeddings`` is
OpenAI's, which all of them speak.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


class Form(StrEnum):
    """Whose way of asking and answering a service has."""

    COHERE = "cohere"
    INFINITY = "infinity"
    TEI = "tei"


NAMES = {Form.COHERE: "Cohere's form", Form.INFINITY: "Infinity's form", Form.TEI: "TEI's form"}


class WrongAnswer(Exception):
    """What is wrong with an answer, in a few words that hold nothing of it: services repeat what they were sent."""


def rerank_question(form: Form, model: str, query: str, documents: Sequence[str]) -> dict[str, Any]:
    """The body of ``POST /rerank``: raw logits are asked for where the form has a word for it."""
    if form is Form.TEI:
        return {"query": query, "texts": list(documents), "raw_scores": True, "return_text": False, "truncate": True}
    question: dict[str, Any] = {"model": model, "query": query, "documents": list(documents)}
    if form is Form.INFINITY:
        return {**question, "raw_scores": True, "return_documents": False}
    return {**question, "top_n": len(documents)}


def read_scores(form: Form, answer: Any, count: int) -> list[float]:
    """The scores in the order of the documents: services answer in the order of their scores, so by ``index``."""
    rows = answer if form is Form.TEI else _part(answer, "results")
    name = "score" if form is Form.TEI else "relevance_score"
    scores: dict[int, float] = {}
    for place, row in _by_index(rows, count):
        value = row.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise WrongAnswer("a score is not a number")
        scores[place] = float(value)
    return [scores[place] for place in range(count)]


def embeddings_question(model: str, texts: Sequence[str]) -> dict[str, Any]:
    """The body of ``POST /embeddings``."""
    return {"model": model, "input": list(texts), "encoding_format": "float"}


def read_vectors(answer: Any, count: int) -> np.ndarray:
    """The embeddings in the order of the texts, float32 (texts, dimension)."""
    import numpy as np

    vectors = {place: row.get("embedding") for place, row in _by_index(_part(answer, "data"), count)}
    try:
        made = np.array([vectors[place] for place in range(count)], dtype=np.float32)
    except (TypeError, ValueError):
        raise WrongAnswer("the vectors are not lists of numbers of one length") from None
    if made.ndim != 2 or not made.shape[1] or not np.isfinite(made).all():
        raise WrongAnswer("the vectors are not lists of numbers of one length")
    return made


def _part(answer: Any, name: str) -> Any:
    if not isinstance(answer, dict) or name not in answer:
        raise WrongAnswer(f"it has no “{name}”")
    return answer[name]


def _by_index(rows: Any, count: int) -> list[tuple[int, dict[str, Any]]]:
    """Each row with its index; every text must have exactly one."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise WrongAnswer("it holds no list of results")
    if len(rows) != count:
        raise WrongAnswer(f"it has {len(rows)} results for {count} texts")
    places = [row.get("index") for row in rows]
    if any(type(place) is not int for place in places) or sorted(places) != list(range(count)):
        raise WrongAnswer("its results do not say which text they are of")
    return list(zip(places, rows, strict=True))
