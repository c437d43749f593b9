"""Pool, sampling and near misses made by rule."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from components.training.data import Example, Pool, read_rows, split_sentences, untokenise, window
from components.training.entailment import EntailmentTask, Pair, fever_neutrals
from components.training.mining import WIDTH, Mined, mine
from components.training.sampling import PoolSampler, other_entity, vary_query, without_answer
from components.training.teacher import mix, standardise


def toy_pool(size: int = 60) -> Pool:
    pool = Pool()
    for number in range(size):
        pool.add(f"Town {number} lies on river {number}. It was founded in {1200 + number}.", f"Town {number}")
        pool.examples.append(
            Example("nq", f"when was town {number} founded", number, (str(1200 + number),), number < 5)
        )
    return pool


def toy_vectors(pool: Pool) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(len(pool.passages), 8)).astype(np.float16)
    return {"mpnet": (vectors, vectors), "minilm": (vectors, vectors)}


def test_untokenise() -> None:
    assert untokenise("It was won ( in 1998 ) by France 's team .") == "It was won (in 1998) by France's team."


def test_sentences_and_windows() -> None:
    sentences = split_sentences("One is here. Two follows! Is three 3.5 long? Yes.")
    assert sentences == ["One is here.", "Two follows!", "Is three 3.5 long?", "Yes."]
    for seed in range(20):
        assert "Two follows!" in window(sentences, 1, random.Random(seed))


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="TRAINING_DATA"):
        next(read_rows(tmp_path / "nq.jsonl.gz"))


def test_pool_comes_back_from_disk(tmp_path: Path) -> None:
    pool = toy_pool()
    pool.save(tmp_path / "pool.json")
    assert Pool.load(tmp_path / "pool.json") == pool


def test_teacher_mix_by_hand() -> None:
    assert standardise(np.array([1.0, 3.0])).tolist() == [-1.0, 1.0]
    assert standardise(np.array([2.0, 2.0])).tolist() == [0.0, 0.0]
    same = np.array([0.0, 1.0])
    assert mix(same, same, -same).tolist() == pytest.approx([-0.7, 0.7])  # 0.5 + 0.35 - 0.15


def test_mining_keeps_gold_and_held_out_passages_out_of_the_negatives() -> None:
    pool = toy_pool()
    mined = mine(pool, toy_vectors(pool))
    assert mined.ids.shape == (60, WIDTH)
    for row, example in enumerate(pool.examples):
        assert example.gold not in mined.ids[row]
        assert not {0, 1, 2, 3, 4} & set(mined.ids[row].tolist())


def test_mining_orders_the_first_band_by_the_teacher() -> None:
    pool = toy_pool()
    first = mine(pool, toy_vectors(pool)).scores[:, :16].astype(float)
    assert (np.diff(first, axis=1) <= 0).all()


def test_groups_hold_the_answer_first_and_never_a_held_out_question() -> None:
    pool = toy_pool()
    sampler = PoolSampler(pool, mine(pool, toy_vectors(pool)), {"nq": 1.0}, near_misses=0.5)
    for seed in range(50):
        group = sampler.draw(np.random.default_rng(seed))
        assert len(group.passages) == len(group.teacher) == len(group.trusted) == 8
        number = next(n for n in range(60) if f"Town {n} " in group.passages[0])
        assert number >= 5
        assert group.trusted[0]


def test_a_negative_near_the_answers_score_is_not_trusted() -> None:
    pool = toy_pool(3)
    ids = np.full((3, WIDTH), 1, np.int32)
    high = Mined(ids, np.full((3, WIDTH), 0.9, np.float16), np.ones(3, np.float16))
    pool.examples = [Example("nq", "when was it", 0, ())]
    group = PoolSampler(pool, high, {"nq": 1.0}, 0.0).draw(np.random.default_rng(0))
    assert group.trusted == (True, *(False,) * 7)


def test_the_sentence_with_the_answer_is_removed() -> None:
    text = "The town is old. It was founded in 1207. Many visit it."
    assert without_answer(text, ["1207"]) == "The town is old. Many visit it."
    assert without_answer(text, ["nothing"]) is None


def test_a_shared_number_is_changed() -> None:
    changed = other_entity("who won in 1998", "In 1998 the cup went to France.", "", np.random.default_rng(0))
    assert changed is not None
    assert "1998" not in changed
    assert changed.endswith("the cup went to France.")


def test_queries_vary_but_keep_their_content() -> None:
    seen = {vary_query("Who wrote the novel Emma?", np.random.default_rng(s)) for s in range(60)}
    assert seen == {"Who wrote the novel Emma?", "Who wrote the novel Emma", "wrote novel Emma"}


def test_fever_neutrals_speak_of_something_else() -> None:
    pairs = [
        Pair("Madrid is the capital of Spain.", "Madrid lies in Spain.", "entailment", "fever"),
        Pair("Spain joined the union in 1986.", "Spain never joined the union.", "contradiction", "fever"),
    ] * 10
    made = fever_neutrals(pairs)
    assert made
    assert all(p.label == "neutral" and "Madrid" not in p.premise for p in made)


def test_entailment_batches_depend_on_the_step_only(tokenizer: object) -> None:
    sets = {"cad": [Pair(f"p{i}", f"h{i}", "neutral", "cad") for i in range(50)]}
    one = EntailmentTask(sets, {"cad": 1.0, "absent": 1.0}, tokenizer, (1,), rows=8)
    assert one.draw(3) == one.draw(3) != one.draw(4)


def test_two_way_negatives_only_push_entailment_down(tokenizer: object) -> None:
    task = EntailmentTask({"two_way": [Pair("p", "h", "not_entailment", "two_way")]}, {"two_way": 1.0}, tokenizer, (1,))
    logits = torch.zeros((1, 3), requires_grad=True)
    task.combine(logits, task.sets["two_way"]).backward()
    gradient = logits.grad
    assert gradient is not None
    assert gradient[0, 0] > 0
    assert gradient[0, 1] == gradient[0, 2] < 0
