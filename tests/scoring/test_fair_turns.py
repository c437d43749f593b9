"""Eight people at once: nobody waits for more than the pieces ahead of theirs."""

import threading

from components.records import Document
from components.scoring.bi_encoder import BiEncoderScorer
from components.scoring.compare import compare
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.scheduler import Job, Scheduler
from components.scoring.scorer import Stores
from components.scoring.store import SeenBefore

PATIENCE_S = 300
VISITORS = 8
QUERY = "how long do bees live"


def test_eight_visitors_get_their_first_piece_after_seven_others():
    """Exact, without a clock: visitor n's first piece is the n-th of all, and every round serves everybody once."""
    scheduler, order, go = Scheduler(), [], threading.Event()

    def work(name):
        def pieces(progress):
            for _ in range(5):
                order.append(name)
                yield

        return pieces

    def hold(progress):  # until all stand in line
        go.wait(PATIENCE_S)
        yield

    holder = scheduler.submit(Job("holder", "test", hold))
    jobs = [scheduler.submit(Job(str(n), "test", work(n))) for n in range(VISITORS)]
    go.set()
    assert all(job.wait(PATIENCE_S) for job in [holder, *jobs])
    for turn in range(0, len(order), VISITORS):
        assert sorted(order[turn : turn + VISITORS]) == list(range(VISITORS))


def test_a_newcomer_waits_for_one_piece_of_each_other_at_most():
    scheduler, order, waiting, go = Scheduler(), [], threading.Event(), threading.Event()

    def long_work(name):
        def pieces(progress):
            for number in range(20):
                order.append(name)
                if (name, number) == (3, 5):
                    waiting.set()
                    go.wait(PATIENCE_S)
                yield

        return pieces

    def one_piece(progress):
        order.append("new")
        yield

    jobs = [scheduler.submit(Job(str(n), "test", long_work(n))) for n in range(VISITORS - 1)]
    assert waiting.wait(PATIENCE_S)
    before = len(order)
    jobs.append(scheduler.submit(Job("new", "test", one_piece)))
    go.set()
    assert all(job.wait(PATIENCE_S) for job in jobs)
    assert order.index("new") - before <= VISITORS - 1


def test_a_patient_job_lets_everybody_go_first():
    scheduler, order, go = Scheduler(), [], threading.Event()

    def work(name, pieces):
        def pieces_of(progress):
            for _ in range(pieces):
                order.append(name)
                yield

        return pieces_of

    def hold(progress):
        go.wait(PATIENCE_S)
        yield

    jobs = [scheduler.submit(Job("holder", "test", hold))]
    jobs.append(scheduler.submit(Job("server", "tuning", work("server", 3), is_patient=True)))
    jobs += [scheduler.submit(Job(name, "test", work(name, 4))) for name in ("a", "b")]
    go.set()
    assert all(job.wait(PATIENCE_S) for job in jobs)
    assert order == ["a", "b"] * 4 + ["server"] * 3


def test_eight_comparisons_with_the_real_models_take_turns(bi_encoder, cross_encoder):
    """Whose piece runs when, and who is done when; what that is in seconds is in the benchmark."""
    scheduler, stores, go = Scheduler(), Stores(), threading.Event()
    scorers = [CrossEncoderScorer(cross_encoder.model, cross_encoder.info)]
    scorers.append(BiEncoderScorer(bi_encoder.model, bi_encoder.info))
    for scorer in scorers:
        scorer.budget.set_ceiling(64)  # two or three rows: a few short documents are several pieces
    pieces: list[int] = []
    delivered: list[int] = []

    def of_visitor(number):
        documents = tuple(Document(n, f"Hive {number}, bee {n}: a short summer") for n in range(1, 7))
        inner = compare(QUERY, documents, scorers, stores, SeenBefore(), lambda _: delivered.append(number))

        def work(progress):
            go.wait(PATIENCE_S)
            for _ in inner(progress):
                pieces.append(number)
                yield

        return work

    jobs = [scheduler.submit(Job(str(n), "test", of_visitor(n))) for n in range(VISITORS)]
    go.set()
    assert all(job.wait(PATIENCE_S) for job in jobs)
    assert sorted(pieces[:VISITORS]) == list(range(VISITORS))  # first scores: everybody's before anybody's second
    assert min(pieces.count(n) for n in range(VISITORS)) > 2
    assert sorted(delivered) == list(range(VISITORS))
    # nobody is more than a piece ahead of anybody who still works, however their batches were cut
    for end in range(len(pieces)):
        still = [n for n in range(VISITORS) if n in pieces[end:]]
        counts = [pieces[:end].count(n) for n in still]
        assert not counts or max(counts) - min(counts) <= 1
