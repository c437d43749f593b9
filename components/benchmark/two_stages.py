"""``python -m components.benchmark.two_stages --file FILE``: one query through both stages, warm, k = 50.

Beside the two stages' forward passes alone on the same tokens in the same batches: what searching, tokenising twice
and the pieces cost on top. Each query is run both ways in turn, which of them first changes. The index holds random
vectors: which passages are found does not matter to the clock.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components.benchmark.report import load_average
from components.models.loading import load, prepare_torch
from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, neural_models
from components.retrieval import line_file
from components.retrieval.collection import Collection
from components.retrieval.index import ArrayIndex
from components.retrieval.indexing import Opened
from components.retrieval.pipeline import Pipeline, QueryRun, Stage
from components.retrieval.word_index import WordIndex
from components.scoring.batching import cut_batches
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.forward import driven
from components.scoring.scheduler import Progress

K, BAR = 50, 1.2
DIMENSION = 384


def measure(collection: Collection, bi: BiEncoderScorer, cross: CrossEncoderScorer, queries: int) -> dict[str, Any]:
    """Seconds of both ways for each query, by the clock and by the processors, and their ratios."""
    index, pipeline, chance = _index(collection), Pipeline(bi, cross), random.Random(0)
    texts = [" ".join(collection.texts[chance.randrange(len(collection))].split()[:8]) for _ in range(queries)]
    _through(pipeline, texts[0], collection, index)  # the first passes are slow
    rows = []
    for number, query in enumerate(texts):
        found = _through(pipeline, query, collection, index)
        pairs = [(query, collection.texts[place]) for place in found.hits.places[:K]]
        ways: list[tuple[str, Callable[[], object]]] = [
            ("whole", lambda query=query: _through(pipeline, query, collection, index)),  # type: ignore[misc]
            ("passes", _passes(bi, cross, query, pairs, pipeline)),
        ]
        row = {name: _timed(call) for name, call in (ways if number % 2 else reversed(ways))}
        row["search"] = (found.search_s, found.search_s)
        rows.append(row)
    return {
        "passages": len(collection),
        "queries": queries,
        "whole_ms": _median_ms([row["whole"][0] for row in rows]),
        "passes_ms": _median_ms([row["passes"][0] for row in rows]),
        "search_ms": _median_ms([row["search"][0] for row in rows]),
        "ratio_by_clock": round(statistics.median(row["whole"][0] / row["passes"][0] for row in rows), 3),
        "ratio_by_processor": round(statistics.median(row["whole"][1] / row["passes"][1] for row in rows), 3),
        "bar": f"at most {BAR}",
    }


def _index(collection: Collection) -> Opened:
    import numpy as np

    vectors = ArrayIndex("cosine")
    vectors.add(np.random.default_rng(0).normal(size=(len(collection), DIMENSION)).astype(np.float32))
    return Opened("benchmark", vectors, WordIndex(None, len(collection), collection.digest))


def _through(pipeline: Pipeline, query: str, collection: Collection, index: Opened) -> QueryRun:
    """Both stages as the page runs them."""
    return driven(pipeline.run(query, Stage.BI_ENCODER, K, collection, index, Progress()))


def _passes(
    bi: BiEncoderScorer, cross: CrossEncoderScorer, query: str, pairs: list[tuple[str, str]], pipeline: Pipeline
) -> Callable[[], object]:
    """The forward passes alone: tokens are there already, batches are cut by the pipeline's own budget."""
    of_query, tokens = bi.tokenise("query", [query]), cross.tokenise(pairs)

    def run() -> object:
        bi.run(of_query)
        return [cross.run(tokens.take(batch)) for batch in cut_batches(tokens.lengths, pipeline.budget)]

    return run


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def _median_ms(seconds: list[float]) -> float:
    return round(1000 * statistics.median(seconds), 1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m components.benchmark.two_stages", description=__doc__)
    parser.add_argument("--file", type=Path, required=True, help="passages: .jsonl, .tsv or .txt")
    parser.add_argument("--queries", type=int, default=30)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    device = prepare_torch()
    found = {spec.key: load(spec, device) for spec in neural_models()}
    bi, cross = found[DEFAULT_BI_ENCODER], found[DEFAULT_CROSS_ENCODER]
    assert isinstance(bi, BiEncoderScorer)
    assert isinstance(cross, CrossEncoderScorer)
    collection = driven(line_file.read(options.file, Progress()))
    before = load_average()
    figures = measure(collection, bi, cross, options.queries) | {"load_average": [before, load_average()]}
    text = json.dumps(figures, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
