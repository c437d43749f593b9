"""The token map's payload: bytes and time at three lengths of document, beside the forward pass it comes from."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

QUERY = "what do herons eat in the cold winter"  # 8 words
TEXT = (
    "The heron waits in shallow water before it strikes; then it swallows fish, frogs and sometimes young rats. People "
    "along the river have watched these patient hunters for centuries, and their nests crowd the tall trees. "
)
LENGTHS = (50, 200, 400)  # tokens of the document


@dataclass(frozen=True)
class MapCost:
    """One length: tokens of the whole sequence, bytes sent, and median seconds of scoring, reading and building."""

    tokens: int
    n_bytes: int
    score_s: float
    read_s: float
    build_s: float


def measure_token_map(runs: int) -> tuple[MapCost, ...]:
    """Read a pair of each length ``runs`` times with the shipped cross-encoder; one warm-up pass goes before."""
    from components.attention.extract import extract
    from components.attention.payload import encode
    from components.attention.words import merge_pieces
    from components.models.loading import load, prepare_torch
    from components.models.registry import DEFAULT_CROSS_ENCODER, neural_models
    from components.scoring.cross_encoder import CrossEncoderScorer

    device = prepare_torch()
    (scorer,) = [load(spec, device) for spec in neural_models() if spec.key == DEFAULT_CROSS_ENCODER]
    assert isinstance(scorer, CrossEncoderScorer)
    scorer.warm_up()
    offsets = scorer.model.tokenizer(TEXT * 12, return_offsets_mapping=True, verbose=False)["offset_mapping"]
    costs = []
    for length in LENGTHS:
        text = (TEXT * 12)[: offsets[length][1]]
        pair = extract(scorer.model, scorer.info, QUERY, text)
        payload = encode(pair, merge_pieces(pair), {})
        times: list[tuple[float, float, float]] = []
        for _ in range(runs):
            start = time.perf_counter()
            scorer.forward([(QUERY, text)])
            scored = time.perf_counter()
            pair = extract(scorer.model, scorer.info, QUERY, text)
            read = time.perf_counter()
            encode(pair, merge_pieces(pair), {})
            times.append((scored - start, read - scored, time.perf_counter() - read))
        medians = (statistics.median(column) for column in zip(*times, strict=True))
        costs.append(MapCost(len(pair.pieces), len(payload), *medians))
    return tuple(costs)


def lines(costs: tuple[MapCost, ...]) -> list[str]:
    """The result as text, one length a line."""
    return [
        f"token map, {cost.tokens:>3} tokens {cost.n_bytes / 1000:10.0f} kB  score {cost.score_s:.3f} s, "
        f"read with all heads {cost.read_s:.3f} s, payload built {cost.build_s:.3f} s"
        for cost in costs
    ]
