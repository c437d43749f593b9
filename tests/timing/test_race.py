"""The race with the shipped models: what is timed, in which order, what is left out, and Stop."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from components.scoring.scheduler import Job, JobState, Progress, Scheduler
from components.timing import race as race_module
from components.timing import stages, tracks
from components.timing.budget import costs
from components.timing.export import COLUMNS, from_json, to_csv, to_json
from components.timing.findings import STAGE_GAP, widest_gap
from components.timing.race import Live, race
from components.timing.records import Asked, Part, Source, Way
from components.timing.stages import Stopwatch
from components.timing.stored import load_stored
from tests.scoring.test_parity import run as score_with
from tests.timing.made import race_of

QUERY = "what do herons eat"
TEXTS = ("Herons eat fish.", "A recipe for soup with fennel and " + "much " * 30 + "pepper.", "The heron waits.")
ASKED = Asked(Source.WORKSPACE, replicates=3)


def shrink(monkeypatch):
    """Few other sizes and lengths, so that a race takes seconds."""
    monkeypatch.setattr(tracks, "SIZES_UP_TO", 6)
    monkeypatch.setattr(tracks, "LENGTHS", (8, 64))
    monkeypatch.setattr(tracks, "BATCHES", (64, 125))
    monkeypatch.setattr(race_module, "SCANS", (200, 5_000))
    monkeypatch.setattr(race_module, "LOOK_BACK_S", 0.0)


@pytest.fixture
def small(monkeypatch):
    shrink(monkeypatch)


@pytest.fixture(scope="module")
def raced(bi_encoder, cross_encoder):
    with pytest.MonkeyPatch.context() as monkeypatch:
        shrink(monkeypatch)
        return run_race(ASKED, TEXTS, bi_encoder, cross_encoder)


def run_race(asked, texts, bi_encoder, cross_encoder):
    live, progress = Live(), Progress()
    for _ in race(asked, QUERY, texts, bi_encoder, cross_encoder, live)(progress):
        pass
    assert progress.done == progress.total
    assert live.result.complete
    assert live.race_done
    return live.result


def plans(bi, cross, batch_tokens=60):
    query = stages.plan([QUERY], bi.lengths([QUERY]), batch_tokens)
    pairs = [(QUERY, text) for text in TEXTS]
    return (
        query,
        stages.plan(TEXTS, bi.lengths(TEXTS), batch_tokens),
        stages.plan(pairs, cross.lengths(pairs), batch_tokens),
    )


def test_what_is_timed_are_the_very_scores(bi_encoder, cross_encoder, monkeypatch):
    """The laps compute what the scorers compute, and each sorts at its end."""
    bi, cross = stages.runners(bi_encoder, cross_encoder)
    query, documents, pairs = plans(bi, cross)
    assert len(pairs.batches) > 1
    sorted_scores = []
    order = stages.order
    monkeypatch.setattr(stages, "order", lambda scores: sorted_scores.append(scores.copy()) or order(scores))
    steps = stages.embed_all(bi, documents)
    vectors = None
    while vectors is None:
        try:
            next(steps)
        except StopIteration as end:
            vectors = np.stack([end.value[text] for text in TEXTS])
    for lap in (
        stages.cross_lap(cross, pairs, Stopwatch()),
        stages.embedding_lap(bi, query, documents, Stopwatch()),
        stages.index_lap(bi, query, vectors, Stopwatch()),
    ):
        assert sum(1 for _ in lap) >= 1
    logits, cosines, by_index = sorted_scores
    assert logits == pytest.approx(score_with(cross_encoder, QUERY, list(TEXTS))[0].values, abs=1e-4)
    expected = score_with(bi_encoder, QUERY, list(TEXTS))[0].values
    assert cosines == pytest.approx(expected, abs=1e-5)
    assert by_index == pytest.approx(expected, abs=1e-5)


def test_order_is_best_first_and_stable():
    assert list(stages.order(np.array([0.1, 0.9, 0.1, 0.5]))) == [1, 3, 0, 2]


def test_a_lap_counts_its_own_pieces_only(bi_encoder, cross_encoder):
    """What other visitors' work takes between two pieces is in no time."""
    import time

    bi, cross = stages.runners(bi_encoder, cross_encoder)
    _, _, pairs = plans(bi, cross)
    watch = Stopwatch()
    waited = 0
    for _ in stages.cross_lap(cross, pairs, watch):
        before = watch.total
        time.sleep(0.05)
        waited += 1
        assert watch.total == before
    assert [number for _, number in watch.ticks] == [len(batch) for batch in pairs.batches]
    assert watch.ticks[-1][0] == pytest.approx(watch.total * 1000)
    assert waited == len(pairs.batches)


def test_stages_add_up_to_the_total(raced):
    """Each with its own clock; the median of the gaps is far below the limit, single ones may be hit by the machine."""
    gaps = [abs(lap.total - sum(lap.stages)) / lap.total for lap in raced.laps if lap.round]
    assert np.median(gaps) < STAGE_GAP
    assert widest_gap(raced) == max(
        abs(lap.total - sum(lap.stages)) / lap.total for lap in raced.laps if lap.round and lap.leg == 0
    )


def test_every_way_runs_every_round_and_another_one_starts(raced):
    of_race = [lap for lap in raced.laps if lap.leg == 0]
    rounds = [[lap.way for lap in of_race if lap.round == number] for number in range(4)]
    assert all(sorted(ways) == sorted(Way) for ways in rounds)
    assert len({ways[0] for ways in rounds[1:]}) == 3
    assert raced.rounds == 3
    assert len(raced.load.others) == 6  # before each round of the race and of what the time grows with


