"""Near misses made by rule from a passage that answers: its answer removed, or a shared number or name changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from components.training.data import split_sentences

_FUNCTION_WORDS = """
a an and are as at be by can could did do does for from had has have how i in is it its of on or that the their there
these this to was were what when where which who whom whose why will with would you your
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())


def without_answer(passage: str, answers: Sequence[str]) -> str | None:
    """The passage without the sentences that hold a short answer; None where that leaves nothing or all."""
    sentences = split_sentences(passage)
    kept = [s for s in sentences if not any(a.lower() in s.lower() for a in answers if a)]
    return " ".join(kept) if kept and len(kept) < len(sentences) else None


def other_entity(query: str, passage: str, other: str, rng: np.random.Generator) -> str | None:
    """The passage with a number or name that it shares with the query changed, so that it speaks of something else.

    Names are replaced by a capitalised word of the passage ``other``. None where nothing is shared.
    """
    shared = {w.lower() for w in re.findall(r"\w+", query)} - FUNCTION_WORDS
    numbers = [w for w in set(re.findall(r"\b\d{2,4}\b", passage)) if w in shared]
    if numbers:
        number = sorted(numbers)[0]
        changed = str(max(2, int(number) + int(rng.choice([-30, -7, -3, -1, 1, 2, 4, 11]))))
        return re.sub(rf"\b{number}\b", changed, passage)
    names = sorted({w for w in re.findall(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b", passage) if w.lower() in shared})
    spare = sorted({w for w in re.findall(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b", other) if w.lower() not in shared})
    if not names or not spare:
        return None
    name = names[int(rng.integers(len(names)))]
    return re.sub(rf"\b{name}\b", spare[int(rng.integers(len(spare)))], passage, flags=re.IGNORECASE)
