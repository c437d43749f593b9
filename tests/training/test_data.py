"""Rows, pool, near misses made by rule, and the corpus as token ids."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from components.training import corpus as corpus_module
from components.training.corpus import FORMS, Corpus, add_windows, forms, pseudo_queries
from components.training.data import Example, Pool, read_rows, split_sentences, untokenise, window
from components.training.entailment import Pair, fever_neutrals
from components.training.lexical import SIZE, lexical_groups
from components.training.near_misses import other_entity, without_answer


def toy_pool(size: int = 60) -> Pool:
    pool = Pool()
    for number in range(size):
        text = (
            f"Town {number} lies on river {number}. It was founded in {1200 + number}. Many people visit it every year."
        )
        pool.add(text, f"Town {number}")
        answers = (str(1200 + number),)
        pool.examples.append(Example("nq", f"When was town {number} founded?", number, answers, number < 5))
    return pool


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


def test_the_sentence_with_the_answer_is_removed() -> None:
    text = "The town is old. It was founded in 1207. Many visit it."
    assert without_answer(text, ["1207"]) == "The town is old. Many visit it."
    assert without_answer(text, ["nothing"]) is None


def test_a_shared_number_is_changed() -> None:
    changed = other_entity("who won in 1998", "In 1998 the cup went to France.", "", np.random.default_rng(0))
    assert changed is not None
    assert "1998" not in changed
    assert changed.endswith("the cup went to France.")


def test_a_query_has_three_forms() -> None:
    assert forms("Who wrote the novel Emma?") == (
        "Who wrote the novel Emma?",
        "Who wrote the novel Emma",
        "wrote novel Emma",
    )


def test_windows_are_neighbouring_sentences_of_a_passage() -> None:
    pool = toy_pool(20)
    add_windows(pool, random.Random(0))
    made = pool.passages[20:]
    assert made
    for text in made:
        assert any(text in whole and text != whole for whole in pool.passages[:20])


def test_made_queries_use_words_of_the_pool() -> None:
    pool = toy_pool(20)
    known = set(" ".join(pool.passages).lower().replace(".", "").split()) | {"town"}
    made = pseudo_queries(pool, 30, random.Random(1))
    assert len(made) == 30
    assert all(set(q.lower().replace(".", "").split()) <= known for q in made)


def test_in_a_name_and_item_group_only_the_first_text_fits() -> None:
    for query, texts in lexical_groups(200, 3):
        assert len(texts) == SIZE == len(set(texts))
        people = [" ".join(t.split()[:2]) for t in texts]
        if any(person in query for person in people):
            assert people[0] in query
            continue
        shared = [
            set(query.lower().rstrip("?").split()) & set(t.lower().rstrip(".").replace(",", "").split()) for t in texts
        ]
        rare = set.union(*shared) - set.intersection(*shared)
        holding = [number for number, words in enumerate(shared) if rare and rare <= words]
        assert holding == [0], (query, texts[0])


@pytest.fixture
def toy_corpus(monkeypatch: pytest.MonkeyPatch, tokenizer: object) -> Corpus:
    monkeypatch.setattr(corpus_module, "build_pool", lambda data, seed, share: toy_pool())
    monkeypatch.setattr(corpus_module, "PSEUDO", 20)
    monkeypatch.setattr(corpus_module, "LEXICAL", 10)
    return corpus_module.build_corpus(Path("nowhere"), tokenizer)


def test_the_corpus_holds_what_each_query_needs(toy_corpus: Corpus, tokenizer: object, tmp_path: Path) -> None:
    found = toy_corpus
    decode = tokenizer.decode  # type: ignore[attr-defined]
    assert len(found.queries) == FORMS * len(found.gold)
    assert found.held_out.sum() == 5
    row = int(np.flatnonzero(found.source == found.sources.index("nq"))[7])
    assert decode(found.queries.row(FORMS * row)) == "when was town 7 founded?"
    assert decode(found.answers.row(row)) == "1207"
    assert "founded in 1207" in decode(found.passages.row(found.gold[row]))
    contrast = np.flatnonzero(found.source == found.sources.index("contrast"))
    assert (found.own_count[contrast] == 4).all()
    assert (found.own_start[contrast] == found.gold[contrast] + 1).all()
    lexical = np.flatnonzero(found.source == found.sources.index("lexical"))
    assert (found.gold[lexical] >= found.pool).all()
    assert (found.gold[found.source == found.sources.index("pseudo")] == -1).all()
    found.save(tmp_path / "corpus.npz")
    again = Corpus.load(tmp_path / "corpus.npz")
    assert again.sources == found.sources
    for name in ("source", "gold", "own_start", "own_count", "held_out"):
        assert np.array_equal(getattr(again, name), getattr(found, name)), name
    assert np.array_equal(again.passages.ids, found.passages.ids)


def test_fever_neutrals_speak_of_something_else() -> None:
    pairs = [
        Pair("Madrid is the capital of Spain.", "Madrid lies in Spain.", "entailment", "fever"),
        Pair("Spain joined the union in 1986.", "Spain never joined the union.", "contradiction", "fever"),
    ] * 10
    made = fever_neutrals(pairs)
    assert made
    assert all(p.label == "neutral" and "Madrid" not in p.premise for p in made)
