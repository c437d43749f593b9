"""Made-up documents of a chosen number and length, of real words: the sentences of our own examples, shuffled."""

from __future__ import annotations

import random
from collections.abc import Iterator

from components.texts.examples import examples

COUNTS = (1, 200)  # fewest and most
LENGTHS = (16, 32, 64, 128, 256)  # tokens


def made_up_words(count: int, words: int, seed: int = 0) -> list[str]:
    """``count`` texts of at least ``words`` words each. The same seed gives the same texts.

    They say nothing and answer nothing: they are as many, as long and as varied as real ones, which is all that counts
    for the time.
    """
    stream = _sentences(random.Random(seed))
    texts = []
    for _ in range(count):
        text: list[str] = []
        while len(text) < words:
            text += next(stream).split()
        texts.append(" ".join(text))
    return texts


def _sentences(chance: random.Random) -> Iterator[str]:
    """The examples' documents in an endless, shuffled order."""
    pool = [text.replace("\n", " ") for example in examples().values() for text in example.documents if text.isascii()]
    while True:
        chance.shuffle(pool)
        yield from pool
