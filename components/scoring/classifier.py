"""A cross-encoder with classes: two texts go through the model together, and each class gets a logit.

The labels are the model's own (``id2label`` of its config), whatever they are.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from components.errors import ModelProblem
from components.models.classifiers import one_output
from components.records import PairClasses, Reading, ScorerInfo
from components.scoring.batching import TokenBudget, cut_batches
from components.scoring.cross_encoder import CrossEncoderScorer
from components.scoring.passes import TRIAL_PAIRS, Passes
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores, pair_key, token_spans
from components.scoring.tokens import Tokeniser

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

CLASSES_BYTES = 700  # what one pair's classes cost in memory with their key, rounded up
Pair = tuple[str, str]


class Classifier:
    """Classifies pairs of texts with a sentence-transformers ``CrossEncoder`` of two outputs or more."""

    def __init__(self, model: CrossEncoder, info: ScorerInfo) -> None:
        if model.num_labels < 2:
            raise ModelProblem(one_output(info.name))
        self.model = model
        self.info = replace(info, unit="probability")
        names = dict(getattr(model.config, "id2label", None) or {})
        self.labels = tuple(str(names.get(index, f"LABEL_{index}")) for index in range(model.num_labels))
        self._budget = TokenBudget()
        self._tokenise = Tokeniser(model, info.max_tokens)
        self._passes = Passes(model, "scores", self._tokenise, TRIAL_PAIRS)

    def warm_up(self) -> None:
        """Run the model once, so that the first visitor does not pay for the first pass."""
        self.forward([("warm up", "the first pass is slow")])

    def of_class(self, index: int) -> CrossEncoderScorer:
        """The same model as a scorer whose score is one class's logit."""
        label = self.labels[index]
        key, unit = f"{self.info.key}:{index}", f"logit of “{label}”"
        return CrossEncoderScorer(self.model, replace(self.info, key=key, unit=unit, output=index), self._passes)

    def classify(
        self, pairs: Sequence[Pair], stores: Stores, progress: Progress
    ) -> Generator[None, None, tuple[PairClasses, ...]]:
        """The classes of each pair, in order, in pieces (one a ``next``); what the store knows is not computed again.

        Equal to ``CrossEncoder.predict`` with an identity activation, up to rounding.
        """
        keys = [pair_key(self.info, *pair) for pair in pairs]
        known = {key: stores.classes.get(key) for key in keys}
        todo = list({key: pair for key, pair in zip(keys, pairs, strict=True) if known[key] is None}.items())
        progress.done += sum(known[key] is not None for key in keys)
        readings = self._readings([pair for _, pair in todo])
        lengths = [length for length, _, _ in readings]
        for batch in cut_batches(lengths, self._budget):
            started = time.perf_counter()
            logits = self.forward([todo[index][1] for index in batch])
            self._budget.learn(len(batch) * lengths[batch[0]], time.perf_counter() - started)
            for index, of_pair in zip(batch, logits, strict=True):
                key = todo[index][0]
                known[key] = made = PairClasses(self.labels, of_pair, *readings[index][1:])
                stores.classes.put(key, made, CLASSES_BYTES)
                progress.done += keys.count(key)
            yield
        return tuple(found for key in keys if (found := known[key]) is not None)

    def forward(self, pairs: list[Pair]) -> list[tuple[float, ...]]:
        """The logits of pairs in one padded batch, a tuple (class,) each."""
        return [tuple(float(value) for value in row) for row in self._passes(self._tokenise(pairs))]

    def _readings(self, pairs: list[Pair]) -> list[tuple[int, Reading, Reading]]:
        """Each pair's length in tokens, special ones included, and how much of its two texts is read."""
        tokenizer = self.model.tokenizer
        window = self.info.max_tokens or 10**9
        special = tokenizer.num_special_tokens_to_add(pair=True)
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        spans = dict(zip(texts, token_spans(tokenizer, texts), strict=True))
        found = []
        for pair in pairs:
            totals = [len(spans[text]) for text in pair]
            reads = list(totals)
            if sum(totals) + special > window:
                sides = tokenizer(*pair, truncation="longest_first", max_length=window).sequence_ids(0)
                reads = [sides.count(0), sides.count(1)]
            first, second = (
                _reading(spans[text], read, total) for text, read, total in zip(pair, reads, totals, strict=True)
            )
            found.append((min(sum(totals) + special, window), first, second))
        return found


def _reading(spans: list[tuple[int, int]], read: int, total: int) -> Reading:
    cut = (spans[read - 1][1] if read else 0) if read < total else None
    return Reading(read, total, cut)
