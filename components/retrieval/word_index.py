"""BM25 over a whole collection (library bm25s), kept without its words.

The words stand in it as digests under a key made of the collection itself: who reads the files on disk finds numbers,
and only who has the passages can ask for their words.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from components.retrieval.index import Hits, best
from components.scoring.aside import aside
from components.scoring.scheduler import Progress

if TYPE_CHECKING:
    import bm25s

WORDS = "words"  # folder of the files
METHOD, K1, B = "lucene", 1.5, 0.75  # as the BM25 column of Compare has them
_WORD = re.compile(r"(?u)\b\w+\b")
_BLOCK = 500  # passages read in a piece
_WORDS = 10_000  # different words whose digests are made in a piece


class WordIndex:
    """BM25: Lucene's variant, k1 1.5, b 0.75, lower case, no stemming, no stop words."""

    disk_bytes, k1 = 0, K1  # it is in memory

    def __init__(self, retriever: bm25s.BM25 | None, count: int, digest: str) -> None:
        self._retriever = retriever  # None: no passage holds a word
        self._count = count
        self._hidden = hider(digest)

    def __len__(self) -> int:
        return self._count

    @property
    def how(self) -> str:
        """See ``Words.how``."""
        return f"Lucene's variant, k1 {K1:g}, b {B:g}"

    @property
    def n_bytes(self) -> int:
        """Memory of postings and vocabulary, about."""
        if self._retriever is None:
            return 0
        scores: Any = self._retriever.scores
        return sum(int(scores[name].nbytes) for name in ("data", "indices", "indptr")) + 150 * len(
            self._retriever.vocab_dict
        )

    @classmethod
    def build(cls, texts: Sequence[str], digest: str, progress: Progress) -> Generator[None, None, Self]:
        """Count words in pieces; the sums at the end are done by a thread of their own that the pieces only look at."""
        known: dict[str, int] = {}
        rows: list[list[int]] = []
        for start in range(0, len(texts), _BLOCK):
            for text in texts[start : start + _BLOCK]:
                rows.append([known.setdefault(word, len(known)) for word in words_of(text)])
            yield
        if not known:
            return cls(None, len(texts), digest)
        index = cls(None, len(texts), digest)
        vocabulary: dict[str, int] = {}
        words = list(known)
        for start in range(0, len(words), _WORDS):
            for number, word in enumerate(words[start : start + _WORDS], start):
                vocabulary[index._hidden(word)] = number
            yield
        index._retriever = yield from aside(partial(_count_words, rows, vocabulary))
        return index

    def search(self, query: str, k: int) -> Hits:
        """The first ``k`` passages that share a word with the query; fewer where fewer do."""
        import numpy as np

        scores = self.scores(query)
        return best(scores, min(k, int(np.count_nonzero(scores > 0))))

    def scores(self, query: str) -> Any:
        """BM25 of every passage, float32 (passages,); 0 where no word is shared."""
        import numpy as np

        vocabulary = {} if self._retriever is None else self._retriever.vocab_dict
        wanted = [hidden for word in words_of(query) if (hidden := self._hidden(word)) in vocabulary]
        if self._retriever is None or not wanted:
            return np.zeros(self._count, np.float32)
        return self._retriever.get_scores(wanted)

    def save(self, folder: Path) -> None:
        """Write it below a folder that is there."""
        if self._retriever is not None:
            self._retriever.save(folder / WORDS, show_progress=False)

    @classmethod
    def reopen(cls, folder: Path, count: int, digest: str) -> Self:
        """What ``save`` wrote. Raises ``OSError`` or ``ValueError`` where it cannot be read."""
        import bm25s

        if not (folder / WORDS).is_dir():
            return cls(None, count, digest)
        return cls(bm25s.BM25.load(folder / WORDS, show_progress=False), count, digest)


def words_of(text: str) -> list[str]:
    """The words of a text as both BM25s count them: lower case, no stemming, no stop words."""
    return _WORD.findall(text.lower())


def hider(digest: str) -> Callable[[str], str]:
    """What a word is called on disk in a collection with this digest."""
    key = digest.encode()[:64]

    def hidden(word: str) -> str:
        data = word.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, key=key, digest_size=8).hexdigest()

    return hidden


def _count_words(rows: list[list[int]], vocabulary: dict[str, int]) -> bm25s.BM25:
    import bm25s
    from bm25s.tokenization import Tokenized

    retriever = bm25s.BM25(method=METHOD, k1=K1, b=B)
    retriever.index(Tokenized(ids=rows, vocab=vocabulary), show_progress=False, create_empty_token=False)
    return retriever
