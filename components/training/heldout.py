"""Evaluation sets, all in one shape: a query, its candidates, the grade of each candidate."""

from __future__ import annotations

import gzip
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from components.training.data import read_rows, untokenise

Array = np.ndarray


@dataclass(frozen=True)
class Question:
    """A query with candidates in the order of the first stage. grades are parallel to texts; extra holds judgements of
    documents that are not among the candidates (they count for the ideal ranking)."""

    qid: str
    query: str
    texts: tuple[str, ...]
    grades: tuple[int, ...]
    ids: tuple[str, ...] = ()
    bm25: tuple[float, ...] = ()
    extra: tuple[tuple[str, int], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Ids of the candidates, made up from the position where the set has none."""
        return self.ids or tuple(f"d{i:04d}" for i in range(len(self.texts)))


def trec_dl(data: Path, name: str) -> list[Question]:
    """TREC Deep Learning ("dl19" or "dl21"): BM25's first 100 with the judgements of NIST."""
    judged: dict[str, dict[str, int]] = {}
    with gzip.open(data / name / "qrels.txt.gz", "rt") as lines:
        for line in lines:
            qid, _, docid, grade = line.split()
            judged.setdefault(qid, {})[docid] = int(grade)
    questions = []
    for row in read_rows(data / name / "candidates.jsonl.gz"):
        grades = judged[row["qid"]]
        ids = tuple(c["docid"] for c in row["candidates"])
        questions.append(
            Question(
                row["qid"],
                row["query"],
                tuple(c["text"] for c in row["candidates"]),
                tuple(grades.get(d, 0) for d in ids),
                ids,
                tuple(float(c["bm25"]) for c in row["candidates"]),
                tuple((d, g) for d, g in grades.items() if d not in set(ids)),
            )
        )
    return questions


def selqa(data: Path, part: str) -> list[Question]:
    """SelQA: the sentences of one section, which of them answer."""
    return [
        Question(row["qid"], row["question"], tuple(row["sentences"]), tuple(row["labels"]))
        for row in read_rows(data / f"selqa/{part}.jsonl.gz")
    ]


def qed(data: Path) -> list[Question]:
    """QED dev: the annotators' sentence among the sentences of the passage (rows with two or more)."""
    return [
        Question(
            row["qid"],
            row["question"],
            tuple(untokenise(s) for s in row["sentences"]),
            tuple(int(i == row["answer_sentence"]) for i in range(len(row["sentences"]))),
        )
        for row in read_rows(data / "qed/dev.jsonl.gz")
        if row["explanation_type"] == "single_sentence" and len(row["sentences"]) >= 2
    ]


def squad(data: Path, sample: int, seed: int = 13) -> list[Question]:
    """SQuAD 1.1 dev: the right paragraph among all of its article, for a seeded sample of questions."""
    articles: dict[str, list[dict]] = {}
    for row in read_rows(data / "squad/dev-v1.1.jsonl.gz"):
        articles.setdefault(row["article"], []).append(row)
    asked = [(rows, i, qa) for rows in articles.values() for i, row in enumerate(rows) for qa in row["qas"]]
    chosen = random.Random(seed).sample(asked, min(sample, len(asked)))
    return [
        Question(
            qa["id"],
            qa["question"],
            tuple(r["paragraph"] for r in rows),
            tuple(int(j == i) for j in range(len(rows))),
        )
        for rows, i, qa in chosen
    ]


def limit(data: Path) -> list[Question]:
    """LIMIT-small: 46 documents, two of them relevant to each query."""
    corpus = {row["docid"]: row["text"] for row in read_rows(data / "limit/corpus.jsonl.gz")}
    relevant: dict[str, set[str]] = {}
    with gzip.open(data / "limit/qrels.txt.gz", "rt") as lines:
        for line in lines:
            qid, _, docid, _ = line.split()
            relevant.setdefault(qid, set()).add(docid)
    ids = tuple(corpus)
    return [
        Question(
            row["qid"], row["query"], tuple(corpus.values()), tuple(int(d in relevant[row["qid"]]) for d in ids), ids
        )
        for row in read_rows(data / "limit/queries.jsonl.gz")
    ]


def per_query(questions: Sequence[Question], scores: Sequence[Array], measure: str) -> Array:
    """The measure for each question by ir-measures, float array (questions,).

    Unjudged candidates count as not relevant; equal scores are ordered as trec_eval does (document id, descending).
    """
    import ir_measures  # here, since the machine that trains need not have it

    qrels, run = [], []
    for question, values in zip(questions, scores, strict=True):
        judged = [*zip(question.names, question.grades, strict=True), *question.extra]
        qrels += [ir_measures.Qrel(question.qid, d, g) for d, g in judged]
        run += [ir_measures.ScoredDoc(question.qid, d, float(s)) for d, s in zip(question.names, values, strict=True)]
    parsed = ir_measures.parse_measure(measure)
    found = {m.query_id: m.value for m in ir_measures.iter_calc([parsed], qrels, run)}
    return np.array([found.get(q.qid, 0.0) for q in questions])


def flat_pairs(questions: Sequence[Question]) -> tuple[list[str], list[str], list[int]]:
    """All (query, candidate) pairs as two lists, and the points at which to cut the scores again."""
    left = [q.query for q in questions for _ in q.texts]
    right = [text for q in questions for text in q.texts]
    return left, right, list(np.cumsum([len(q.texts) for q in questions])[:-1])
