"""The script that a visitor takes along: the same two stages with sentence-transformers alone."""

from __future__ import annotations

import json

from components.retrieval.pipeline import Stage

_TEMPLATE = '''"""Both stages of a Relevance Lab run, with sentence-transformers alone.

    pip install "sentence-transformers>=6.2" EXTRA
    python pipeline.py --bi-encoder BI --cross-encoder FOLDER-OR-NAME

Reads passages.jsonl and queries.jsonl beside it, writes first-stage.check.run and reranked.check.run (TREC's form).
The cross-encoder of this run: PLACE (SHA-256 of its weights: FINGERPRINT); a folder is seen from Relevance Lab's own.
NOTE
"""

import argparse
import json

import torch
from sentence_transformers import CrossEncoder, SentenceTransformer, util

STAGE = "THE_STAGE"  # bi-encoder, BM25, or both, fused
K = THE_K  # how many of the first stage are re-ranked
DEPTH = THE_DEPTH  # how many candidates a run lists
POOL = THE_POOL  # of each list, before fusion


def read(name):
    with open(name, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def nearest(model, texts, queries, depth):
    """Bi-encoder: every passage is compared with every query, nothing is approximated."""
    found = util.semantic_search(
        model.encode_query(queries, convert_to_tensor=True),
        model.encode_document(texts, convert_to_tensor=True, show_progress_bar=True),
        top_k=depth,
        score_function=THE_SIMILARITY,
    )
    return [[(hit["corpus_id"], hit["score"]) for hit in hits] for hits in found]


def by_words(texts, queries, depth):
    """BM25: Lucene's variant, k1 THE_WEIGHT, b 0.75, lower case, no stemming, no stop words."""
    import re

    import bm25s
    import numpy as np

    split = re.compile(r"(?u)\\b\\w+\\b").findall
    index = bm25s.BM25(method="lucene", k1=THE_WEIGHT, b=0.75)
    index.index([split(text.lower()) for text in texts], show_progress=False)
    lists = []
    for query in queries:
        words = [word for word in split(query.lower()) if word in index.vocab_dict]
        scores = index.get_scores(words) if words else np.zeros(len(texts))
        order = np.lexsort((np.arange(len(texts)), -scores))[:depth]
        lists.append([(int(place), float(scores[place])) for place in order if scores[place] > 0])
    return lists


def fuse(pairs, depth):
    """Reciprocal rank fusion: the sum of 1 / (60 + rank)."""
    lists = []
    for both in pairs:
        sums = {}
        for hits in both:
            for rank, (place, _) in enumerate(hits, 1):
                sums[place] = sums.get(place, 0.0) + 1 / (60 + rank)
        lists.append(sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:depth])
    return lists


def write(name, tag, queries, passages, lists):
    with open(name, "w", encoding="utf-8") as file:
        for query, hits in zip(queries, lists):
            for rank, (place, score) in enumerate(hits, 1):
                file.write(f"{query['id']} Q0 {passages[place]['id']} {rank} {score!r} {tag}\\n")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--bi-encoder", default=THE_BI)
    arguments.add_argument("--cross-encoder", default=THE_CROSS)
    given = arguments.parse_args()
    passages, queries = read("passages.jsonl"), read("queries.jsonl")
    texts, asked = [row["text"] for row in passages], [row["text"] for row in queries]

    pool = max(POOL, DEPTH) if STAGE == "both, fused" else DEPTH
    lists = []
    if STAGE != "BM25":
        lists.append(nearest(SentenceTransformer(given.bi_encoder), texts, asked, pool))
    if STAGE != "bi-encoder":
        lists.append(by_words(texts, asked, pool))
    first = fuse(zip(*lists), DEPTH) if len(lists) == 2 else lists[0]
    write("first-stage.check.run", "first-stage", queries, passages, first)

    model = CrossEncoder(given.cross_encoder)
    second = []
    for query, hits in zip(asked, first):
        found = [texts[place] for place, _ in hits[:K]]
        ranked = model.rank(query, found, activation_fn=torch.nn.Identity()) if found else []
        head = [(hits[row["corpus_id"]][0], float(row["score"])) for row in ranked]
        lowest = min((score for _, score in head), default=0.0)
        tail = [(place, lowest - 1 - at) for at, (place, _) in enumerate(hits[K:])]  # the first stage's order goes on
        second.append(head + tail)
    write("reranked.check.run", "reranked", queries, passages, second)


if __name__ == "__main__":
    main()
'''
_SIMILARITIES = {"cosine": "util.cos_sim", "dot": "util.dot_score"}


def pipeline_script(
    stage: Stage,
    k: int,
    depth: int,
    pool: int,
    unit: str,
    bi_encoder: str,
    cross_encoder: str,
    fingerprint: str,
    k1: float,
) -> str:
    """The script for one set-up. ``pool`` is how deep each list is before fusion."""
    values = {
        "THE_STAGE": str(stage),
        "THE_K": str(k),
        "THE_DEPTH": str(depth),
        "THE_POOL": str(pool),
        "THE_WEIGHT": f"{k1:g}",
        "THE_SIMILARITY": _SIMILARITIES.get(unit, "util.cos_sim"),
        "THE_BI": json.dumps(bi_encoder),
        "THE_CROSS": json.dumps(cross_encoder),
        " EXTRA": "" if stage is Stage.BI_ENCODER else " bm25s",
        "PLACE": cross_encoder,
        "FINGERPRINT": fingerprint[:16],
    }
    text = _TEMPLATE
    for name, value in values.items():
        text = text.replace(name, value)
    return text
