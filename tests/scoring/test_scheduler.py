"""The worker: in turn, in pieces, stoppable, and not to be killed by a job."""

import threading
from concurrent.futures import Future

import pytest

from components.errors import InputProblem
from components.scoring import scheduler as module
from components.scoring.scheduler import Job, JobState, Progress, Scheduler, awaited

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


def test_while_one_waits_for_an_answer_from_outside_the_others_have_the_worker():
    scheduler, answer, pieces, found = Scheduler(), Future(), [], []

    def asks(progress):
        found.append((yield from awaited(answer, progress)))

    def works(progress):
        for number in range(5):
            pieces.append(number)
            yield

    waiting = scheduler.submit(Job("a", "test", asks))
    working = scheduler.submit(Job("b", "test", works))
    assert working.wait(PATIENCE_S)
    assert len(pieces) == 5
    assert not waiting.ended
    answer.set_result("here")
    assert waiting.wait(PATIENCE_S)
    assert (waiting.state, found) == (JobState.DONE, ["here"])
    assert waiting.busy_s < 1
    assert waiting.progress.longest_piece_s < 0.3


def test_a_job_that_waits_can_be_stopped_and_an_error_from_outside_is_its_own():
    scheduler, answer = Scheduler(), Future()
    waiting = scheduler.submit(Job("a", "test", lambda progress: awaited(answer, progress)))
    assert not waiting.wait(0.05)
    waiting.stop()
    assert waiting.wait(PATIENCE_S)
    assert waiting.state is JobState.STOPPED

    failed = Future()
    job = scheduler.submit(Job("a", "test", lambda progress: awaited(failed, progress)))
    failed.set_exception(InputProblem("nobody is there"))
    assert job.wait(PATIENCE_S)
    assert (job.state, job.message) == (JobState.FAILED, "nobody is there")


def test_whoever_drives_a_job_without_a_worker_waits_without_spinning():
    answer, progress = Future(), Progress()
    threading.Timer(0.3, answer.set_result, ["x"]).start()
    assert 0 < sum(1 for _ in awaited(answer, progress)) < 100
    assert progress.waits_for is None
