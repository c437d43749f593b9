"""Threads, how they share a pass, tokens a pass, and whether the fast mode is fast: measured on this machine, once the
models are loaded.

The passes run on the scoring worker like anybody's, one a piece, but only while nobody waits: the first live score is
not held up. Until they have run, the first guesses serve.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

from components import settings
from components.records import Kind
from components.scoring import lanes
from components.scoring.batching import PIECE_S
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.machine import BUSY_SHARE, OthersWatch, free_threads
from components.scoring.scheduler import Job, Progress, Scheduler
from components.scoring.scorer import Scorer
from components.scoring.tokens import Tokens

logger = logging.getLogger("relevance_lab")

Neural = BiEncoderScorer | CrossEncoderScorer

ROW_TOKENS = 64  # about a passage: what the passes that are timed are made of
REPEATS = 3  # the least of them counts: what disturbs only makes slower
BUDGETS = (128, 256, 512, 1024, 2048, 4096)  # padded tokens a pass, on a processor
THREADS_BUDGET = 512  # with so many tokens the ways to use threads are compared
TIE = 1.05  # threads inside a pass must be faster by this: the fast form, which is not asked, gains more from lanes
DEVICE_BUDGETS = (1024, 4096, 16_384, 65_536)  # on a GPU
GOOD_ENOUGH = 0.98  # of the best rate: the smallest budget that has it is taken, since pieces are turns


@dataclass(frozen=True)
class Tuned:
    """What was found. ``threads`` is None where it was not asked (one core, a GPU, or set by the operator); ``lanes``,
    the passes side by side, where there is one thread or a GPU.

    ``tokens`` holds (model, number type, padded tokens a pass); ``gains`` (model, fast over exact in tokens a second);
    ``others`` the share of all cores that other processes used meanwhile.
    """

    threads: int | None
    lanes: int | None
    tokens: tuple[tuple[str, str, int], ...]
    gains: tuple[tuple[str, float], ...]
    others: float

    @property
    def is_busy(self) -> bool:
        return self.others > BUSY_SHARE


def tune(
    scheduler: Scheduler,
    scorers: Sequence[Scorer],
    done: Callable[[Tuned], None] = lambda tuned: None,
    threads_too: bool = True,
) -> Job | None:
    """Queue the measurement behind everybody; ``done`` gets what was found. None where no scorer has a model.

    threads_too: False leaves the threads as they are, for models that come later.
    """
    neural = [scorer for scorer in scorers if isinstance(scorer, Neural)]
    if not neural:
        return None

    def work(progress: Progress) -> Iterator[None]:
        progress.unit = "models"
        progress.total = len(neural)
        watch, of_threads = OthersWatch(), OthersWatch()
        neural.sort(key=lambda scorer: scorer.info.kind is not Kind.CROSS_ENCODER)  # it has most to do
        threads, side_by_side = (yield from _threads(neural[0], of_threads)) if threads_too else (None, None)
        tokens, gains = [], []
        for scorer in neural:
            rate = yield from _budget(scorer)
            tokens.append((scorer.info.key, scorer.info.dtype, scorer.budget.ceiling))
            if scorer.fast is not None:
                fast = scorer.fast.inner
                yield
                scorer.fast.gain = (yield from _budget(fast)) / rate
                tokens.append((fast.info.key, fast.info.dtype, fast.budget.ceiling))
                gains.append((scorer.info.key, scorer.fast.gain))
            progress.done += 1
        found = Tuned(threads, side_by_side, tuple(tokens), tuple(gains), watch.look())
        logger.info("tuned: %s", found)
        done(found)

    return scheduler.submit(Job("the server itself", "tuning", work, is_patient=True))


def thread_counts(most: int) -> list[int]:
    """Thread counts worth a try: one, half of the most, the most."""
    return sorted({1, max(1, most // 2), most})


def _threads(scorer: Neural, watch: OthersWatch) -> Generator[None, None, tuple[int | None, int | None]]:
    """Try the ways to use threads in turn and keep the fastest, but no more threads than others leave free; returns the
    threads and the lanes.

    On a busy machine a thread that waits for its core holds up all others, and three passes can miss that by luck.
    """
    import psutil
    import torch

    wanted = settings.threads()
    most = max(torch.get_num_threads(), psutil.cpu_count(logical=False) or 1) if wanted is None else wanted
    counts = thread_counts(most) if wanted is None else [wanted]
    if scorer.info.device != "cpu" or counts == [1]:
        return None, None
    tokens = _sample(scorer, THREADS_BUDGET)
    ways = [(count, width) for count in counts for width in sorted({1, count})]
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(REPEATS):
        for way in ways:
            _use(*way)
            best[way] = min(best[way], _timed(scorer, tokens)[0])
            yield
    count, width = min(ways, key=lambda way: best[way] * (1.0 if way[0] == way[1] else TIE))
    if wanted is None:
        count = min(count, free_threads(counts[-1], watch.look()))
    width = min(width, count)
    _use(count, width)
    return (count if wanted is None else None), width


def _use(threads: int, side_by_side: int) -> None:
    """Let passes have so many threads: each a pass of its own, or (``side_by_side`` 1) all inside one."""
    import torch

    torch.set_num_threads(threads)
    lanes.use(side_by_side)


def _budget(scorer: Neural) -> Generator[None, None, float]:
    """Try how many tokens go through a model at once, set the scorer's ceiling, and return its tokens a second.

    What others do beside is left out of it: that pieces stay short then is what the budget learns as it goes.
    """
    import torch

    rates: dict[int, float] = {}
    for budget in BUDGETS if scorer.info.device == "cpu" else DEVICE_BUDGETS:
        tokens = _sample(scorer, budget)
        seconds = float("inf")
        try:
            for _ in range(REPEATS):
                seconds = min(seconds, _timed(scorer, tokens)[1])
                yield
                if seconds > PIECE_S:
                    break
        except torch.OutOfMemoryError:  # a GPU's memory ends here
            if not rates:
                raise
            break
        rates[budget] = budget / seconds
        if seconds > PIECE_S:
            break
    fitting = {budget: rate for budget, rate in rates.items() if budget / rate <= PIECE_S} or rates
    best = max(fitting.values())
    chosen = min(budget for budget, rate in fitting.items() if rate >= GOOD_ENOUGH * best)
    scorer.budget.set_ceiling(chosen)
    return rates[chosen]


def _sample(scorer: Neural, budget: int) -> Tokens:
    """So many tokens as rows of about ``ROW_TOKENS``, of whatever text."""
    text = "river " * (ROW_TOKENS - 4)
    one = scorer.tokenise("document", [text]) if isinstance(scorer, BiEncoderScorer) else scorer.tokenise([("a", text)])
    return one.take([0] * max(1, budget // ROW_TOKENS))


def _timed(scorer: Neural, tokens: Tokens) -> tuple[float, float]:
    """Seconds of a pass: by the clock, and what the clock would show if nobody else used the machine.

    The second is the processor's time over the threads; a GPU has no such clock, there they are the same.
    """
    import torch

    clock, processor = time.perf_counter(), time.process_time()
    scorer.run(tokens)
    wall = time.perf_counter() - clock
    if scorer.info.device != "cpu":
        return wall, wall
    return wall, (time.process_time() - processor) / torch.get_num_threads()
