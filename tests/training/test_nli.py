"""The entailment table, its step, and what is watched in training."""

from __future__ import annotations

from pathlib import Path

import ir_measures
import numpy as np
import pytest
import torch

from components.training.entailment import Pair
from components.training.heldout import Question
from components.training.nli import TEMPERATURE, PairTask
from components.training.nli_corpus import SIBLINGS, SWAPPED, UNKNOWN, VAGUE, PairTable, pair_table, unlabelled
from components.training.watching import load_sets, ndcg_at_10, reciprocal_rank, save_sets, watched

CPU = torch.device("cpu")
PAIRS = [
    Pair("a dog runs", "an animal moves", "entailment", "cad"),
    Pair("a dog runs", "a cat sleeps", "contradiction", "cad"),
    Pair("a dog runs", "it rains", "not_entailment", "two_way"),
]


def table(tokenizer: object) -> PairTable:
    free = unlabelled(PAIRS[:2], 10, 0)
    sets = {"cad": PAIRS[:2], "two_way": PAIRS[2:], "free": free}
    return pair_table(tokenizer, sets)


def test_the_table_stores_each_text_once(tokenizer: object, tmp_path: Path) -> None:
    found = table(tokenizer)
    assert len(found.texts) == 4
    assert found.label.tolist()[:3] == [0, 2, VAGUE]
    assert set(found.label[3:].tolist()) == {UNKNOWN}
    found.save(tmp_path / "t.npz")
    again = PairTable.load(tmp_path / "t.npz")
    assert again.sources == found.sources
    assert np.array_equal(again.left, found.left)
    assert np.array_equal(again.allowed, found.allowed)


def test_unlabelled_pairs_are_swapped_or_siblings() -> None:
    made = unlabelled(PAIRS[:2], 10, 0)
    assert {(p.premise, p.hypothesis) for p in made if p.source == SWAPPED} == {
        ("an animal moves", "a dog runs"),
        ("a cat sleeps", "a dog runs"),
    }
    assert {(p.premise, p.hypothesis) for p in made if p.source == SIBLINGS} == {
        ("an animal moves", "a cat sleeps"),
        ("a cat sleeps", "an animal moves"),
    }


def test_batches_depend_on_the_step_only(tokenizer: object) -> None:
    one = PairTask(table(tokenizer), {"cad": 1.0, "free": 1.0, "absent": 1.0}, CPU, (1,), rows=16)
    assert one.draw(3).tolist() == one.draw(3).tolist() != one.draw(4).tolist()


def test_two_way_negatives_only_push_entailment_down(tokenizer: object) -> None:
    task = PairTask(table(tokenizer), {"two_way": 1.0}, CPU, (1,))
    logits = torch.zeros((1, 3), requires_grad=True)
    task.combine(logits, np.array([2])).backward()
    gradient = logits.grad
    assert gradient is not None
    assert gradient[0, 0] > 0
    assert gradient[0, 1] == gradient[0, 2] < 0


def test_an_unlabelled_pair_follows_the_teacher(tokenizer: object) -> None:
    found = table(tokenizer)
    teacher = np.tile(np.array([4.0, 0.0, -4.0], np.float16), (len(found.left), 1))
    task = PairTask(found, {"free": 1.0}, CPU, (1,), teacher=teacher)
    row = np.array([len(found.left) - 1])
    assert float(task.combine(torch.tensor(teacher[row]).float(), row)) == pytest.approx(0.0, abs=1e-6)
    p = torch.softmax(torch.tensor([4.0, 0.0, -4.0]) / TEMPERATURE, 0)
    wanted = TEMPERATURE**2 * float((p * (p.log() - torch.tensor(1 / 3).log())).sum())
    assert float(task.combine(torch.zeros(1, 3), row)) == pytest.approx(wanted, rel=1e-5)


def test_watched_measures_are_those_of_ir_measures(tokenizer: object, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        count = int(rng.integers(3, 25))
        grades, outside = rng.integers(0, 4, count), rng.integers(0, 4, 3)
        scores = rng.permutation(count).astype(float)
        ideal = np.zeros(10)
        best = sorted([*grades.tolist(), *outside.tolist()], reverse=True)[:10]
        ideal[: len(best)] = best
        qrels = [ir_measures.Qrel("q", f"d{i}", int(g)) for i, g in enumerate([*grades, *outside])]
        run = [ir_measures.ScoredDoc("q", f"d{i}", s) for i, s in enumerate(scores)]
        found = ir_measures.calc_aggregate([ir_measures.nDCG @ 10, ir_measures.RR], qrels, run)
        assert ndcg_at_10(scores, grades, ideal) == pytest.approx(found[ir_measures.nDCG @ 10], abs=1e-9)
        assert reciprocal_rank(scores, grades) == pytest.approx(found[ir_measures.RR], abs=1e-9)
    question = Question("q", "a query", ("one", "two"), (0, 2), extra=(("x", 3),))
    save_sets(tmp_path / "w.npz", {"toy": watched(tokenizer, [question], "nDCG@10")})
    again = load_sets(tmp_path / "w.npz")["toy"]
    assert again.ideal[0, :2].tolist() == [3, 2]
    assert again.sizes.tolist() == [2]
