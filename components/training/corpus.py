"""The relevance corpus as token ids: everything a training run reads, made once from the data folder.

First come the passages of the pool (whole paragraphs, their windows of one or two sentences, the passages of our
contrast groups), which anybody's negatives are mined from; behind them those that belong to one query only (near misses
made by rule, the passages of name-and-item groups). A query has three forms: as typed, without its question mark, as
keywords. Where nobody said which passage answers, ``gold`` is -1 and only the teacher speaks.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from components.training import contrast
from components.training.data import Pool, build_pool, split_sentences
from components.training.lexical import lexical_groups
from components.training.near_misses import FUNCTION_WORDS, other_entity, without_answer
from components.training.texts import Texts, tokenise

Array = np.ndarray
SEED = 13
LONGEST_PASSAGE, LONGEST_QUERY = 250, 40
WINDOWS = 1.0  # share of the paragraphs that also give a short window
PSEUDO = 45_000  # queries made from passages, for the teacher alone
LEXICAL = 3_000
FORMS = 3


@dataclass
class Corpus:
    """See the module. Arrays of integers are one per query.

    pool: passages 0 to pool - 1 may be mined. own_start, own_count: passages that are near misses of this query.
    """

    passages: Texts
    pool: int
    queries: Texts  # form f of query q is row FORMS * q + f
    answers: Texts  # the shortest known answer, one row a query, often empty
    sources: tuple[str, ...]
    source: Array
    gold: Array
    own_start: Array
    own_count: Array
    held_out: Array

    def save(self, path: Path) -> None:
        """Write as one compressed file."""
        np.savez_compressed(
            path,
            p_ids=self.passages.ids, p_starts=self.passages.starts, q_ids=self.queries.ids,
            q_starts=self.queries.starts, a_ids=self.answers.ids, a_starts=self.answers.starts,
            sources=np.array(self.sources), pool=self.pool, source=self.source.astype(np.int8),
            gold=self.gold.astype(np.int32), own_start=self.own_start.astype(np.int32),
            own_count=self.own_count.astype(np.int8), held_out=self.held_out,
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> Corpus:
        """Read what :meth:`save` wrote."""
        z = np.load(path)
        texts = {k: Texts(z[f"{k}_ids"], z[f"{k}_starts"]) for k in "pqa"}
        whole = {k: z[k].astype(np.int64) for k in ("source", "gold", "own_start", "own_count")}
        names = tuple(str(s) for s in z["sources"])
        return cls(texts["p"], int(z["pool"]), texts["q"], texts["a"], names, held_out=z["held_out"], **whole)


@dataclass
class _Draft:
    """The corpus as texts, while it is put together."""

    passages: list[str]
    queries: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    gold: list[int] = field(default_factory=list)
    own: list[tuple[int, int]] = field(default_factory=list)
    pool: int = 0  # how many of the passages, from the first on, may be mined
    held_out: list[bool] = field(default_factory=list)

    def ask(
        self, source: str, query: str, gold: int, own: tuple[int, int] = (0, 0), answer: str = "", held: bool = False
    ) -> None:
        self.sources.append(source)
        self.queries.append(query)
        self.gold.append(gold)
        self.own.append(own)
        self.answers.append(answer)
        self.held_out.append(held)


def keywords(query: str) -> str:
    """The query without its function words; itself when fewer than two words would stay."""
    kept = [w for w in query.rstrip("?").split() if w.lower().strip(",.") not in FUNCTION_WORDS]
    return " ".join(kept) if len(kept) >= 2 else query


def forms(query: str) -> tuple[str, str, str]:
    """The query as typed, without its question mark, as keywords."""
    return query, query.rstrip("? "), keywords(query)


def add_windows(pool: Pool, rng: random.Random, share: float = WINDOWS) -> None:
    """Add a window of one or two sentences of each longer passage (a ``share`` of them): users paste short texts."""
    for number in range(len(pool.passages)):
        sentences = split_sentences(pool.passages[number])
        if len(sentences) >= 3 and rng.random() < share:
            length = rng.randint(1, 2)
            start = rng.randrange(len(sentences) - length + 1)
            text = " ".join(sentences[start : start + length])
            if 5 <= len(text.split()) <= 70:
                pool.add(text, pool.titles[number])


def pseudo_queries(pool: Pool, count: int, rng: random.Random) -> list[str]:
    """Queries made from passages: a title with salient words, salient words alone, or the start of a sentence.

    Salient: rare in the pool, by inverse document frequency. Nobody says which passage answers them.
    """
    found = [re.findall(r"[A-Za-z][A-Za-z'-]+", p.lower()) for p in pool.passages]
    frequency = Counter(w for row in found for w in set(row))
    out: list[str] = []
    while len(out) < count:
        number = rng.randrange(len(pool.passages))
        row, title = found[number], pool.titles[number]
        known = sorted({w for w in row if frequency[w] >= 2 and w not in FUNCTION_WORDS and len(w) > 2})
        if len(known) < 4:
            continue
        rare = sorted(rng.sample(known, min(len(known), 12)), key=lambda w: frequency[w])[: rng.randint(2, 4)]
        salient = " ".join(sorted(rare, key=row.index))
        kind = rng.random()
        if kind < 0.35 and title and len(title.split()) <= 6:
            out.append(f"{title.lower()} {salient if rng.random() < 0.6 else ''}".strip())
        elif kind < 0.75:
            out.append(salient)
        else:
            sentence = rng.choice(split_sentences(pool.passages[number])).split()
            start = rng.randrange(max(1, len(sentence) - 8))
            out.append(" ".join(sentence[start : start + rng.randint(5, 10)]))
    return out


def _pool_queries(draft: _Draft, pool: Pool, own: list[str], base: int, rng: np.random.Generator) -> None:
    """The labelled queries, with a near miss made by rule where one can be made; near misses go to ``own``."""
    for example in pool.examples:
        gold = pool.passages[example.gold]
        answer = min((a for a in example.answers if len(a) >= 3), key=len, default="")
        miss = None
        if example.source in ("nq", "squad", "squad_sentences", "boolq") and rng.random() < 0.6:
            other = pool.passages[int(rng.integers(len(pool.passages)))]
            removed = without_answer(gold, example.answers) if example.answers else None
            miss = removed if removed and rng.random() < 0.5 else other_entity(example.query, gold, other, rng)
        span = (base + len(own), 1) if miss else (0, 0)
        if miss:
            own.append(miss)
        draft.ask(example.source, example.query, example.gold, span, answer, example.held_out)


def draft_corpus(data: Path, share: float = 1.0) -> _Draft:
    """All texts of the corpus, not yet tokenised."""
    rng = random.Random(SEED)
    pool = build_pool(data, SEED, share)
    add_windows(pool, rng)
    made = pseudo_queries(pool, round(PSEUDO * share), rng)
    groups = contrast.load_part("train")
    first = len(pool.passages)
    for group in groups:
        for text in group.passages:
            pool.add(text, "")
    draft = _Draft(pool.passages)
    base = len(pool.passages)
    own: list[str] = []
    _pool_queries(draft, pool, own, base, np.random.default_rng(SEED))
    for number, group in enumerate(groups):
        draft.ask("contrast", group.query, first + 5 * number, (first + 5 * number + 1, 4))
    for query in made:
        draft.ask("pseudo", query, -1)
    for query, texts in lexical_groups(round(LEXICAL * share), SEED):
        start = base + len(own)
        own.extend(texts)
        draft.ask("lexical", query, start, (start + 1, len(texts) - 1))
    draft.passages = [*pool.passages, *own]
    draft.pool = base
    return draft


def build_corpus(data: Path, tokenizer: Any, share: float = 1.0) -> Corpus:
    """The corpus of the data folder; ``share`` below 1 keeps a part of it (rehearsals)."""
    draft = draft_corpus(data, share)
    names = tuple(sorted(set(draft.sources)))
    typed: Sequence[str] = [form for query in draft.queries for form in forms(query)]
    return Corpus(
        tokenise(tokenizer, draft.passages, LONGEST_PASSAGE),
        draft.pool,
        tokenise(tokenizer, typed, LONGEST_QUERY),
        tokenise(tokenizer, draft.answers, 12),
        names,
        np.array([names.index(s) for s in draft.sources]),
        np.array(draft.gold),
        np.array([start for start, _ in draft.own]),
        np.array([count for _, count in draft.own]),
        np.array(draft.held_out),
    )
