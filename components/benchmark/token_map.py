"""The token map's payload: bytes and time at three lengths of document, beside the forward pass it comes from."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from components.benchmark.report import Line
from components.scoring.cross_encoder import CrossEncoderScorer

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


def measure_token_map(scorer: CrossEncoderScorer, runs: int) -> tuple[MapCost, ...]:
    """Read a pair of each length ``runs`` times; one warm-up pass goes before."""
    from components.attention.extract import extract
    from components.attention.payload import encode
    from components.attention.words import merge_pieces

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


def lines(costs: tuple[MapCost, ...]) -> list[Line]:
    """Payload and times, a length each."""
    return [
        Line(
            "attention payload",
            f"{cost.tokens} tokens",
            cost.n_bytes / 1000,
            "kB",
            f"scored in {cost.score_s:.3f} s, read with all heads {cost.read_s:.3f} s, built {cost.build_s:.3f} s",
        )
        for cost in costs
    ]
