"""Made-up pairs: weights and pieces as a test wants them."""

from __future__ import annotations

import numpy as np

from components.attention.aggregate import View, word_shares
from components.attention.pair import PairAttention, Part, Piece
from components.attention.words import Word, cut_words
from components.records import Kind, ScorerInfo

INFO = ScorerInfo("cross-encoder:made", Kind.CROSS_ENCODER, "made up", "logit", max_tokens=512)


def made_pair(query: str, document: str, weights: np.ndarray | None = None, norms: np.ndarray | None = None):
    """One piece a word, [CLS] query [SEP] document [SEP]; uniform weights of 2 layers and 3 heads unless given."""
    pieces = [Piece("[CLS]", Part.SPECIAL)]
    for part, text in ((Part.QUERY, query), (Part.DOCUMENT, document)):
        pieces += [Piece(text[start:end], part, start, end) for start, end in cut_words(text)]
        pieces.append(Piece("[SEP]", Part.SPECIAL))
    count = len(pieces)
    if weights is None:
        weights = np.full((2, 3, count, count), 1 / count)
    if norms is None:
        norms = np.ones((*weights.shape[:2], count))
    return PairAttention(
        INFO, query, document, tuple(pieces), weights.astype(np.float32), norms.astype(np.float32), logit=1.5
    )


def random_pair(seed: int, query: str, document: str, layers: int = 2, heads: int = 3, peaked: float = 4.0):
    """Rows as a softmax of random numbers, norms over two orders of magnitude."""
    count = len(made_pair(query, document).pieces)
    chance = np.random.default_rng(seed)
    logits = chance.normal(size=(layers, heads, count, count)) * peaked
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    norms = np.exp(chance.uniform(-2.3, 2.3, size=(layers, heads, count)))
    return made_pair(query, document, weights / weights.sum(-1, keepdims=True), norms)


def piece_shares(pair: PairAttention, view: View) -> np.ndarray:
    """The table of a view over single pieces."""
    singles = [Word(one.text, one.part, one.start, one.end, (place,)) for place, one in enumerate(pair.pieces)]
    return word_shares(pair, view, singles)
