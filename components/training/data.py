"""Training texts for the relevance model: a pool of passages and the queries that one of them answers.

Every source becomes the same two things: *passages* (whole paragraphs and windows of one to four sentences) and
*examples* (a query, the number of the passage that answers it, the short answers where known). Negatives are not stored
here: :mod:`components.training.mining` finds them in the pool.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HELD_OUT_NQ = 500
"""Natural Questions kept out of training, for calibration."""

EXAMPLE_SHARES = {"medquad": 0.5}
"""Share of a source's queries that is used (its passages all stay): its questions follow a few templates."""

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])")


@dataclass(frozen=True)
class Example:
    """A query and the passage that answers it (``gold`` is its number in the pool)."""

    source: str
    query: str
    gold: int
    answers: tuple[str, ...] = ()
    held_out: bool = False


@dataclass
class Pool:
    """All passages, each with the title it came from, and all examples."""

    passages: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)

    def add(self, passage: str, title: str) -> int:
        """Put a passage in the pool and return its number."""
        self.passages.append(passage)
        self.titles.append(title)
        return len(self.passages) - 1

    def save(self, path: Path) -> None:
        """Write the pool as JSON."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Pool:
        """Read a pool written by :meth:`save`."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        examples = [Example(**{**row, "answers": tuple(row["answers"])}) for row in raw["examples"]]
        return cls(raw["passages"], raw["titles"], examples)


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a gzipped JSON-lines file.

    Raises ``FileNotFoundError`` naming the file and the option that says where the data are.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: name the data folder with --data or TRAINING_DATA")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def split_sentences(text: str) -> list[str]:
    """Sentences by a simple rule: an end mark, space, then a capital or a digit."""
    return [piece for piece in _SENTENCE_END.split(text.strip()) if piece]


def untokenise(text: str) -> str:
    """Undo the spaces that a tokeniser put around punctuation (``won ( 1998 ) .`` -> ``won (1998).``)."""
    text = text.replace("``", '"').replace("''", '"').replace(" -- ", " – ").replace("-LRB-", "(").replace("-RRB-", ")")
    text = re.sub(r"\s+([,.;:!?)\]%])", r"\1", text)
    text = re.sub(r"([(\[$£])\s+", r"\1", text)
    return re.sub(r"\s+('s|'t|n't|'re|'ve|'ll|'d)\b", r"\1", text)


def window(sentences: list[str], centre: int, rng: random.Random, longest: int = 4) -> str:
    """One to ``longest`` neighbouring sentences that hold sentence ``centre``."""
    length = rng.randint(1, longest)
    start = max(0, min(centre - rng.randrange(length), len(sentences) - length))
    return " ".join(sentences[start : start + length])


def _add_nq(pool: Pool, data: Path, rng: random.Random) -> None:
    rows = list(read_rows(data / "nq/train.jsonl.gz"))
    held_out = set(rng.sample(range(len(rows)), min(HELD_OUT_NQ, len(rows) // 10)))
    for number, row in enumerate(rows):
        passage = untokenise(row["passage"])
        marked = [i for i, label in enumerate(row["answer_labels"] or []) if label]
        if marked and rng.random() < 0.45:
            passage = window([untokenise(s) for s in row["sentences"]], marked[0], rng)
        gold = pool.add(passage, row["title"] or "")
        answers = tuple(untokenise(a) for a in row["answers"] or [])
        pool.examples.append(Example("nq", row["question"], gold, answers, number in held_out))


def _add_squad(pool: Pool, data: Path, rng: random.Random) -> None:
    for row in read_rows(data / "squad/train.jsonl.gz"):
        whole = pool.add(row["paragraph"], row["article"])
        sentences = split_sentences(row["paragraph"])
        for number, qa in enumerate(rng.sample(row["qas"], min(4, len(row["qas"])))):
            gold = whole
            holding = [i for i, s in enumerate(sentences) if any(a in s for a in qa["answers"])]
            if number % 2 and holding:
                gold = pool.add(window(sentences, holding[0], rng, 3), row["article"])
            pool.examples.append(Example("squad", qa["question"], gold, tuple(qa["answers"])))


def _add_multihop(pool: Pool, data: Path, rng: random.Random) -> None:
    for row in read_rows(data / "multihop/train.jsonl.gz"):
        numbers = [pool.add(c["text"], c["title"]) for c in row["candidates"]]
        for number, label in zip(numbers, row["labels"], strict=True):
            if label:
                pool.examples.append(Example("multihop", row["question"], number))


def _add_plain(
    pool: Pool,
    rows: list[dict[str, Any]],
    source: str,
    query: str,
    passage: str,
    title: str,
    rng: random.Random,
    cut: float,
) -> None:
    """Rows with a query and a passage; a ``cut`` share of the passages is shortened to their first sentences."""
    for row in rows:
        text = untokenise(row[passage]) if source == "boolq" else row[passage]
        if rng.random() < cut:
            text = " ".join(split_sentences(text)[: rng.randint(1, 4)])
        gold = pool.add(text, row.get(title) or "")
        pool.examples.append(Example(source, row[query], gold, tuple(row.get("answers") or ())))


def build_pool(data: Path, seed: int = 13, share: float = 1.0) -> Pool:
    """The whole training pool from the folder ``data``; ``share`` below 1 keeps a part of each source (rehearsals)."""
    rng = random.Random(seed)
    pool = Pool()
    _add_nq(pool, data, rng)
    _add_squad(pool, data, rng)
    _add_multihop(pool, data, rng)
    medquad = rng.sample(list(read_rows(data / "medquad/train.jsonl.gz")), 6000)
    plain: list[tuple[str, list[dict[str, Any]], str, str, str, float]] = [
        ("squad_sentences", list(read_rows(data / "squad/train_sentences.jsonl.gz")), "question", "sentence", "", 0.0),
        ("boolq", list(read_rows(data / "boolq/train.jsonl.gz")), "question", "passage", "title", 0.0),
        ("medquad", medquad, "question", "passage", "focus", 0.4),
        ("pubmedqa", list(read_rows(data / "pubmedqa/train.jsonl.gz")), "question", "passage", "", 0.0),
        ("covidqa", list(read_rows(data / "covidqa/train.jsonl.gz")), "question", "passage", "", 0.0),
        ("sections", list(read_rows(data / "sections/train.jsonl.gz")), "query", "passage", "title", 0.3),
    ]
    for source, rows, query, passage, title, cut in plain:
        _add_plain(pool, rows, source, query, passage, title, rng, cut)
    keep = random.Random(seed + 1)
    pool.examples = [e for e in pool.examples if keep.random() < EXAMPLE_SHARES.get(e.source, 1.0)]
    return thin(pool, share, rng) if share < 1.0 else pool


def thin(pool: Pool, share: float, rng: random.Random) -> Pool:
    """A part of the examples and the passages they name."""
    kept = [e for e in pool.examples if rng.random() < share]
    small = Pool()
    numbers: dict[int, int] = {}
    for example in kept:
        if example.gold not in numbers:
            numbers[example.gold] = small.add(pool.passages[example.gold], pool.titles[example.gold])
        small.examples.append(
            Example(example.source, example.query, numbers[example.gold], example.answers, example.held_out)
        )
    return small
