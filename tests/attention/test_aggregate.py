"""Means, maxima, rollout and the merging of pieces against plain loops and numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.attention.aggregate import Direction, Heads, View, Weighting, merge, rollout, word_shares
from components.attention.extract import extract
from components.attention.pair import Part
from components.attention.words import Word, merge_pieces
from tests.attention.families import DOCUMENT, QUERY
from tests.attention.made import made_pair, piece_shares, random_pair


def plain_rollout(weights):
    """Abnar & Zuidema 2020, section 4, number by number."""
    layers, heads, count, _ = weights.shape
    rolled = []
    for layer in range(layers):
        mixed = [[0.0] * count for _ in range(count)]
        for i in range(count):
            for j in range(count):
                mean = sum(float(weights[layer, head, i, j]) for head in range(heads)) / heads
                mixed[i][j] = 0.5 * mean + (0.5 if i == j else 0.0)
            total = sum(mixed[i])
            mixed[i] = [value / total for value in mixed[i]]
        if rolled:
            before = rolled[-1]
            mixed = [
                [sum(mixed[i][k] * before[k][j] for k in range(count)) for j in range(count)] for i in range(count)
            ]
        rolled.append(mixed)
    return np.array(rolled)


def test_rollout_is_the_papers(family):
    model, info = family
    pair = extract(model, info, "herons", "eat fish")
    rolled = rollout(pair.weights)
    np.testing.assert_allclose(rolled, plain_rollout(pair.weights), atol=1e-6)
    np.testing.assert_allclose(rolled.sum(-1), 1, atol=1e-6)


def test_rollout_by_hand():
    """Two places, one head. Layer 1 looks at the other place, layer 2 at itself."""
    swap = [[0.0, 1.0], [1.0, 0.0]]  # mixed with the identity: 0.5 everywhere
    stay = [[1.0, 0.0], [0.0, 1.0]]  # mixed: the identity
    half = [[0.5, 0.5], [0.5, 0.5]]
    np.testing.assert_allclose(rollout(np.array([[swap], [stay]])), [half, half])


def test_norm_weighted_shares_by_hand():
    """Weights 0.5, 0.3, 0.2 on vectors of length 1, 4, 0: 0.5, 1.2 and 0 of 1.7."""
    weights = np.tile([0.5, 0.3, 0.2, 0.0, 0.0], (1, 1, 5, 1))
    norms = np.array([[[1.0, 4.0, 0.0, 1.0, 1.0]]])
    pair = made_pair("a", "b", weights, norms)
    expected = [0.5 / 1.7, 1.2 / 1.7, 0, 0, 0]
    np.testing.assert_allclose(piece_shares(pair, View(0, 0))[0], expected, atol=1e-7)
    np.testing.assert_allclose(piece_shares(pair, View(0, 0, weighting=Weighting.RAW))[0], weights[0, 0, 0], atol=1e-7)


@pytest.mark.parametrize("weighting", Weighting)
@pytest.mark.parametrize("heads", Heads)
def test_rows_are_shares(pair, heads, weighting):
    table = word_shares(pair, View(2, 5, heads, weighting), merge_pieces(pair))
    sums = table.sum(-1)
    assert table.min() >= 0
    if heads in (Heads.MAX, Heads.MAX_ALL):
        assert (sums >= 1 - 1e-6).all()
    else:
        np.testing.assert_allclose(sums, 1, atol=1e-6)


def test_the_largest_of_the_heads_is_at_least_each_one(pair):
    words = merge_pieces(pair)
    largest = word_shares(pair, View(1, 0, Heads.MAX), words)
    each = [word_shares(pair, View(1, head), words) for head in range(pair.n_heads)]
    np.testing.assert_allclose(largest, np.max(each, axis=0), atol=1e-12)


def test_the_mean_of_norms_is_the_mean_of_lengths():
    """Head 1 moves ten times what head 2 moves: the mean is nearly head 1's."""
    weights = np.zeros((1, 2, 5, 5))
    weights[0, 0, :, 1] = weights[0, 1, :, 2] = 1.0
    norms = np.ones((1, 2, 5))
    norms[0, 0] = 10.0
    table = piece_shares(made_pair("a", "b", weights, norms), View(0, 0, Heads.MEAN))
    np.testing.assert_allclose(table[0], [0, 10 / 11, 1 / 11, 0, 0], atol=1e-7)


def test_merging_sums_what_is_taken_and_means_who_takes():
    words = [Word("un", Part.QUERY, 0, 2, (0, 1)), Word("x", Part.DOCUMENT, 0, 1, (2,))]
    table = np.array([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4], [0.5, 0.25, 0.25]])
    np.testing.assert_allclose(merge(table, words), [[0.45, 0.55], [0.75, 0.25]])


@given(st.integers(0, 10_000))
def test_merging_keeps_rows_at_one(seed):
    pair = random_pair(seed, "what do herons eat", "Herons don't eat 3.50 soups.")
    table = word_shares(pair, View(1, 2), merge_pieces(pair))
    np.testing.assert_allclose(table.sum(-1), 1, atol=1e-6)


def test_directions_are_rows_of_one_table(pair):
    """Direction chooses what is shown; the shares are the same numbers."""
    words = merge_pieces(pair)
    tables = [word_shares(pair, View(3, 3, direction=direction), words) for direction in Direction]
    assert all((table == tables[0]).all() for table in tables)


def test_the_shipped_pair_is_the_tests_pair(pair):
    assert (pair.query, pair.document) == (QUERY, DOCUMENT)
