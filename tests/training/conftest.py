"""A tiny random model for the tests of the training room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from components.training.teacher import backbone_path


@pytest.fixture(scope="session")
def tokenizer() -> object:
    return AutoTokenizer.from_pretrained(str(backbone_path()))


@pytest.fixture
def tiny_model() -> BertForSequenceClassification:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=30522,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        num_labels=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return BertForSequenceClassification(config)


@pytest.fixture(autouse=True)
def same_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One thread throughout. A server that an earlier test left behind may still be choosing its threads, and with
    another number sums are taken in another order: "identical" would then depend on who runs beside."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    choose = torch.set_num_threads
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)
    yield
    choose(before)
