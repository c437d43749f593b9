"""Our scoring path beside sentence-transformers' own calls as they come: ratios within one run.

Each round runs every case once, in turn, so that a machine that slows down slows all. A ratio is of medians over the
rounds; by processor time it is steadier where others work beside.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.benchmark.mixes import QUERY, Mix
from components.benchmark.report import Line
from components.ranking.agreement import kendall_tau_b
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.forward import driven
from components.scoring.scheduler import Progress
from components.scoring.scorer import Scorer, Stores

EXACT_BAR, FAST_BAR, SAME = 2.0, 5.0, 1e-4


@dataclass
class Case:
    """One way to score a mix: seconds by the clock and by the processors, a round each, and the last scores."""

    name: str
    run: Callable[[], Sequence[float]]
    threads: int
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    scores: Sequence[float] = ()

    def measure(self, keep: bool = True) -> None:
        """Run it once with its own number of threads; a warm-up is not kept."""
        import torch

        torch.set_num_threads(self.threads)
        wall, cpu = time.perf_counter(), time.process_time()
        self.scores = self.run()
        if keep:
            self.wall.append(time.perf_counter() - wall)
            self.cpu.append(time.process_time() - cpu)


@dataclass(frozen=True)
class Threads:
    """How many the library's calls get (torch's own choice), and how many ours (the measured choice)."""

    library: int
    ours: int


def score_lines(
    cross: CrossEncoderScorer, bi: BiEncoderScorer, mixes: Sequence[Mix], rounds: int, threads: Threads
) -> list[Line]:
    """Both models on every mix: rates, ratios, equality of the exact scores, and what the fast ones cost."""
    lines = []
    for mix in mixes:
        for scorer in (cross, bi):
            cases = [
                Case("as it comes", _plain(scorer, mix), threads.library),
                Case("exact", _ours(scorer, mix), threads.ours),
            ]
            if scorer.fast is not None:
                cases.append(Case("fast", _ours(scorer.fast, mix), threads.ours))
            for case in cases:
                case.measure(keep=False)  # first passes are slow
            for _ in range(rounds):
                for case in cases:
                    case.measure()
            lines += _lines(scorer, mix, cases)
    return lines


def matmul_lines(cross: CrossEncoderScorer, mix: Mix, rounds: int, threads: Threads) -> list[Line]:
    """Which share of this machine's own matrix-multiply rate the exact and the fast path reach on a mix.

    Both rates are by processor time on a CPU: what others do beside drops out.
    """
    import torch

    is_cpu = str(cross.model.device) == "cpu"
    lines = []
    for name, scorer in (("exact", cross), ("fast", cross.fast.inner if cross.fast else None)):
        if scorer is None:
            continue
        dtype = torch.float32 if name == "exact" else getattr(torch, scorer.info.dtype)
        rates, paths = [], []
        work = _operations(cross, mix)
        for _ in range(rounds):
            case = Case(name, _ours(scorer, mix), threads.ours)
            case.measure()
            rates.append(_matmul_rate(dtype, str(cross.model.device)))  # with the same threads
            paths.append(work / (case.cpu[0] if is_cpu else case.wall[0]))
        rate, path = statistics.median(rates), statistics.median(paths)
        a_second = "a processor second" if is_cpu else "a second"
        detail = f"{path / 1e9:,.0f} of {rate / 1e9:,.0f} GFLOP {a_second} in {str(dtype).removeprefix('torch.')}"
        lines.append(
            Line("matrix multiplication", f"{name} path, share of the machine's rate", path / rate, "", detail)
        )
    return lines


def _plain(scorer: CrossEncoderScorer | BiEncoderScorer, mix: Mix) -> Callable[[], Sequence[float]]:
    """The library's own call with its defaults; the cross-encoder's with the identity, so that both give logits."""
    import torch

    if isinstance(scorer, CrossEncoderScorer):
        pairs = [(QUERY, text) for text in mix.documents]
        model = scorer.model
        return lambda: model.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False).tolist()
    encoder = scorer.model

    def cosines() -> Sequence[float]:
        query = encoder.encode_query([QUERY], show_progress_bar=False)
        documents = encoder.encode_document(list(mix.documents), show_progress_bar=False)
        return encoder.similarity(query, documents)[0].tolist()

    return cosines


def _ours(scorer: Scorer, mix: Mix) -> Callable[[], Sequence[float]]:
    def column() -> Sequence[float]:
        return driven(scorer.score(QUERY, mix.documents, Stores(), Progress())).values

    return column


def _lines(scorer: CrossEncoderScorer | BiEncoderScorer, mix: Mix, cases: list[Case]) -> list[Line]:
    is_cross = isinstance(scorer, CrossEncoderScorer)
    call = "CrossEncoder.predict" if is_cross else "SentenceTransformer.encode"
    plain, *ours = cases
    count, part = len(mix.documents), f"{scorer.info.kind}, {mix.name}"
    about = f"{count} documents, mean {_mean_tokens(scorer, mix):.0f} tokens {'a pair' if is_cross else 'each'}"
    median = statistics.median
    lines = [Line(part, f"{call}, defaults", count / median(plain.wall), "a second", about)]
    for case in ours:
        ratio, by_cpu = median(plain.wall) / median(case.wall), median(plain.cpu) / median(case.cpu)
        is_exact = case.name == "exact"
        wanted = (EXACT_BAR if is_exact else FAST_BAR) if is_cross else 1.0
        has_bar = mix.name == "mixed" and (is_cross or is_exact)
        bar = f"at least {wanted:g} times" if has_bar else ""
        detail = f"{count / median(case.wall):,.0f} a second; by processor time {by_cpu:.2f} times"
        lines.append(Line(part, f"{case.name}, as fast as that", ratio, "times", detail, bar, ratio >= wanted))
        largest = max(abs(a - b) for a, b in zip(case.scores, plain.scores, strict=True))
        tau = kendall_tau_b(case.scores, plain.scores)
        agreement = "tau-b not defined" if tau is None else f"tau-b {tau:.4f}"
        name = f"{case.name}, largest {scorer.info.unit} difference from it"
        same_bar = f"within {SAME:g}" if is_exact else ""
        lines.append(Line(part, name, largest, "", agreement, same_bar, largest < SAME))
    return lines


def _mean_tokens(scorer: CrossEncoderScorer | BiEncoderScorer, mix: Mix) -> float:
    if isinstance(scorer, CrossEncoderScorer):
        return statistics.mean(scorer.tokenise([(QUERY, text) for text in mix.documents]).lengths)
    return statistics.mean(scorer.tokenise("document", mix.documents).lengths)


def _operations(scorer: CrossEncoderScorer, mix: Mix) -> float:
    """Floating-point operations of a mix's matrix products: two a weight and token, and attention's own two.

    Weights are those of the encoder's linear layers; padding and everything else are not counted.
    """
    import torch

    transformer: Any = scorer.model[0]
    base = transformer.model.base_model
    weights = sum(m.weight.numel() for m in base.encoder.modules() if isinstance(m, torch.nn.Linear))
    layers, width = base.config.num_hidden_layers, base.config.hidden_size
    lengths = scorer.tokenise([(QUERY, text) for text in mix.documents]).lengths
    return float(sum(2 * weights * n + layers * 4 * n * n * width for n in lengths))


def _matmul_rate(dtype: Any, device: str, size: int = 1024) -> float:
    """Operations a second of square matrix multiplications, the best of five."""
    import torch

    first, second = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    clock = time.process_time if device == "cpu" else time.perf_counter
    best = float("inf")
    for _ in range(5):
        started = clock()
        float((first @ second)[0, 0])  # reading a value waits for a GPU
        best = min(best, clock() - started)
    return 2 * size**3 / best
