"""The worker: in turn, in pieces, stoppable, and not to be killed by a job."""

import threading

import pytest

from components.errors import InputProblem
from components.scoring import scheduler as module
from components.scoring.scheduler import Job, JobState, Scheduler

PATIENCE_S = 30


def test_visitors_take_turns_piece_by_piece():
    scheduler, order, go = Scheduler(), [], threading.Event()

    def work(name, pieces):
        def pieces_of(progress):
            go.wait(PATIENCE_S)
            for _ in range(pieces):
                order.append(name)
                yield

        return pieces_of

    jobs = [scheduler.submit(Job(name, "test", work(name, pieces))) for name, pieces in [("a", 6), ("b", 2), ("c", 2)]]
    go.set()
    assert all(job.wait(PATIENCE_S) for job in jobs)
    assert order[:6] == ["a", "b", "c", "a", "b", "c"]
    assert order[6:] == ["a"] * 4


def test_stop_ends_a_job_before_its_next_piece():
    scheduler, started, pieces = Scheduler(), threading.Event(), []

    def work(progress):
        while True:
            pieces.append(1)
            started.set()
            yield

    job = scheduler.submit(Job("a", "test", work))
    assert started.wait(PATIENCE_S)
    job.stop()
    assert job.wait(PATIENCE_S)
    assert job.state is JobState.STOPPED
    count = len(pieces)
    other = scheduler.submit(Job("b", "test", lambda progress: iter([None])))
    assert other.wait(PATIENCE_S)
    assert len(pieces) == count


def test_a_job_whose_visitor_has_gone_is_dropped(monkeypatch):
    monkeypatch.setattr(module, "GONE_AFTER_S", 0.0)
    job = Scheduler().submit(Job("a", "test", lambda progress: iter([None] * 10**9), alive=lambda: False))
    assert job.wait(PATIENCE_S)
    assert job.state is JobState.STOPPED


def test_a_short_loss_of_the_connection_is_forgiven():
    job = Scheduler().submit(Job("a", "test", lambda progress: iter([None]), alive=lambda: False))
    assert job.wait(PATIENCE_S)
    assert job.state is JobState.DONE


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (InputProblem("the sentence"), "the sentence"),
        (ValueError("secret text"), "Something went wrong"),
        (MemoryError(), "out of memory"),
    ],
)
def test_an_error_ends_its_job_and_not_the_worker(error, message, caplog):
    def work(progress):
        yield
        raise error

    scheduler = Scheduler()
    job = scheduler.submit(Job("a", "test", work))
    assert job.wait(PATIENCE_S)
    assert job.state is JobState.FAILED
    assert message in job.message
    assert "secret text" not in caplog.text + job.message
    assert scheduler.submit(Job("a", "test", lambda progress: iter([None]))).wait(PATIENCE_S)


def test_nobody_waits_any_more_when_all_is_done():
    scheduler = Scheduler()
    jobs = [scheduler.submit(Job(str(n), "test", lambda progress: iter([None]))) for n in range(5)]
    assert all(job.wait(PATIENCE_S) for job in jobs)
    last = scheduler.submit(Job("last", "test", lambda progress: iter([None])))
    assert last.wait(PATIENCE_S)
    assert scheduler.waiting_visitors() <= 1  # the last one may be about to be taken out
