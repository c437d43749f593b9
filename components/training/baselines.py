"""What the cross-encoder is compared with, on the same candidates: BM25 and the bi-encoder's cosine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np

from components.training.heldout import Question
from components.training.scoring import arithmetic
from components.training.teacher import backbone_path

Array = np.ndarray


def bm25_scores(questions: Sequence[Question]) -> list[Array]:
    """BM25 of every candidate, one float array a question; the stored first stage where the set has one.

    Word statistics come from all candidates of the set (k1 = 1.5, b = 0.75, English stop words).
    """
    if all(q.bm25 for q in questions):
        return [np.array(q.bm25) for q in questions]
    texts = sorted({text for q in questions for text in q.texts})
    number = {text: i for i, text in enumerate(texts)}
    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    queries = bm25s.tokenize([q.query for q in questions], stopwords="en", return_ids=False, show_progress=False)
    out = []
    for question, tokens in zip(questions, queries, strict=True):
        places = [number[text] for text in question.texts]
        out.append(index.get_scores(tokens)[places] if tokens else np.zeros(len(places)))
    return out


def cosines(questions: Sequence[Question], model_dir: Path | None = None, half: bool = False) -> list[Array]:
    """Cosine of all-MiniLM-L6-v2 (or the model in ``model_dir``), one float array a question; half: bfloat16."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(model_dir or backbone_path()))
    texts = sorted({text for q in questions for text in q.texts})
    number = {text: i for i, text in enumerate(texts)}
    with arithmetic(model, half):
        passages = model.encode(texts, batch_size=32, normalize_embeddings=True)
        queries = model.encode([q.query for q in questions], batch_size=32, normalize_embeddings=True)
    return [passages[[number[t] for t in q.texts]] @ queries[i] for i, q in enumerate(questions)]


def bootstrap(difference: Array, repeats: int = 10_000, seed: int = 13) -> tuple[float, float]:
    """95 % interval of the mean of paired differences (queries,), by drawing queries with replacement.

    Efron and Tibshirani 1993, percentile method; 10,000 draws.
    """
    rng = np.random.default_rng(seed)
    means = np.concatenate(
        [
            difference[rng.integers(0, len(difference), (500, len(difference)))].mean(1)
            for _ in range(max(1, repeats // 500))
        ]
    )
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def auc(positive: Array, negative: Array) -> float:
    """Probability that a positive scores above a negative, ties counting half (area under the ROC curve)."""
    everything = np.concatenate([positive, negative])
    _, inverse, counts = np.unique(everything, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    total = ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return float(total / (len(positive) * len(negative)))
