"""BM25 over token ids on the device that trains: scores of whole blocks of queries as one sparse product."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from components.training.texts import Texts

VOCABULARY = 30_522
K1, B = 1.5, 0.75  # as bm25s has them
COMMON = 0.15  # a token in more than this share of the passages counts as a stop word


class TokenBM25:
    """BM25 (Robertson and Zaragoza 2009, eq. 3.15, with Lucene's idf) whose words are the model's own tokens."""

    def __init__(self, passages: Texts, device: torch.device) -> None:
        count, lengths = len(passages), passages.lengths.astype(np.float64)
        rows = np.repeat(np.arange(count), passages.lengths)
        keys, frequency = np.unique(rows * VOCABULARY + passages.ids, return_counts=True)
        row, token = keys // VOCABULARY, keys % VOCABULARY
        seen = np.bincount(token, minlength=VOCABULARY)
        idf = np.log(1 + (count - seen + 0.5) / (seen + 0.5))
        idf[seen > COMMON * count] = 0.0
        norm = K1 * (1 - B + B * lengths / lengths.mean())
        weight = idf[token] * frequency * (K1 + 1) / (frequency + norm[row])
        starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=count))])
        self.matrix = torch.sparse_csr_tensor(
            torch.from_numpy(starts), torch.from_numpy(token), torch.from_numpy(weight.astype(np.float32)),
            (count, VOCABULARY), device=device, check_invariants=False,
        )  # fmt: skip
        self.device = device

    def scores(self, queries: Texts) -> Tensor:
        """BM25 of all passages for each query, float32 tensor (queries, passages); a repeated word counts once."""
        asked = torch.zeros((VOCABULARY, len(queries)), device=self.device)
        column = np.repeat(np.arange(len(queries)), queries.lengths)
        where = torch.from_numpy(queries.ids.astype(np.int64)), torch.from_numpy(column)
        asked[where[0].to(self.device), where[1].to(self.device)] = 1.0
        return torch.sparse.mm(self.matrix, asked).T
