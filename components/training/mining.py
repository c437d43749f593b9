"""Negatives of every distance: the passages a query meets in training, with the teacher's score of each.

For one query the candidates are BM25's first 100, the bi-encoders' first 200 and 20 random passages. They are ordered
by the teacher and thinned to ``WIDTH``: all of the first 16 ranks, a sample of ranks 17 to 100, a sample of the rest.
Drawing from the whole range of the teacher, and not only from its top, is what keeps a distilled model topical
(arXiv 2604.04734). Everything runs in blocks on the device that trains.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from components.training.corpus import FORMS, Corpus
from components.training.lexical_teacher import TokenBM25
from components.training.teacher import MIX
from components.training.texts import OnDevice

Array = np.ndarray
NEAR, MIDDLE, FAR = 16, 40, 40
WIDTH = NEAR + MIDDLE + FAR
BM25_DEPTH, DENSE_DEPTH, RANDOM_DEPTH = 100, 200, 20
Vectors = dict[str, tuple[Tensor, Tensor]]
"""For "mpnet" and "minilm" the unit vectors of all queries (form 0) and of the pool's passages."""


@dataclass(frozen=True)
class Mined:
    """What the teacher says; row q belongs to query q of the corpus.

    ids: int32 (queries, WIDTH), passage numbers, best first inside each of the three bands.
    scores: float16 (queries, WIDTH), the teacher's T for each.
    holds: bool (queries, WIDTH), whether the passage holds the short answer.
    gold: float16 (queries,), T of the passage that answers (nan where none is known or it is outside the pool).
    """

    ids: Array
    scores: Array
    holds: Array
    gold: Array

    def save(self, path: Path) -> None:
        """Write as one npz file."""
        np.savez(path, ids=self.ids, scores=self.scores, holds=self.holds, gold=self.gold)

    @classmethod
    def load(cls, path: Path) -> Mined:
        """Read what :meth:`save` wrote."""
        z = np.load(path)
        return cls(z["ids"], z["scores"], z["holds"], z["gold"])


def standardise(values: Tensor, counted: Tensor) -> Tensor:
    """Rows with mean 0 and deviation 1 over the places that count (0 where all are equal); float (rows, places)."""
    weight = counted.float()
    number = weight.sum(1, keepdim=True).clamp(min=1)
    mean = (values * weight).sum(1, keepdim=True) / number
    spread = (((values - mean) ** 2 * weight).sum(1, keepdim=True) / number).sqrt()
    return (values - mean) / spread.clamp(min=1e-6) * (spread > 1e-6)


def _first_seen(ids: Tensor) -> Tensor:
    """True where a number occurs for the first time in its row."""
    order = ids.argsort(dim=1, stable=True)
    sorted_ids = ids.gather(1, order)
    new = torch.ones_like(sorted_ids, dtype=torch.bool)
    new[:, 1:] = sorted_ids[:, 1:] != sorted_ids[:, :-1]
    return torch.zeros_like(new).scatter(1, order, new)


def _sample(scores: Tensor, counted: Tensor, noise: Tensor) -> Tensor:
    """Positions (rows, WIDTH): the best 16, a random part of ranks 17 to 100, a random part of the rest."""
    order = scores.masked_fill(~counted, -torch.inf).argsort(dim=1, descending=True)
    valid = counted.sum(1, keepdim=True)
    place = torch.arange(order.shape[1], device=order.device)[None, :]
    middle_end = torch.minimum(torch.full_like(valid, 100), valid - FAR).clamp(min=NEAR + 1)
    picks = [order[:, :NEAR]]
    for low, high, size in ((NEAR, middle_end, MIDDLE), (middle_end, valid, FAR)):
        inside = (place >= low) & (place < high)
        chosen = noise.masked_fill(~inside, 2.0).argsort(dim=1)[:, :size]
        spare = (place[:, :size] % (high - low).clamp(min=1)) + low  # a small pool, in rehearsals
        chosen = torch.where(inside.gather(1, chosen), chosen, spare.clamp(max=order.shape[1] - 1))
        picks.append(order.gather(1, chosen.sort(dim=1).values))
    return torch.cat(picks, 1)


