"""The word toggle's time for a pair of 100 tokens, beside the forward passes it needs, in one run.

Measured is what a visitor waits for on the server: from a change that is taken to both models' scores of the changed
pair, through the page's flow, the worker and the stores. The page's own drawing comes on top of it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from components.benchmark.report import Line
from components.benchmark.token_map import QUERY, TEXT
from components.models.loading import load, prepare_torch
from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, neural_models
from components.models.room import ModelRoom
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Scheduler
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore
from components.ui import strike_flow
from components.ui.compare_flow import Tools
from components.workspace import Workspace

TOKENS = 100  # of the pair as the cross-encoder reads it, special tokens included
DOCUMENTS = 10  # in the ranking
BAR_S = 0.5  # from a change to both scores


@dataclass(frozen=True)
class ToggleCost:
    """Median seconds: a struck word of the document and one of the query until the pair's scores stand, then ranks.

    ``*_passes_s`` are the same two forward passes alone, taken in turn with the changes.
    """

    tokens: int
    document_s: float
    document_passes_s: float
    query_s: float
    query_passes_s: float
    ranking_s: float


def measure_word_toggle(runs: int) -> ToggleCost:
    """Strike ``runs`` other words of the document, then of the query; models warm, all documents scored before."""
    room = _room()
    tools = Tools(room, Scheduler(), Stores(), SeenBefore(), "benchmark", lambda: True)
    text, tokens = _text(room)
    workspace = Workspace(query=QUERY, documents_text="\n".join(f"{text} {number}" for number in range(DOCUMENTS)))
    flow, models = strike_flow.StrikeFlow(), strike_flow.neural_models(workspace, tools)
    _until(lambda: not flow.step(workspace, 1, tools).polling)
    times: dict[str, list[tuple[float, float, float]]] = {"document": [], "query": []}
    for run in range(runs):
        for part, struck in times.items():
            pair = flow.step(workspace, 1, tools).pair
            start = time.perf_counter()
            flow.take({"pair": pair, "count": time.time_ns(), f"{part}_struck": _struck(run)})
            _until(lambda: (view := flow.step(workspace, 1, tools)).is_new and bool(view.effects))
            scored = time.perf_counter()
            _until(lambda: not flow.step(workspace, 1, tools).polling)
            ranked = time.perf_counter()
            view = flow.step(workspace, 1, tools)
            assert view.change is not None
            passes = sum(_pass(room, key, *view.change.texts, part) for key in models)
            struck.append((scored - start, passes, ranked - scored))
    medians = {part: [statistics.median(one) for one in zip(*rows, strict=True)] for part, rows in times.items()}
    document, query = medians["document"], medians["query"]
    return ToggleCost(tokens, document[0], document[1], query[0], query[1], query[2])


def _struck(run: int) -> list[int]:
    """Words that no run before has struck, so that nothing is known: single ones, then neighbours."""
    words = len(QUERY.split())
    return [run] if run < words else [run - words, run - words + 1]


def _room() -> ModelRoom:
    specs = [spec for spec in neural_models() if spec.key in (DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER)]
    room = ModelRoom(specs, load, prepare_torch)
    room.start()
    room.wait(600)
    return room


def _text(room: ModelRoom) -> tuple[str, int]:
    """A document that makes a pair of ``TOKENS`` tokens with the query."""
    scorer = room.scorer(DEFAULT_CROSS_ENCODER)
    assert isinstance(scorer, CrossEncoderScorer)
    tokenizer = scorer.model.tokenizer
    rest = TOKENS - len(tokenizer(QUERY, "0")["input_ids"])
    offsets = tokenizer(TEXT * 12, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    text = (TEXT * 12)[: offsets["offset_mapping"][rest - 1][1]]
    return text, len(tokenizer(QUERY, f"{text} 0")["input_ids"])


def _pass(room: ModelRoom, key: str, query: str, document: str, part: str) -> float:
    """Seconds of the forward pass that a changed pair takes in one model."""
    scorer = room.scorer(key)
    start = time.perf_counter()
    if isinstance(scorer, CrossEncoderScorer):
        scorer.forward([(query, document)])
    elif isinstance(scorer, BiEncoderScorer):  # the text that did not change has its vector
        scorer.forward(part, [query if part == "query" else document])
    return time.perf_counter() - start


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.005)


def lines(cost: ToggleCost) -> list[Line]:
    """Both scores of the changed pair after a struck word, beside the forward passes alone."""
    documents = ("document", cost.document_s, cost.document_passes_s, "")
    queries = ("query", cost.query_s, cost.query_passes_s, f"; ranks {cost.ranking_s:.2f} s later")
    return [
        Line(
            "word toggle",
            f"a {part} word, {cost.tokens} tokens",
            seconds,
            "s",
            f"{seconds / passes:.2f} times the two forward passes ({passes:.3f} s){more}",
            f"at most {BAR_S} s",
            seconds <= BAR_S,
        )
        for part, seconds, passes, more in (documents, queries)
    ]
