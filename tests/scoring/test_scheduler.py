"""The worker: in turn, in pieces, stoppable, and not to be killed by a job."""

import ctypes
import threading
import time
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


def hold_worker(scheduler):
    """Keep the worker busy until the event is set: what is submitted meanwhile stands in line."""
    go, started = threading.Event(), threading.Event()

    def work(progress):
        started.set()
        go.wait(PATIENCE_S)
        yield

    job = scheduler.submit(Job("holder", "test", work))
    assert started.wait(PATIENCE_S)
    return go, job


def test_a_visitor_has_a_bounded_number_of_jobs_and_others_are_not_concerned():
    scheduler = Scheduler()
    go, _ = hold_worker(scheduler)
    names = ["a", "a index"]  # lines of its own count together
    jobs = [scheduler.submit(Job(names[n % 2], "test", lambda progress: iter([None]))) for n in range(module.MOST_JOBS)]
    refused = scheduler.submit(Job("a race", "test", lambda progress: iter([None])))
    assert refused.ended
    assert refused.state is JobState.FAILED
    assert refused.message == module.TOO_MUCH
    other = scheduler.submit(Job("b", "test", lambda progress: iter([None])))
    jobs[0].stop()  # what is given up does not count
    again = scheduler.submit(Job("a", "test", lambda progress: iter([None])))
    go.set()
    assert all(job.wait(PATIENCE_S) for job in [*jobs, other, again])
    assert {job.state for job in [*jobs[1:], other, again]} == {JobState.DONE}


def test_jobs_that_were_given_up_cost_nobody_a_turn():
    """Somebody who types quickly leaves many of them behind."""
    scheduler, order = Scheduler(), []
    go, _ = hold_worker(scheduler)

    def work(name):
        def pieces(progress):
            order.append(name)
            yield
            order.append(name)

        return pieces

    old = [scheduler.submit(Job("a", "test", work("old"))) for _ in range(5)]
    for job in old:
        job.stop()
    jobs = [scheduler.submit(Job(name, "test", work(name))) for name in ("a", "b")]
    go.set()
    assert all(job.wait(PATIENCE_S) for job in [*old, *jobs])
    assert order == ["a", "b", "a", "b"]


def test_the_work_that_waits_is_estimated_from_what_was_done():
    scheduler = Scheduler()
    go, _ = hold_worker(scheduler)
    job = Job("a", "test", lambda progress: iter([None]))
    job.progress.done, job.progress.total, job.busy_s = 2, 10, 1.0
    scheduler.submit(job)
    assert scheduler.seconds_waiting() == pytest.approx(4.0)
    assert scheduler.has_work("a")
    assert not scheduler.has_work("b")
    go.set()
    assert job.wait(PATIENCE_S)


def kill_thread(scheduler):
    """End the worker's thread from outside, in the middle of whatever it does, as nothing ever should."""
    thread = scheduler._thread
    done = ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))
    assert done == 1
    return thread


def test_the_worker_dies_in_the_middle_of_a_piece_and_another_goes_on():
    scheduler, in_piece = Scheduler(), threading.Event()

    def long_piece(progress):
        progress.total = 2
        yield
        in_piece.set()
        for _ in range(PATIENCE_S * 100):
            time.sleep(0.01)
        yield

    hurt = scheduler.submit(Job("a", "test", long_piece))
    other = scheduler.submit(Job("b", "test", lambda progress: iter([None] * 3)))
    assert in_piece.wait(PATIENCE_S)
    dead = kill_thread(scheduler)
    assert hurt.wait(PATIENCE_S)
    assert other.wait(PATIENCE_S)
    assert hurt.state is JobState.FAILED
    assert hurt.message == module.FAILED
    assert other.state is JobState.DONE
    dead.join(PATIENCE_S)
    assert not dead.is_alive()
    again = scheduler.submit(Job("a", "test", lambda progress: iter([None])))
    assert again.wait(PATIENCE_S)
    assert again.state is JobState.DONE