class Miner:
    """Mines block by block."""

    def __init__(self, corpus: Corpus, vectors: Vectors, device: torch.device, seed: int = 13) -> None:
        self.corpus, self.vectors, self.device = corpus, vectors, device
        pool = corpus.passages.take(range(corpus.pool))
        self.bm25, self.passages = TokenBM25(pool, device), OnDevice(pool, device)
        self.hidden = torch.zeros(corpus.pool, dtype=torch.bool, device=device)
        asked = corpus.gold[corpus.held_out & (corpus.gold >= 0)]
        self.hidden[torch.from_numpy(asked).to(device)] = True
        self.random = torch.Generator().manual_seed(seed)

    def block(self, rows: Array) -> tuple[Tensor, Tensor, Tensor]:
        """ids, T (each (rows, WIDTH)) and T of the answer (rows,) for some queries."""
        corpus, pool = self.corpus, self.corpus.pool
        where = torch.from_numpy(rows).to(self.device)
        lexical = self.bm25.scores(corpus.queries.take(rows * FORMS))
        cosine = {n: q[where].float() @ p.float().T for n, (q, p) in self.vectors.items()}
        both = 0.6 * cosine["mpnet"] + 0.4 * cosine["minilm"]
        ids = torch.cat(
            [
                both.topk(min(DENSE_DEPTH, pool), dim=1).indices,
                lexical.topk(min(BM25_DEPTH, pool), dim=1).indices,
                torch.randint(pool, (len(rows), RANDOM_DEPTH), generator=self.random).to(self.device),
            ],
            1,
        )
        gold = torch.from_numpy(corpus.gold[rows]).to(self.device)
        known = ((gold >= 0) & (gold < pool))[:, None]
        ids = torch.cat([gold.clamp(0, pool - 1)[:, None], ids], 1)
        own = torch.from_numpy(corpus.own_start[rows]).to(self.device)[:, None]
        count = torch.from_numpy(corpus.own_count[rows]).to(self.device)[:, None]
        counted = _first_seen(ids) & ~self.hidden[ids] & ~((ids >= own) & (ids < own + count))
        counted[:, :1] = known
        parts = [cosine["mpnet"].gather(1, ids), cosine["minilm"].gather(1, ids), lexical.gather(1, ids)]
        scaled = [w * standardise(p, counted) for w, p in zip(MIX, parts, strict=True)]
        teacher = torch.stack(scaled).sum(0)
        answer = torch.where(known[:, 0], teacher[:, 0], torch.nan)
        free = counted.clone()
        free[:, 0] = False
        noise = torch.rand(ids.shape, generator=self.random).to(self.device)
        chosen = _sample(teacher, free, noise)
        return ids.gather(1, chosen), teacher.gather(1, chosen), answer

    def holds_answer(self, rows: Array, ids: Tensor) -> Tensor:
        """Whether each passage holds all tokens of the query's short answer, bool (rows, WIDTH)."""
        wanted = self.corpus.answers.take(rows)
        out = torch.zeros(ids.shape, dtype=torch.bool, device=self.device)
        length = int(self.passages.lengths.max())
        place = torch.arange(length, device=self.device)[None, :]
        sizes = torch.from_numpy(self.passages.lengths).to(self.device)
        for row in np.flatnonzero(wanted.lengths):
            numbers = ids[row]
            tokens = self.passages.at(numbers, place.expand(len(numbers), -1))
            tokens = tokens.masked_fill(place >= sizes[numbers][:, None], -1)
            answer = torch.from_numpy(wanted.row(int(row)).astype(np.int64)).to(self.device)
            out[row] = (tokens[:, :, None] == answer).any(1).all(1)
        return out


def mine(corpus: Corpus, vectors: Vectors, device: torch.device, seed: int = 13, block: int = 1024) -> Mined:
    """Candidates and teacher scores of all queries."""
    miner = Miner(corpus, vectors, device, seed)
    total = len(corpus.gold)
    ids, scores = np.zeros((total, WIDTH), np.int32), np.zeros((total, WIDTH), np.float16)
    holds, gold = np.zeros((total, WIDTH), bool), np.zeros(total, np.float16)
    for start in range(0, total, block):
        rows = np.arange(start, min(start + block, total))
        found, teacher, answer = miner.block(rows)
        ids[rows], scores[rows] = found.cpu().numpy(), teacher.cpu().numpy()
        gold[rows], holds[rows] = answer.cpu().numpy(), miner.holds_answer(rows, found).cpu().numpy()
    return Mined(ids, scores, holds, gold)
