"""Tokenised once: the same ids as the library's own preprocessing, padded, cut and counted."""

import pytest
import torch

from components.scoring import tokens as module
from components.scoring.tokens import Tokeniser, Tokens

TEXTS = ["At night.", "  Two\tspaces,  ÜBER 🦉 ", "", "and hear the mouse under the snow " * 90]


def finish(work):
    pieces = 0
    while True:
        try:
            next(work)
            pieces += 1
        except StopIteration as end:
            return end.value, pieces


@pytest.mark.parametrize("prompt", ["", "query: "])
def test_ids_and_padding_are_the_librarys(bi_encoder, prompt):
    tokeniser = Tokeniser(bi_encoder.model, 256, prompt)
    ours, theirs = tokeniser.pad(tokeniser(TEXTS)), bi_encoder.model.preprocess([prompt + text for text in TEXTS])
    for name in ("input_ids", "attention_mask", "token_type_ids"):
        assert torch.equal(ours[name], theirs[name])


def test_ids_of_pairs_are_the_librarys(cross_encoder):
    pairs = [("how do owls hunt", text) for text in TEXTS] + [("why " * 600, "because " * 400)]
    tokeniser = Tokeniser(cross_encoder.model, 512)
    ours, theirs = tokeniser.pad(tokeniser(pairs)), cross_encoder.model.preprocess(pairs)
    for name in ("input_ids", "attention_mask", "token_type_ids"):
        assert torch.equal(ours[name], theirs[name])


def test_the_prompt_is_not_counted_as_the_texts_own(bi_encoder):
    with_prompt, without = (Tokeniser(bi_encoder.model, 256, prompt)(TEXTS).counts for prompt in ("query: ", ""))
    assert [count.total for count in with_prompt] == [count.total for count in without]
    assert with_prompt[0].cut is None
    long = with_prompt[3]
    assert long.read == 256 - 2 - 2  # special tokens, "query" and ":"
    assert TEXTS[3][: long.cut].endswith(("and", "hear", "the", "mouse", "under", "snow"))


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_model_that_preprocesses_in_its_own_way_gets_its_own_rows(bi_encoder, monkeypatch, side):
    """What the trial finds to differ (here: text in reverse, padded on either side) is left to the library."""
    model = bi_encoder.model
    monkeypatch.setattr(model.tokenizer, "padding_side", side)
    theirs = model.preprocess
    monkeypatch.setattr(model, "preprocess", lambda texts, **options: theirs([text[::-1] for text in texts], **options))
    tokeniser = Tokeniser(model, 256)
    found = tokeniser.pad(tokeniser(TEXTS))
    expected = theirs([text[::-1] for text in TEXTS])
    assert torch.equal(found["input_ids"], expected["input_ids"])
    assert torch.equal(found["attention_mask"], expected["attention_mask"])


def test_much_text_is_tokenised_in_pieces(bi_encoder, monkeypatch):
    monkeypatch.setattr(module, "PIECE_CHARACTERS", 1_000)
    tokeniser = Tokeniser(bi_encoder.model, 256)
    found, pieces = finish(tokeniser.pieces(TEXTS * 5))
    assert pieces == 4
    assert found == tokeniser(TEXTS * 5)
    assert finish(tokeniser.pieces([])) == (Tokens(), 0)


def test_rows_are_taken_in_the_order_asked_for(cross_encoder):
    tokens = cross_encoder.tokenise([("q", text) for text in TEXTS])
    taken = tokens.take([2, 0])
    assert taken.rows == (tokens.rows[2], tokens.rows[0])
    assert taken.lengths == [tokens.lengths[2], tokens.lengths[0]]
    one_by_one = [cross_encoder.run(tokens.take([place]))[0] for place in range(len(TEXTS))]
    assert cross_encoder.run(tokens) == pytest.approx(one_by_one, abs=1e-4)
