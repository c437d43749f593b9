"""Texts as a model reads them: each goes through the tokenizer once and stays unpadded until its batch is made."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Text = str | tuple[str, str]  # a text alone, or a query with its document

PIECE_CHARACTERS = 100_000  # tokenised in one piece: about 25,000 tokens, some 0.05 s
_TRIAL = ("  A Trial,  with two\tspaces ", "Überlänge 🦉 ", "long " * 700)


@dataclass(frozen=True)
class TokenCount:
    """How much of one text a model reads: tokens read, tokens in all, and the character where it stops (None: nowhere).

    ``sequence`` is the length of what goes through the model, special tokens and query included.
    """

    sequence: int
    read: int
    total: int
    cut: int | None = None


@dataclass(frozen=True)
class Tokens:
    """Tokenised texts: a row of ids (and what else the model takes) for each, unpadded, and what was counted.

    ``extras`` are inputs that are the same for every row.
    """

    rows: tuple[Mapping[str, Sequence[int]], ...] = ()
    counts: tuple[TokenCount, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def lengths(self) -> list[int]:
        """Tokens of each row, special ones included: what ``cut_batches`` takes."""
        return [count.sequence for count in self.counts]

    def take(self, places: Sequence[int]) -> Tokens:
        """Some of the rows, in the order given: what one forward pass gets."""
        return Tokens(tuple(self.rows[i] for i in places), tuple(self.counts[i] for i in places), self.extras)

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.rows + other.rows, self.counts + other.counts, other.extras or self.extras)


class Tokeniser:
    """The tokenizer of a sentence-transformers model, asked directly.

    ``model.preprocess`` takes three times as long and throws the offsets away, so it is only used where a trial shows
    that it does more than call the tokenizer (chat templates, prompts left out of the pooling).
    """

    def __init__(self, model: Any, window: int | None, prompt: str = "") -> None:
        self._model = model
        self._tokenizer = model.tokenizer
        self._window = window or 10**9
        self._prompt = prompt
        self._is_plain: bool | None = None  # None: not tried out yet

    def __call__(self, texts: Sequence[Text]) -> Tokens:
        """The tokens of texts, or of (query, document) pairs; what is beyond the window is cut as the library does."""
        if not texts:
            return Tokens()
        if self._is_plain is None:
            first, *others = _TRIAL
            trial = [(first, other) for other in others] if isinstance(texts[0], tuple) else list(_TRIAL)
            self._is_plain = _same(self._plain(trial), self._preprocessed(trial))
        return self._plain(texts) if self._is_plain else self._preprocessed(texts)

    def pieces(self, texts: Sequence[Text]) -> Generator[None, None, Tokens]:
        """The same in pieces that are short enough for one turn, however much text there is."""
        tokens, characters = Tokens(), 0
        waiting: list[Text] = []
        for text in texts:
            if waiting and characters > PIECE_CHARACTERS:
                tokens, waiting, characters = tokens + self(waiting), [], 0
                yield
            waiting.append(text)
            characters += len(text) if isinstance(text, str) else len(text[0]) + len(text[1])
        return tokens + self(waiting)

    def pad(self, tokens: Tokens) -> dict[str, Any]:
        """One batch for the model: a tensor (rows, longest) for each input, and the extras."""
        import numpy as np
        import torch

        tokenizer = self._tokenizer
        width = max(len(row["input_ids"]) for row in tokens.rows)
        filler = {"input_ids": tokenizer.pad_token_id or 0, "token_type_ids": tokenizer.pad_token_type_id or 0}
        batch: dict[str, Any] = dict(tokens.extras)
        for name in tokens.rows[0]:
            values = np.full((len(tokens), width), filler.get(name, 0), dtype=np.int64)
            for place, row in zip(values, tokens.rows, strict=True):
                start = width - len(row[name]) if tokenizer.padding_side == "left" else 0
                place[start : start + len(row[name])] = row[name]
            batch[name] = torch.from_numpy(values)
        return batch

    def _encode(self, texts: Sequence[Text], **options: Any) -> Any:
        """The tokenizer's own answer. Fast tokenizers only, which is all there are by now."""
        queries = [text[0] if isinstance(text, tuple) else self._prompt + text for text in texts]
        documents = [text[1] for text in texts if isinstance(text, tuple)] or None
        return self._tokenizer(queries, documents, return_offsets_mapping=True, verbose=False, **options)

    def _plain(self, texts: Sequence[Text]) -> Tokens:
        encoded = self._encode(texts)
        rows, counts = [], []
        for place, text in enumerate(texts):
            is_pair = isinstance(text, tuple)
            ends = self._own_ends(encoded, place, is_pair)
            total, length, cut = len(ends), len(encoded["input_ids"][place]), None
            row = _row(encoded, place)
            if length > self._window:
                short = self._encode([text], truncation="longest_first", max_length=self._window)
                ends = self._own_ends(short, 0, is_pair)
                row, length = _row(short, 0), len(short["input_ids"][0])
                cut = (ends[-1] if ends else 0) if len(ends) < total else None
            rows.append(row)
            counts.append(TokenCount(length, len(ends), total, cut))
        return Tokens(tuple(rows), tuple(counts))

    def _own_ends(self, encoded: Any, place: int, is_pair: bool) -> list[int]:
        """Where each token of the text itself ends, in its characters; of a pair, the document's tokens."""
        own, before = (1, 0) if is_pair else (0, len(self._prompt))
        spans = encoded["offset_mapping"][place]
        return [
            end - before
            for sequence, (_, end) in zip(encoded.sequence_ids(place), spans, strict=True)
            if sequence == own and (end > before or not before)
        ]

    def _preprocessed(self, texts: Sequence[Text]) -> Tokens:
        """The rows as ``model.preprocess`` makes them."""
        made = self._model.preprocess(list(texts), **({"prompt": self._prompt} if self._prompt else {}))
        mask = made["attention_mask"].bool()
        names = [name for name, value in made.items() if getattr(value, "shape", None) == mask.shape]
        rows = [{name: made[name][i][mask[i]].tolist() for name in names} for i in range(len(texts))]
        counts = [
            replace(count, sequence=len(row["input_ids"]))
            for count, row in zip(self._plain(texts).counts, rows, strict=True)
        ]
        # "modality" is what the library takes anyway; "prompt_length" says what the pooling leaves out
        return Tokens(tuple(rows), tuple(counts), {n: v for n, v in made.items() if n not in (*names, "modality")})


def _row(encoded: Any, place: int) -> dict[str, list[int]]:
    return {name: values[place] for name, values in encoded.items() if name != "offset_mapping"}


def _same(first: Tokens, second: Tokens) -> bool:
    return first.rows == second.rows and first.extras == second.extras
