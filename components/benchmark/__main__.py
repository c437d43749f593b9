"""``python -m components.benchmark [--quick] [--json FILE]``: the figures the README quotes.

The load of the machine is recorded first. A busy machine gets figures, but no verdict.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from components.benchmark import first_paint, ratios, token_map, turns, word_toggle
from components.benchmark.mixes import mixes
from components.benchmark.report import Line, Machine, load_average, others_before, save, table
from components.models.loading import load, prepare_torch
from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, neural_models
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.machine import OthersWatch, processor_name
from components.scoring.scheduler import Scheduler
from components.scoring.tuning import Tuned, tune

PARTS = ("scoring", "turns", "map", "toggle", "start")


@dataclass(frozen=True)
class Size:
    """How much is run."""

    documents: int
    rounds: int
    starts: int


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m components.benchmark", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs: to see that it works, not to quote")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save the figures there, and as Markdown beside it")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts")
    options = parser.parse_args()
    averages, before = load_average(), others_before()
    print(f"load average {', '.join(f'{value:.1f}' for value in averages)}; others use {before:.0%} of the cores now")
    size = Size(30, 2, 1) if options.quick else Size(200, 5, 5)
    lines, others = measure(size, options.only)
    machine = replace(_machine(), load_average=averages, others_before=before, quick=options.quick, others=others)
    print(table(machine, lines))
    if options.json:
        save(machine, lines, options.json)
    return 0


def measure(size: Size, parts: tuple[str, ...]) -> tuple[list[Line], tuple[tuple[str, float], ...]]:
    """The figures of the parts, and the share of the cores that others used before and during each."""
    lines: list[Line] = []
    others: list[tuple[str, float]] = []

    def part(name: str, work: Callable[[], list[Line]]) -> None:
        if name in parts:
            watched = others_before()
            watch = OthersWatch()
            lines.extend(work())
            # A cold start's server and browser are others, too: there only the second before counts
            others.append((name, watched if name == "start" else max(watched, watch.look())))

    if set(parts) - {"start"}:
        import torch

        cross, bi = _scorers()
        documents = mixes(size.documents)
        mixed = documents[1]
        chosen, threads = _tuned(cross, bi)
        lines += chosen
        part("scoring", lambda: ratios.score_lines(cross, bi, documents, size.rounds, threads))
        part("scoring", lambda: ratios.matmul_lines(cross, mixed, size.rounds, threads))
        torch.set_num_threads(threads.ours)
        part("turns", lambda: turns.edit_lines([cross, bi], (mixed.documents * 2)[: turns.DOCUMENTS], size.rounds))
        part("turns", lambda: turns.fair_lines([cross, bi], mixed.documents[:24]))
        part("map", lambda: token_map.lines(token_map.measure_token_map(cross, size.rounds + 2)))
        part("toggle", lambda: word_toggle.lines(word_toggle.measure_word_toggle(2 * size.rounds + 2)))
    part("start", lambda: first_paint.measure(size.starts))
    return lines, tuple(others)


def _scorers() -> tuple[CrossEncoderScorer, BiEncoderScorer]:
    """The two shipped models, warm."""
    device = prepare_torch()
    found = {spec.key: load(spec, device) for spec in neural_models() if spec.key in _DEFAULTS}
    for scorer in found.values():
        scorer.warm_up()
    cross, bi = found[DEFAULT_CROSS_ENCODER], found[DEFAULT_BI_ENCODER]
    assert isinstance(cross, CrossEncoderScorer)
    assert isinstance(bi, BiEncoderScorer)
    return cross, bi


_DEFAULTS = (DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER)


def _tuned(cross: CrossEncoderScorer, bi: BiEncoderScorer) -> tuple[list[Line], ratios.Threads]:
    """The measurement that the app makes after loading. What it chose holds for our path; the library's own calls keep
    the threads that torch gives them."""
    import torch

    library = torch.get_num_threads()
    found: list[Tuned] = []
    job = tune(Scheduler(), [cross, bi], found.append)
    assert job is not None
    job.wait(600)
    threads = ratios.Threads(library, found[0].threads or library)
    torch.set_num_threads(threads.ours)
    part = "chosen by measurement"
    lines = [Line(part, "threads", threads.ours, f"of {library}")]
    lines.append(Line(part, "passes side by side", found[0].lanes or 1, "", "one thread each"))
    lines += [Line(part, f"padded tokens a pass, {key}, {dtype}", n, "tokens") for key, dtype, n in found[0].tokens]
    return lines + [Line(part, f"fast over exact, {key}", gain, "times") for key, gain in found[0].gains], threads


def _machine() -> Machine:
    import torch

    device = prepare_torch()
    name = torch.cuda.get_device_name() if device == "cuda" else device
    return Machine(
        processor_name(), psutil.cpu_count() or 1, torch.get_num_threads(), name, torch.__version__, (0, 0, 0), 0, False
    )


if __name__ == "__main__":
    sys.exit(main())
