"""Texts as token ids: joined as the tokenizer joins them, encoded and scored as the reference library does."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from components.training.device import pair_logits, score_pairs, vectors
from components.training.models import network_of
from components.training.teacher import backbone_path
from components.training.texts import MPNET, OnDevice, Window, by_length, join, join_rows, single, tokenise

CPU = torch.device("cpu")
TEXTS = (
    "What is the capital of France?",
    "Paris is the capital and largest city of France, on the Seine.",
    "short",
    "a much longer text " * 20,
)


def store(tokenizer: object) -> OnDevice:
    return OnDevice(tokenise(tokenizer, TEXTS, 200), CPU)


def test_pairs_are_joined_as_the_tokenizer_joins_them(tokenizer: object) -> None:
    texts = store(tokenizer)
    i, j = np.array([0, 1, 2, 0]), np.array([1, 2, 3, 3])
    batch = join(texts, texts, i, j, Window(48, 20))
    wanted = tokenizer(  # type: ignore[operator]
        [TEXTS[n] for n in i], [TEXTS[n] for n in j], truncation="only_second", max_length=48
    )
    for row in range(len(i)):
        length = len(wanted["input_ids"][row])
        for name in ("input_ids", "token_type_ids", "attention_mask"):
            assert batch[name][row, :length].tolist() == wanted[name][row], name
            assert not batch[name][row, length:].any()


def test_single_texts_are_as_the_tokenizer_makes_them(tokenizer: object) -> None:
    batch = single(store(tokenizer), np.arange(4), 40)
    wanted = tokenizer(list(TEXTS), truncation=True, max_length=40)["input_ids"]  # type: ignore[operator]
    assert [row[row != 0].tolist() for row in batch["input_ids"]] == wanted


def test_another_family_has_its_own_marks_and_ids(tokenizer: object) -> None:
    batch = join(store(tokenizer), store(tokenizer), np.array([2]), np.array([2]), Window(), MPNET)
    word = tokenizer.convert_tokens_to_ids("short") + 4  # type: ignore[attr-defined]
    assert batch["input_ids"][0].tolist()[:7] == [0, word, 2, 2, word, 2, 1]
    assert "token_type_ids" not in batch


@given(st.lists(st.integers(3, 300), min_size=1, max_size=60), st.integers(300, 3000))
def test_chunks_hold_every_row_once_within_the_budget(sizes: list[int], budget: int) -> None:
    lengths = np.array(sizes)
    chunks = by_length(lengths, budget)
    assert sorted(np.concatenate(chunks).tolist()) == list(range(len(sizes)))
    assert all(len(c) * lengths[c].max() <= budget for c in chunks)


def test_taking_rows_keeps_their_ids() -> None:
    texts = join_rows([np.array([5, 6]), np.array([], dtype=int), np.array([7])])
    assert texts.take([2, 0]).ids.tolist() == [7, 5, 6]
    assert texts.lengths.tolist() == [2, 0, 1]


def test_vectors_are_those_of_sentence_transformers(tokenizer: object) -> None:
    from sentence_transformers import SentenceTransformer

    wanted = SentenceTransformer(str(backbone_path())).encode(list(TEXTS), normalize_embeddings=True)
    found = vectors(network_of(backbone_path(), CPU), store(tokenizer), 256).float().numpy()
    assert (found * wanted).sum(1).min() > 0.9995  # bfloat16 arithmetic


def test_logits_come_in_the_given_order(tokenizer: object, tiny_model: torch.nn.Module) -> None:
    texts = store(tokenizer)
    network = tiny_model.eval()
    i, j = np.array([0, 1, 2, 0, 3]), np.array([3, 2, 1, 0, 2])
    together = score_pairs(network, texts, texts, i, j, Window(64))
    for row in range(len(i)):
        alone = pair_logits(network, texts, texts, i[row : row + 1], j[row : row + 1], Window(64))
        assert together[row].tolist() == pytest.approx(alone[0].tolist(), abs=1e-5)
