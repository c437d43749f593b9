"""What the browser gets: how exact, how large, and that it holds what it must."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.attention.aggregate import Heads, View, Weighting, rollout
from components.attention.extract import extract
from components.attention.pair import Part
from components.attention.payload import SCALE, decode, encode, restore
from components.attention.words import merge_pieces
from tests.attention.made import made_pair, piece_shares, random_pair

POINTS = 0.002  # share: 0.2 points
QUERY = "what do herons eat in the cold winter"
SENTENCE = "The heron waits in shallow water before it strikes; then it swallows fish, frogs and sometimes young rats. "


def worst_errors(pair):
    """The largest error of a raw and of a norm-weighted share, as the browser computes them."""
    _, arrays = decode(encode(pair, merge_pieces(pair), {}))
    places = {"q": pair.places(Part.QUERY), "d": pair.places(Part.DOCUMENT), "s": pair.places(Part.SPECIAL)}
    places |= {"c": [0], "*": list(range(len(pair.pieces)))}
    norms = arrays["norms"] / SCALE * arrays["norms_scale"][..., None].astype(np.float64)
    totals = arrays["totals"] / SCALE * arrays["totals_scale"][..., None].astype(np.float64)
    raw = moved = 0.0
    for name, (dest, src) in {"qd": "qd", "dq": "dq", "qs": "qs", "ds": "ds", "cs": "c*"}.items():
        weights = restore(name, arrays)
        rows, columns = places[dest], places[src]
        if not rows or not columns:
            continue
        for layer in range(pair.n_layers):
            for head in range(pair.n_heads):
                exact = piece_shares(pair, View(layer, head, weighting=Weighting.RAW))[np.ix_(rows, columns)]
                raw = max(raw, np.abs(weights[layer, head] - exact).max())
                exact = piece_shares(pair, View(layer, head))[np.ix_(rows, columns)]
                share = weights[layer, head] * norms[layer, head, columns] / totals[layer, head, rows][:, None]
                moved = max(moved, np.abs(share - exact).max())
            exact = rollout(pair.weights)[layer][np.ix_(rows, columns)]
            raw = max(raw, np.abs(restore("rollout_" + name, arrays)[layer, 0] - exact).max())
    return raw, moved


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 12.0))
def test_no_share_is_off_by_more_than_a_fifth_of_a_point(seed, peaked):
    """Also where norms differ a hundredfold, so that 8 bits of the weight alone would not do."""
    assert max(worst_errors(random_pair(seed, "what do herons eat", SENTENCE, peaked=peaked))) <= POINTS


def test_the_shipped_models_shares_are_as_exact(pair):
    assert max(worst_errors(pair)) <= POINTS


def test_every_family_survives_the_way(family):
    model, info = family
    assert max(worst_errors(extract(model, info, "herons eat", "fish, don't they"))) <= POINTS


@pytest.mark.parametrize(("tokens", "limit"), [(200, 500_000), (500, 1_200_000)])
def test_the_size_is_bounded(cross_encoder, tokens, limit):
    query = QUERY if tokens == 200 else QUERY + " of the year, please"
    text = SENTENCE * 40
    offsets = cross_encoder.model.tokenizer(text, return_offsets_mapping=True, verbose=False)["offset_mapping"]
    pair = extract(cross_encoder.model, cross_encoder.info, query, text[: offsets[tokens][1]])
    count = len(pair.places(Part.DOCUMENT))
    assert count == min(tokens, 512 - 3 - len(pair.places(Part.QUERY)))
    assert len(encode(pair, merge_pieces(pair), {})) <= limit


def test_offsets_are_the_browsers():
    """JavaScript counts an emoji as two."""
    pair = made_pair("🐟 fish", "🐟🐟 eat")
    header, _ = decode(encode(pair, merge_pieces(pair), {"rank": 1}))
    assert [word[:3] for word in header["words"] if word[0] == "q"] == [["q", 0, 2], ["q", 3, 7]]
    assert [word[:3] for word in header["words"] if word[0] == "d"] == [["d", 0, 2], ["d", 2, 4], ["d", 5, 8]]
    assert header["rank"] == 1


def test_a_pair_without_norms_and_one_without_words_can_be_sent():
    pair = made_pair("a", "b")
    bare = type(pair)(
        pair.scorer, "a", "", pair.pieces[:3] + pair.pieces[4:], pair.weights[..., :4, :4] * 5 / 4, None, 0.0
    )
    header, arrays = decode(encode(bare, merge_pieces(bare), {}))
    assert "norms" not in arrays
    assert header["opening"] == {"layer": 0, "head": 0, "word": 1}


def test_the_opening_head_is_the_one_with_a_mutual_link():
    """Head (1, 2) links herons and heron both ways; (0, 1) looks harder, but one way; (0, 0) at function words."""
    count = 8  # [CLS] what herons [SEP] the heron . [SEP]
    weights = np.full((2, 3, count, count), 0.01)
    weights[1, 2, 2, 5] = weights[1, 2, 5, 2] = 0.6
    weights[0, 1, 2, 5] = 0.9
    weights[0, 0, 1, 4] = weights[0, 0, 4, 1] = 0.95
    pair = made_pair("what herons", "the heron.", weights / weights.sum(-1, keepdims=True))
    header, _ = decode(encode(pair, merge_pieces(pair), {}))
    assert header["opening"] == {"layer": 1, "head": 2, "word": 2}


def test_all_ways_of_looking_are_there(pair):
    header, arrays = decode(encode(pair, merge_pieces(pair), {}))
    assert {name for name in arrays if not name.endswith(("_at", "_exact", "_scale"))} == {
        *("qd", "dq", "qs", "ds", "cs", "norms", "totals"),
        *("rollout_qd", "rollout_dq", "rollout_qs", "rollout_ds", "rollout_cs"),
    }
    assert (header["layers"], header["heads"]) == (6, 12)
    assert {str(heads) for heads in Heads} == {"one", "mean", "max", "mean-all", "max-all", "rollout"}
