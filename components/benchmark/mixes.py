"""Three mixes of lengths, cut from the shipped practice texts: the same ones on every machine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from components.settings import ASSETS

QUERY = "how do solar panels work at night"


@dataclass(frozen=True)
class Mix:
    """Documents whose lengths in words are drawn from a log-normal: ``words`` is its median, ``spread`` its sigma."""

    name: str
    words: float
    spread: float
    documents: tuple[str, ...]


def mixes(count: int) -> tuple[Mix, ...]:
    """Short, mixed (about 75 tokens with the query) and long documents, ``count`` of each."""
    shapes = (("short", 14.0, 0.4), ("mixed", 43.0, 0.65), ("long", 220.0, 0.3))
    return tuple(Mix(name, words, spread, _documents(count, words, spread)) for name, words, spread in shapes)


@cache
def _words() -> tuple[str, ...]:
    """The words of the first contrast files, in order."""
    words: list[str] = []
    for path in sorted((ASSETS / "contrast").glob("*.jsonl"))[:20]:
        for line in path.read_text(encoding="utf-8").splitlines():
            words += [word for value in json.loads(line).values() if isinstance(value, str) for word in value.split()]
    return tuple(words)


def _documents(count: int, words: float, spread: float) -> tuple[str, ...]:
    import numpy as np

    generator = np.random.default_rng(7)
    lengths = np.clip(words * np.exp(generator.normal(0.0, spread, count)), 3, 380).astype(int)
    starts = generator.integers(0, len(_words()) - 400, count)
    return tuple(" ".join(_words()[start : start + n]) for start, n in zip(starts, lengths, strict=True))
