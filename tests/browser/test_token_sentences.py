"""The map's sentences on made-up attention: the view's own scripts in an empty page, without a server."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest

from components.attention.payload import encode
from components.attention.words import merge_pieces
from tests.attention.made import made_pair

FOLDER = Path(__file__).resolve().parent.parent.parent / "components" / "ui" / "frontend" / "token_map"
STATE = {"layer": 1, "head": 2, "heads": "one", "weighting": "norm", "direction": "query-document"}


@pytest.fixture
def say(page):
    """``say(pair, place, **state)``: the finding of the word at a place of the sequence, and the caption."""
    for name in ("attention.js", "finding.js"):
        page.add_script_tag(content=(FOLDER / name).read_text(encoding="utf-8"))

    def sentence(pair, place: int, **state: object) -> tuple[str, str]:
        payload = base64.b64encode(encode(pair, merge_pieces(pair), {})).decode()
        return tuple(
            page.evaluate(
                """async ({ payload, place, state }) => {
                  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
                  const attention = new Attention(await readPayload(bytes));
                  attention.useUnits(false);
                  const unit = attention.unitAt(place);
                  return [finding(attention, attention.table(state), state, unit), caption(attention, state)];
                }""",
                {"payload": payload, "place": place, "state": {**STATE, **state}},
            )
        )

    return sentence


def with_row(query: str, document: str, dest: int, shares: dict[int, float], norms: np.ndarray | None = None):
    """A made-up pair whose place ``dest`` sends these shares in every head and the rest to [CLS]."""
    count = len(made_pair(query, document).pieces)
    weights = np.zeros((2, 3, count, count))
    weights[..., 0] = 1.0
    weights[:, :, dest, 0] = 1 - sum(shares.values())
    for src, share in shares.items():
        weights[:, :, dest, src] = share
    return made_pair(query, document, weights, norms)


def test_neighbours_are_one_phrase(say):
    """[CLS] lifespan [SEP] they live years [SEP]: live and years are places 4 and 5."""
    pair = with_row("lifespan", "they live years", 1, {4: 0.2, 5: 0.11})
    words, _ = say(pair, 1)
    assert words == "In layer 2, head 3, “lifespan” sends 31 % of its weight to “live years”; special tokens take 69 %."


def test_words_apart_are_named_apart_and_repeats_counted(say):
    pair = with_row("eat", "fish, frogs; fish", 1, {3: 0.25, 5: 0.2, 7: 0.25})
    words, _ = say(pair, 1)
    assert "sends 70 % of its weight to “fish” (2 places) and “frogs”; special tokens take 30 %." in words


def test_faint_links_are_no_links(say):
    words, _ = say(with_row("eat", "fish soup", 1, {3: 0.03, 4: 0.01}), 1)
    assert words == (
        "In layer 2, head 3, “eat” sends no document word more than 3.0 % of its weight; special tokens take 96 %."
    )


def test_what_a_word_gets_is_said_as_the_givers_share(say):
    pair = with_row("eat", "fish soup", 3, {1: 0.4})
    words, _ = say(pair, 1, direction="document-query")
    assert words == "In layer 2, head 3, “eat” gets most from “fish” (40 % of its weight)."
    words, _ = say(pair, 1, direction="query-document")
    assert "sends no document word more than 0.0 %" in words


def test_the_norm_of_what_is_moved_changes_the_sentence(say):
    """Half of the weight on [CLS], whose vector is nine times shorter: 0.5 of 0.5 + 0.5 / 9."""
    norms = np.ones((2, 3, 5))
    norms[..., 0] = 1 / 9
    pair = with_row("eat", "fish", 1, {3: 0.5}, norms)
    words, made = say(pair, 1)
    assert "sends 90 % of its weight to “fish”; special tokens take 10 %" in words
    assert "norm-weighted" in made
    words, made = say(pair, 1, weighting="raw")
    assert "sends 50 % of its weight to “fish”; special tokens take 50 %" in words
    assert "raw attention weights" in made


@pytest.mark.parametrize(
    ("heads", "start"),
    [
        ("mean", "On the mean of layer 2's heads,"),
        ("max", "In the head of layer 2 that does it most,"),
        ("mean-all", "On the mean of all heads,"),
        ("max-all", "In the head that does it most,"),
        ("rollout", "By rollout up to layer 2 (an estimate),"),
    ],
)
def test_every_aggregation_is_named(say, heads, start):
    words, made = say(with_row("eat", "fish", 1, {3: 0.5}), 1, heads=heads)
    assert words.startswith(start)
    assert made.endswith("Attention shows where weight went, not why the score came out.")


def test_cls_speaks_for_both_texts(say):
    words, _ = say(with_row("eat", "fish", 0, {1: 0.3, 3: 0.3}), 3, direction="cls")
    assert words == "In layer 2, head 3, [CLS] sends 60 % of its weight to “eat” and “fish”; special tokens take 40 %."