def test_the_warm_up_is_round_zero_and_left_out(raced):
    assert [lap.round for lap in raced.laps_of(Way.CROSS)] == [1, 2, 3]
    assert any(lap.round == 0 for lap in raced.laps)


def test_what_is_counted(raced, cross_encoder):
    work = raced.legs[0].work_of(Way.CROSS)
    lengths = cross_encoder.model.preprocess([(QUERY, text) for text in TEXTS])["attention_mask"].sum(1)
    assert (work.passes, work.tokens) == (3, int(lengths.sum()))
    assert work.padded >= work.tokens
    assert raced.legs[0].work_of(Way.DOCUMENTS).passes == 1
    assert raced.legs[0].work_of(Way.NOTHING).passes == 4
    assert [leg.documents for leg in raced.legs if leg.part is Part.SIZE] == [1, 2, 6]  # three documents, repeated
    assert costs(raced) is not None


def test_made_up_documents_have_the_length_that_was_asked_for(small, bi_encoder, cross_encoder):
    result = run_race(Asked(Source.MADE_UP, 5, 16, 3), (), bi_encoder, cross_encoder)
    assert result.documents == 5
    query = len(bi_encoder.model.tokenizer(QUERY)["input_ids"])
    assert result.legs[0].work_of(Way.NOTHING).tokens == 5 * (16 + 2) + query
    texts = tracks.made_up(bi_encoder, 5, 16)
    assert len(set(texts)) == 5
    assert texts == tracks.made_up(bi_encoder, 5, 16)


def test_the_stores_are_not_asked(small, bi_encoder, cross_encoder, monkeypatch):
    def fail(*_):
        raise AssertionError("a cached score must not be timed")

    monkeypatch.setattr("components.scoring.store.BoundedStore.get", fail)
    with pytest.raises(AssertionError):
        score_with(bi_encoder, QUERY, ["a text"])
    run_race(ASKED, TEXTS, bi_encoder, cross_encoder)


def test_one_document_races(small, bi_encoder, cross_encoder):
    assert run_race(ASKED, TEXTS[:1], bi_encoder, cross_encoder).documents == 1


@pytest.mark.parametrize("stop_at", [1, 30])
def test_after_stop_no_forward_pass_begins(small, bi_encoder, cross_encoder, monkeypatch, stop_at):
    """Stopped in the middle of a pass, that pass ends and none follows, whatever had been planned."""
    passes = []
    job_box: list[Job] = []
    run = stages.Runner.run

    def counted(runner, features):
        passes.append(len(passes))
        if len(passes) == stop_at:
            job_box[0].stop()
        return run(runner, features)

    monkeypatch.setattr(stages.Runner, "run", counted)
    live = Live()
    job_box.append(Job("visitor", "race", race(ASKED, QUERY, TEXTS, bi_encoder, cross_encoder, live)))
    job = Scheduler().submit(job_box[0])
    assert job.wait(120)
    assert job.state is JobState.STOPPED
    assert len(passes) == stop_at


def test_a_piece_is_one_forward_pass(small, bi_encoder, cross_encoder, monkeypatch):
    passes = []
    run = stages.Runner.run
    monkeypatch.setattr(stages.Runner, "run", lambda runner, features: passes.append(1) or run(runner, features))
    before = 0
    for _ in race(ASKED, QUERY, TEXTS, bi_encoder, cross_encoder, Live())(Progress()):
        assert len(passes) - before <= 1
        before = len(passes)


def test_files_hold_the_environment_and_no_text(raced):
    rows = list(csv.DictReader(io.StringIO(to_csv(raced))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(raced.laps) + len(raced.scans)
    for row in rows:
        assert (row["device"], row["dtype"], row["replicates"]) == ("cpu", "float32", "3")
        assert row["threads"] == str(raced.environment.threads)
    laps = [row for row in rows if row["part"] == "race" and row["way"] == Way.CROSS and row["round"] != "0"]
    assert [float(row["total_ms"]) for row in laps] == pytest.approx(raced.totals(Way.CROSS), abs=1e-3)
    assert all(row["others_before_round"] for row in laps)
    whole = to_json(raced, {"race": "said"})
    assert json.loads(whole)["environment"]["threads"] == raced.environment.threads
    assert json.loads(whole)["findings"] == {"race": "said"}
    for text in (*TEXTS, QUERY):
        assert text not in whole + to_csv(raced)


def test_json_reads_back():
    result = replace(race_of(), stored="2026-01-02")
    assert from_json(to_json(result)) == replace(result, laps=from_json(to_json(result)).laps)
    assert from_json(to_json(result)).totals(Way.CROSS) == pytest.approx(result.totals(Way.CROSS), abs=1e-3)


def test_the_stored_race_is_of_the_shipped_models(bi_encoder, cross_encoder):
    kept = load_stored()
    assert kept.stored
    assert [model.fingerprint for model in kept.environment.models] == [
        bi_encoder.info.fingerprint,
        cross_encoder.info.fingerprint,
    ]
    assert kept.complete
    assert costs(kept) is not None
    assert widest_gap(kept) <= STAGE_GAP


def test_a_damaged_stored_race_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr("components.timing.stored.FILE", tmp_path / "timing.json")
    assert load_stored() is None
    (tmp_path / "timing.json").write_text('{"asked": 1}')
    assert load_stored() is None
