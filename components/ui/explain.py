"""The field's words, explained where they appear. The same texts serve all pages."""

from __future__ import annotations

TERMS: dict[str, str] = {
    "bi-encoder": (
        "A model that turns the query and each document into one vector, each alone, and compares the vectors. "
        "Document vectors can be made beforehand and kept, so it is fast on large collections."
    ),
    "cross-encoder": (
        "A model that reads query and document together, so every word can look at every other. Nothing can be made "
        "beforehand: one forward pass for every pair."
    ),
    "BM25": (
        "A count of shared words, weighted by how rare a word is among these documents and by document length. "
        "No model: it knows nothing about meaning."
    ),
    "late interaction": (
        "Query and document are embedded alone, but one vector a token is kept; the score adds up the best match of "
        "each query token."
    ),
    "cosine": (
        "The cosine of the angle between two vectors, from −1 to 1. What is high depends on the model: compare cosines "
        "of one model for one query, and nothing else."
    ),
    "dot": "The dot product of two vectors. It has no fixed range: compare scores of one model for one query.",
    "euclidean": "The distance of two vectors, negated, so that more is nearer.",
    "manhattan": "The sum of the differences of two vectors' numbers, negated, so that more is nearer.",
    "logit": (
        "The cross-encoder's raw output. It has no fixed range; 0 means “as likely relevant as not” only if the model "
        "is calibrated. Never compare a logit with a cosine: compare the order."
    ),
    "MaxSim": "The sum over query tokens of each one's highest similarity to any document token.",
    "rank": "Place in the order of one column, 1 is best. Equal scores share a rank.",
    "move": "How many places a document rises (+) or falls (−) from the first column to the column it is ordered by.",
    "tau-b": (
        "Kendall's tau-b: 1 when two columns order all pairs of documents the same way, −1 when they reverse all of "
        "them, 0 when as many pairs agree as disagree. Ties are allowed for."
    ),
    "shared": "How many documents two columns both have among their first few: what a reader of the top would notice.",
    "tokens": (
        "The pieces a model reads. Each model has a window: what lies beyond it was never seen and cannot count. "
        "For BM25 these are words."
    ),
}
