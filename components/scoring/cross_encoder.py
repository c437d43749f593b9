"""Cross-encoder scores: query and document go through the model together, one forward pass a pair.

The score is the raw logit. ``CrossEncoder.predict`` would apply the activation function saved with the model (often a
sigmoid), which keeps the order but lets scores near the ends fall together.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from components.errors import ModelProblem
from components.records import Column, PairScore, ScorerInfo
from components.scoring.batching import TokenBudget, cut_batches
from components.scoring.passes import TRIAL_PAIRS, Passes
from components.scoring.precision import fast_form
from components.scoring.scheduler import Progress
from components.scoring.scorer import Scorer, Stores, pair_key, token_spans
from components.scoring.store import SCORE_BYTES
from components.scoring.tokens import Tokeniser, Tokens

if TYPE_CHECKING:
    import numpy as np
    from sentence_transformers import CrossEncoder


class CrossEncoderScorer:
    """Scores pairs with a sentence-transformers ``CrossEncoder`` of one logit, or by one class's logit where ``info``
    names it."""

    def __init__(self, model: CrossEncoder, info: ScorerInfo, passes: Passes | None = None) -> None:
        """passes: the model's own, where another scorer of it has tried them out already."""
        if info.output is None and model.num_labels != 1:
            raise ModelProblem(
                f"{info.name} has {model.num_labels} outputs, and relevance needs one: it may be an entailment model."
            )
        self.model = model
        self._info = info
        self.budget = TokenBudget()
        self.fast = fast_form(self)
        self.served: Scorer | None = None  # its form in a scoring service, where there is one
        self._tokenise = Tokeniser(model, info.max_tokens)
        self._passes = passes or Passes(model, "scores", self._tokenise, TRIAL_PAIRS)

    @property
    def info(self) -> ScorerInfo:
        return self._info

    def warm_up(self) -> None:
        """See ``Scorer.warm_up``."""
        self.forward([("warm up", "the first long pass is slow " * (self._info.max_tokens or 100))])

    def score(
        self, query: str, documents: Sequence[str], stores: Stores, progress: Progress
    ) -> Generator[None, None, Column]:
        """See ``Scorer.score``. Equal to ``CrossEncoder.predict`` with an identity activation, up to rounding."""
        keys = [pair_key(self._info, query, document) for document in documents]
        known, todo = stores.known_scores(keys, documents, progress)
        tokens = yield from self._tokenise.pieces([(query, text) for _, text in todo])
        for batch in cut_batches(tokens.lengths, self.budget):
            started = time.perf_counter()
            logits = self.run(tokens.take(batch))
            self.budget.learn(len(batch) * tokens.lengths[batch[0]], time.perf_counter() - started)
            for index, logit in zip(batch, logits, strict=True):
                count = tokens.counts[index]
                known[todo[index][0]] = result = PairScore(float(logit), count.read, count.total, count.cut)
                stores.scores.put(todo[index][0], result, SCORE_BYTES)
            progress.done += len(batch)
            yield
        scores = tuple(score for key in keys if (score := known[key]) is not None)
        return Column(self._info, scores, computed=len(todo))

    def forward(self, pairs: list[tuple[str, str]]) -> list[float]:
        """The logits of pairs in one padded batch."""
        return [float(value) for value in self.run(self.tokenise(pairs))]

    def tokenise(self, pairs: Sequence[tuple[str, str]]) -> Tokens:
        """The tokens of (query, document) pairs, for ``run``; ``Tokens.lengths`` and ``take`` make the batches."""
        return self._tokenise(pairs)

    def tokens_in_pieces(self, pairs: Sequence[tuple[str, str]]) -> Generator[None, None, Tokens]:
        """The same, a short piece at a time however much text there is."""
        return (yield from self._tokenise.pieces(pairs))

    def run(self, tokens: Tokens) -> np.ndarray:
        """The logits of one batch of pairs, float32 (pairs,), by a forward pass or parts side by side."""
        return self._passes(tokens)[:, self._info.output or 0]

    def token_spans(self, texts: list[str]) -> list[list[tuple[int, int]]]:
        """The tokens of each text as spans of characters, in order; special tokens left out."""
        return token_spans(self.model.tokenizer, texts)
