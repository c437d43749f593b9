"""From every head's weights to one table of shares, and from pieces to words.

All tables here are (dest, src): a row is a place that takes, its numbers are the shares it takes from each place, and a
row sums to 1 (but for ``MAX``, which keeps the largest share of any head and says so).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from components.attention.pair import PairAttention
from components.attention.words import Word


class Heads(StrEnum):
    """Which heads a table is made of. The layer of a ``View`` says where, for the ones that are of one layer."""

    ONE = "one"
    MEAN = "mean"  # of the layer's heads
    MAX = "max"  # over the layer's heads
    MEAN_ALL = "mean-all"  # of all heads of all layers
    MAX_ALL = "max-all"
    ROLLOUT = "rollout"  # from the text up to the layer


class Weighting(StrEnum):
    NORM = "norm"
    RAW = "raw"


class Direction(StrEnum):
    QUERY_TO_DOCUMENT = "query-document"
    DOCUMENT_TO_QUERY = "document-query"
    CLS = "cls"


@dataclass(frozen=True)
class View:
    """What is looked at. Layers and heads count from 0 here and from 1 on the screen."""

    layer: int
    head: int
    heads: Heads = Heads.ONE
    weighting: Weighting = Weighting.NORM
    direction: Direction = Direction.QUERY_TO_DOCUMENT


def word_shares(pair: PairAttention, view: View, words: Sequence[Word]) -> np.ndarray:
    """The table of a view over words, float64 (dest, src). The largest over heads is taken after merging."""
    if view.heads is Heads.ROLLOUT:
        return merge(rollout(pair.weights)[view.layer], words)
    heads = chosen_heads(pair, view)
    if view.heads in (Heads.MAX, Heads.MAX_ALL):
        return np.max([merge(_rows_to_one(moved(pair, *place, view.weighting)), words) for place in heads], axis=0)
    total = np.zeros(pair.weights.shape[2:])
    for place in heads:
        total += moved(pair, *place, view.weighting)
    return merge(_rows_to_one(total), words)


def chosen_heads(pair: PairAttention, view: View) -> list[tuple[int, int]]:
    """The (layer, head) that a view is made of; rollout is made of all up to its layer and not asked for here."""
    if view.heads is Heads.ONE:
        return [(view.layer, view.head)]
    layers = range(pair.n_layers) if view.heads in (Heads.MEAN_ALL, Heads.MAX_ALL) else [view.layer]
    return [(layer, head) for layer in layers for head in range(pair.n_heads)]


def moved(pair: PairAttention, layer: int, head: int, weighting: Weighting) -> np.ndarray:
    """One head's weights, or lengths of what is moved (Kobayashi et al. 2020): float64 (dest, src), over pieces.

    Without norms both are the weights; the pair's ``note`` says so. The sum over heads of these lengths gives the mean
    of per-head norms, which is not the norm of the heads' summed vectors.
    """
    weights = pair.weights[layer, head].astype(np.float64)
    if weighting is Weighting.RAW or pair.norms is None:
        return weights
    return weights * pair.norms[layer, head]


def rollout(weights: np.ndarray) -> np.ndarray:
    """Attention rollout up to each layer, float64 (layer, dest, src).

    Abnar & Zuidema, "Quantifying Attention Flow in Transformers" (ACL 2020), eq. 1: A = 0.5 W + 0.5 I with W the mean
    of the layer's heads, and A~(l) = A(l) A~(l-1). An estimate over layers: it knows neither values nor feed-forward
    parts.
    """
    mean = weights.mean(1, dtype=np.float64)  # (layer, dest, src)
    mixed = _rows_to_one(0.5 * mean + 0.5 * np.eye(mean.shape[-1]))
    rolled = [mixed[0]]
    for layer in mixed[1:]:
        rolled.append(layer @ rolled[-1])
    return np.stack(rolled)


def merge(table: np.ndarray, words: Sequence[Word]) -> np.ndarray:
    """(..., dest piece, src piece) to (..., dest word, src word).

    The sum over the pieces taken from, the mean over the pieces that take (Clark et al. 2019, section 4.1).
    """
    members = np.zeros((len(words), table.shape[-1]))
    for index, word in enumerate(words):
        members[index, list(word.pieces)] = 1.0
    takers = members / members.sum(1, keepdims=True)
    return np.asarray(takers @ table @ members.T)


def _rows_to_one(table: np.ndarray) -> np.ndarray:
    """Rows divided by their sums; a row of zeros stays one of zeros."""
    totals = table.sum(-1, keepdims=True)
    return np.divide(table, totals, out=np.zeros_like(table), where=totals > 0)
