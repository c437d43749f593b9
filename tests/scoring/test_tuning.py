"""What is measured of the machine: on a made-up clock for the choices, and once with the real models."""

from types import SimpleNamespace

import pytest
import torch

from components.scoring import lanes
from components.scoring import tuning as module
from components.scoring.batching import TokenBudget
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.precision import FastScorer
from components.scoring.scheduler import Scheduler
from components.scoring.tuning import Tuned, thread_counts, tune

PATIENCE_S = 300


def finish(work):
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
    lanes.use(None)


@pytest.fixture
def scorer(cross_encoder, monkeypatch):
    """A scorer of the real model with a budget of its own."""
    own = CrossEncoderScorer(cross_encoder.model, cross_encoder.info)
    monkeypatch.setattr(own, "budget", TokenBudget())
    return own


@pytest.mark.parametrize(
    ("seconds", "chosen"),
    [
        (lambda tokens: tokens / 10_000, 128),  # no gain from size: the shortest turns
        (lambda tokens: 0.05 + tokens / 100_000, 4096),  # a fixed cost a pass: as many as there are
        (lambda tokens: tokens / (10_000 if tokens <= 512 else 5_000) + 0.02, 512),  # the caches end there
        (lambda tokens: 0.01 + tokens / 2_600, 256),  # the next would outlast a turn
        (lambda tokens: 5.0, 128),  # nothing fits: the least
    ],
)
def test_the_smallest_budget_near_the_best_rate_that_fits_a_turn(scorer, monkeypatch, seconds, chosen):
    timed = lambda scorer, tokens: (99.0, seconds(len(tokens) * module.ROW_TOKENS))  # noqa: E731
    monkeypatch.setattr(module, "_timed", timed)
    rate = finish(module._budget(scorer))
    assert scorer.budget() == scorer.budget.ceiling == chosen
    assert rate == pytest.approx(chosen / seconds(chosen))


def test_the_least_of_the_repeats_counts(scorer, monkeypatch):
    times = iter([0.19, 0.1, 0.15] + [1.0] * 99)
    monkeypatch.setattr(module, "_timed", lambda scorer, tokens: (99.0, next(times)))
    assert finish(module._budget(scorer)) == 128 / 0.1


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize(
    ("by_way", "others", "chosen"),
    [
        ({(1, 1): 0.1, (2, 1): 0.2, (2, 2): 0.2, (4, 1): 0.3, (4, 4): 0.3}, 0.0, (1, 1)),
        ({(1, 1): 0.3, (2, 1): 0.1, (2, 2): 0.2, (4, 1): 0.2, (4, 4): 0.2}, 0.0, (2, 1)),
        ({(1, 1): 0.3, (2, 1): 0.2, (2, 2): 0.205, (4, 1): 0.3, (4, 4): 0.3}, 0.0, (2, 2)),  # a tie
        ({(1, 1): 0.3, (2, 1): 0.2, (2, 2): 0.1, (4, 1): 0.2, (4, 4): 0.2}, 0.0, (2, 2)),
        ({(1, 1): 0.3, (2, 1): 0.2, (2, 2): 0.2, (4, 1): 0.2, (4, 4): 0.1}, 0.2, (4, 4)),
        ({(1, 1): 0.3, (2, 1): 0.2, (2, 2): 0.2, (4, 1): 0.2, (4, 4): 0.1}, 0.5, (2, 2)),  # others leave two
        ({(1, 1): 0.3, (2, 1): 0.2, (2, 2): 0.2, (4, 1): 0.1, (4, 4): 0.2}, 0.9, (1, 1)),  # a lucky pass
    ],
)
def test_the_fastest_way_to_use_the_threads_that_others_leave_free_is_kept(scorer, monkeypatch, by_way, others, chosen):
    monkeypatch.delenv("RELEVANCE_LAB_THREADS", raising=False)
    torch.set_num_threads(4)
    timed = lambda scorer, tokens: (by_way[torch.get_num_threads(), lanes.count()], 0.0)  # noqa: E731
    monkeypatch.setattr(module, "_timed", timed)
    monkeypatch.setattr("psutil.cpu_count", lambda logical=True: 4)
    assert finish(module._threads(scorer, SimpleNamespace(look=lambda: others))) == chosen
    assert (torch.get_num_threads(), lanes.count()) == chosen


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize(("of_lanes", "chosen"), [(0.1, 3), (0.3, 1)])
def test_the_operators_thread_count_is_not_questioned_but_how_they_share(scorer, monkeypatch, of_lanes, chosen):
    monkeypatch.setenv("RELEVANCE_LAB_THREADS", "3")
    timed = lambda scorer, tokens: ({3: of_lanes, 1: 0.2}[lanes.count()], 0.0)  # noqa: E731
    monkeypatch.setattr(module, "_timed", timed)
    assert finish(module._threads(scorer, SimpleNamespace(look=lambda: 0.9))) == (None, chosen)
    assert (torch.get_num_threads(), lanes.count()) == (3, chosen)


@pytest.mark.usefixtures("threads")
def test_one_thread_has_nothing_to_share(scorer, monkeypatch):
    monkeypatch.setenv("RELEVANCE_LAB_THREADS", "1")
    assert finish(module._threads(scorer, SimpleNamespace(look=lambda: 0.0))) == (None, None)


def test_thread_counts():
    assert [thread_counts(most) for most in (1, 2, 3, 8)] == [[1], [1, 2], [1, 3], [1, 4, 8]]


@pytest.mark.usefixtures("threads")
def test_the_real_models_are_measured_on_the_worker(bi_encoder, cross_encoder, monkeypatch):
    """Budgets, gains and threads end up where they are used; attention's model is the exact one, unchanged."""
    monkeypatch.setattr(module, "REPEATS", 1)
    scorers = [
        BiEncoderScorer(bi_encoder.model, bi_encoder.info),
        CrossEncoderScorer(cross_encoder.model, cross_encoder.info),
    ]
    for scorer in scorers:
        scorer.fast = FastScorer(scorer, "bfloat16")  # whatever this machine's instructions are
    found: list[Tuned] = []
    job = tune(Scheduler(), scorers, found.append)
    assert job.wait(PATIENCE_S)
    assert not job.message
    (tuned,) = found
    assert {(key, dtype): tokens for key, dtype, tokens in tuned.tokens} == {
        (each.info.key, each.info.dtype): each.budget.ceiling
        for scorer in scorers
        for each in (scorer, scorer.fast.inner)
    }
    assert dict(tuned.gains) == {scorer.info.key: scorer.fast.gain for scorer in scorers}
    assert all(gain > 0 for _, gain in tuned.gains)
    assert 0 <= tuned.others <= 1


def test_without_models_nothing_is_measured():
    assert tune(Scheduler(), []) is None
