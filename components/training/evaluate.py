"""The held-out table of the relevance model: each set beside BM25 and the bi-encoder, on the same candidates."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import CrossEncoder

from components.training import contrast, heldout
from components.training.baselines import auc, bm25_scores, bootstrap, cosines
from components.training.data import read_rows
from components.training.heldout import Question
from components.training.scoring import score

Array = np.ndarray
SQUAD_QUESTIONS = 150
SQUAD2_QUESTIONS = 600
LIMIT_QUERIES = 60

Scorer = Callable[[Sequence[Question]], list[Array]]


@dataclass(frozen=True)
class Line:
    """One line of the table. The intervals are of the mean paired difference (95 %, bootstrap over queries)."""

    name: str
    measure: str
    queries: int
    bm25: float
    cosine: float
    cross_encoder: float
    minus_bm25: tuple[float, float]
    minus_cosine: tuple[float, float]
    note: str = ""


@dataclass(frozen=True)
class Setup:
    """How to measure: arithmetic, threads, and a folder that remembers what does not depend on the model."""

    half: bool = False  # bfloat16 instead of float32
    workers: int = 1  # threads that share the pairs
    cache: Path | None = None


def remember(cache: Path | None, key: Sequence[str], make: Callable[[], Array]) -> Array:
    """What ``make`` gives, kept in the folder ``cache`` under a hash of the texts ``key``; an interrupted evaluation so
    goes on where it was. Without a folder it is made anew."""
    if cache is None:
        return make()
    path = cache / f"{hashlib.sha256(chr(0).join(key).encode()).hexdigest()[:24]}.npy"
    if path.exists():
        return np.asarray(np.load(path))
    found = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, found)
    return found


class Judge:
    """A cross-encoder, loaded as anybody would load it, scoring pairs."""

    def __init__(self, folder: Path, setup: Setup) -> None:
        self.setup = setup
        self.model = CrossEncoder(str(folder), device="cuda" if torch.cuda.is_available() else "cpu")

    def logits(self, left: Sequence[str], right: Sequence[str]) -> Array:
        """Raw logits, float32 array (pairs, labels)."""
        network: Any = self.model.model
        return score(network.eval(), self.model.tokenizer, left, right, 512, self.setup.workers, self.setup.half)

    def candidates(self, questions: Sequence[Question]) -> list[Array]:
        """Logits of all candidates, one array a question."""
        left, right, cuts = heldout.flat_pairs(questions)
        return np.split(self.logits(left, right)[:, 0], cuts)

    def remembered(self, name: str, questions: Sequence[Question], scorer: Scorer) -> list[Array]:
        """Scores of a baseline; read from the cache folder when the same questions were scored before."""
        left, right, cuts = heldout.flat_pairs(questions)
        flat = remember(self.setup.cache, [name, *left, *right], lambda: np.concatenate(scorer(questions)))
        return np.split(flat, cuts)

    def three(self, questions: Sequence[Question]) -> dict[str, list[Array]]:
        """Scores of the candidates by BM25, the bi-encoder and the cross-encoder."""
        return {
            "bm25": self.remembered("bm25", questions, bm25_scores),
            "cosine": self.remembered("cosine", questions, lambda asked: cosines(asked, half=self.setup.half)),
            "cross_encoder": self.candidates(questions),
        }


def ranking_line(judge: Judge, name: str, measure: str, questions: Sequence[Question], note: str = "") -> Line:
    """Measure one set with the three scorers."""
    values = [heldout.per_query(questions, scores, measure) for scores in judge.three(questions).values()]
    return _line(name, measure, values[0], values[1], values[2], note)


def _line(name: str, measure: str, bm25: Array, cosine: Array, cross: Array, note: str) -> Line:
    means = [round(float(values.mean()), 4) for values in (bm25, cosine, cross)]
    intervals = bootstrap(cross - bm25), bootstrap(cross - cosine)
    return Line(name, measure, len(cross), means[0], means[1], means[2], intervals[0], intervals[1], note)


def contrast_questions(part: str) -> list[Question]:
    """Our contrast groups of one part as questions; the answer is candidate 0, graded 1."""
    return [Question(g.id, g.query, g.passages, (1, 0, 0, 0, 0)) for g in contrast.load_part(part)]


def first_is_best(scores: Sequence[Array]) -> Array:
    """1 where candidate 0 has the strictly highest score, ties sharing the credit; float (questions,)."""
    return np.array([(s[0] == s.max()) / (s == s.max()).sum() for s in scores], dtype=float)


def contrast_line(judge: Judge, part: str = "test", limit: int | None = None) -> tuple[Line, dict[str, float]]:
    """Accuracy@1 on contrast groups with the controls that do not read."""
    questions = contrast_questions(part)[:limit]
    values = [first_is_best(scores) for scores in judge.three(questions).values()]
    controls = contrast.controls(contrast.load_part(part)[:limit])
    note = "answer against four near misses, chance 0.20"
    return _line(f"contrast {part}", "accuracy@1", values[0], values[1], values[2], note), controls


def unanswerable(judge: Judge, data: Path, sample: int, seed: int = 13) -> dict[str, Any]:
    """SQuAD 2.0 dev: how well one score tells answerable from unanswerable questions about the same paragraphs.

    AUC for the three scorers, and for the cross-encoder the balanced accuracy at logit 0.
    """
    rows = [(q, r["paragraph"]) for r in read_rows(data / "squad/dev-v2.0.jsonl.gz") for q in r["qas"]]
    rng = random.Random(seed)
    chosen = [
        rng.sample([row for row in rows if row[0]["is_impossible"] == kind], sample // 2) for kind in (False, True)
    ]
    questions = [
        Question(q["id"], q["question"], (paragraph,), (int(not q["is_impossible"]),))
        for part in chosen
        for q, paragraph in part
    ]
    half = len(chosen[0])
    out: dict[str, Any] = {"questions": len(questions)}
    for name, found in judge.three(questions).items():
        scores = np.array([s[0] for s in found])
        out[f"{name}_auc"] = round(auc(scores[:half], scores[half:]), 4)
        if name == "cross_encoder":
            out["accuracy_at_0"] = round(float(((scores[:half] > 0).mean() + (scores[half:] <= 0).mean()) / 2), 4)
    return out


def ranking_sets(data: Path, quick: bool) -> list[tuple[str, str, list[Question], str]]:
    """Name, measure, questions and a note for every ranked set; ``quick`` keeps a few questions of each."""
    limit_all = heldout.limit(data)
    limited = random.Random(13).sample(limit_all, LIMIT_QUERIES)
    sets = [
        ("TREC DL 2019", "nDCG@10", heldout.trec_dl(data, "dl19"), "BM25's first 100"),
        ("TREC DL 2021", "nDCG@10", heldout.trec_dl(data, "dl21"), "BM25's first 100; used for choosing"),
        ("SelQA test", "RR", heldout.selqa(data, "test"), "sentences of one section"),
        ("QED dev", "RR", heldout.qed(data), "sentences of one passage"),
        ("SQuAD 1.1 dev", "RR", heldout.squad(data, SQUAD_QUESTIONS), "paragraphs of one article, seeded sample"),
        ("LIMIT-small", "R@2", limited, "46 documents, seeded sample of queries"),
    ]
    return [(n, m, q[: max(4, len(q) // 40)] if quick else q, note) for n, m, q, note in sets]


def evaluate(
    folder: Path,
    data: Path,
    quick: bool = False,
    report: Callable[[str], None] = print,
    setup: Setup | None = None,
) -> dict[str, Any]:
    """All figures of the relevance model in ``folder`` as one dictionary that JSON can hold."""
    setup = setup or Setup()
    judge = Judge(folder, setup)
    begun = time.monotonic()
    lines = []
    for name, measure, questions, note in ranking_sets(data, quick):
        lines.append(ranking_line(judge, name, measure, questions, note))
        report(f"{format_line(lines[-1])}  ({time.monotonic() - begun:.0f} s)")
    line, controls = contrast_line(judge, "test", 20 if quick else None)
    lines.append(line)
    report(format_line(line))
    squad2 = unanswerable(judge, data, 40 if quick else SQUAD2_QUESTIONS)
    return {
        "kind": "relevance",
        "quick": quick,
        "arithmetic": "bfloat16" if setup.half else "float32",
        "lines": [asdict(line) for line in lines],
        "contrast_controls": {name: round(value, 4) for name, value in controls.items()},
        "squad2_unanswerable": squad2,
        "seconds": round(time.monotonic() - begun),
    }


def format_line(line: Line) -> str:
    """One line as plain text."""
    low, high = line.minus_cosine
    return (
        f"{line.name:14} {line.measure:10} n={line.queries:5d}  BM25 {line.bm25:.3f}  cosine {line.cosine:.3f}  "
        f"cross-encoder {line.cross_encoder:.3f}  minus cosine [{low:+.3f}, {high:+.3f}]"
    )
