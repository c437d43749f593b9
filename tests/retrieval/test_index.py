"""Vectors, words and fusion: against numbers worked out by hand and against the libraries themselves."""

from __future__ import annotations

import numpy as np
import pytest

from components.retrieval.fusion import fuse
from components.retrieval.index import ArrayIndex, Hits, best
from components.retrieval.word_index import WordIndex
from components.scoring.bm25 import BM25Scorer
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores
from tests.retrieval.conftest import result_of


def test_best_breaks_ties_by_place_also_at_the_cut():
    assert best(np.array([0.5, 0.9, 0.5, 0.5], np.float32), 2) == Hits((1, 0), (pytest.approx(0.9), 0.5))
    assert best(np.array([1.0, 1.0], np.float32), 5).places == (0, 1)
    assert best(np.array([], np.float32), 5) == Hits((), ())


def test_search_equals_semantic_search():
    import torch
    from sentence_transformers import util

    chance = np.random.default_rng(1)
    vectors, queries = chance.normal(size=(500, 16)).astype(np.float32), chance.normal(size=(5, 16)).astype(np.float32)
    index = ArrayIndex("cosine")
    index.add(vectors[:200])
    index.add(vectors[200:])
    found = util.semantic_search(torch.tensor(queries), torch.tensor(vectors), top_k=20)
    for query, wanted in zip(queries, found, strict=True):
        hits = index.search(query, 20)
        assert list(hits.places) == [one["corpus_id"] for one in wanted]
        assert hits.scores == pytest.approx([one["score"] for one in wanted], abs=1e-6)


def test_a_zero_vector_is_near_to_nothing(tmp_path):
    index = ArrayIndex("cosine")
    index.add(np.array([[0, 0], [3, 4]], np.float32))
    assert index.search(np.array([0.6, 0.8], np.float32), 2).scores == pytest.approx([1.0, 0.0])
    assert index.search(np.zeros(2, np.float32), 1).scores == (0.0,)
    index.save(tmp_path)
    assert ArrayIndex.reopen(tmp_path, "cosine").search(np.array([3.0, 4.0], np.float32), 1).places == (1,)


def test_bm25_equals_the_bm25_column_of_compare():
    texts = ["Bees sleep at night.", "Bread and bees, bees!", "The boat", "", "night night bees bread"]
    query = "bees at night zeppelin"
    index = result_of(WordIndex.build(texts, "key", Progress()))
    column = result_of(BM25Scorer().score(query, texts, Stores(), Progress()))
    assert index.scores(query).tolist() == pytest.approx(list(column.values), abs=1e-6)
    assert set(index.search(query, 10).places) == {0, 1, 4}, "who shares no word is not found"


def test_bm25_comes_back_from_disk_and_no_word_is_in_its_files(tmp_path):
    texts = ["a confidential heron", "another passage"]
    index = result_of(WordIndex.build(texts, "digest of the texts", Progress()))
    index.save(tmp_path)
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"heron" not in file.read_bytes()
    again = WordIndex.reopen(tmp_path, 2, "digest of the texts")
    assert again.search("HERON", 5) == index.search("heron", 5)
    assert again.search("heron", 5).places == (0,)
    assert not WordIndex.reopen(tmp_path, 2, "other texts").search("heron", 5).places


def test_bm25_of_texts_without_words_finds_nothing(tmp_path):
    index = result_of(WordIndex.build(["!!!", "…"], "key", Progress()))
    index.save(tmp_path)
    for one in (index, WordIndex.reopen(tmp_path, 2, "key")):
        assert not one.search("anything", 3).places
        assert one.n_bytes == 0


def test_fusion_by_hand():
    first, second = Hits((7, 8, 9), (0.9, 0.8, 0.7)), Hits((9, 7), (5.0, 4.0))
    fused = fuse([first, second], 3)
    assert fused.places == (7, 9, 8)
    assert fused.scores == pytest.approx((1 / 61 + 1 / 62, 1 / 63 + 1 / 61, 1 / 62))
    assert fuse([Hits((3,), (1.0,)), Hits((2,), (1.0,))], 1).places == (2,), "equal sums: the earlier passage"


def test_words_are_counted_in_small_pieces():
    """A piece reads some passages, or digests some words; the sums are done beside."""
    texts = [f"passage {number} w{number} x{number}" for number in range(6_000)]
    pieces = WordIndex.build(texts, "key", Progress())
    assert sum(1 for _ in pieces) >= 6_000 // 500 + 18_001 // 10_000
