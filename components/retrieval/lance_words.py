"""``Words`` on disk (LanceDB's BM25): for collections whose counts of words memory does not hold.

As in ``word_index`` the words stand there as digests under a key made of the collection: no text is written.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from components.retrieval.index import Hits
from components.retrieval.lance_store import Table
from components.retrieval.word_index import hider, words_of
from components.scoring.scheduler import Progress

_NAME = "words"
_BLOCK = 5_000  # passages that are written at once
_PIECE = 250  # passages that are read in a piece
_BUILD_MB = 256  # of memory while the index is made
_KEPT_WORDS = 50_000  # digests that are remembered while they are counted
_MORE = 50  # hits beyond k that are looked at, so that equal scores at the cut stand in the collection's order


class LanceWords:
    """Words of passages in a table of the store, as digests with blanks between."""

    n_bytes = 0  # in memory: the store's pages, see ``lance_store.CACHE_BYTES``
    k1, how = 1.2, "Lucene's variant, k1 1.2, b 0.75, as the store has it"

    def __init__(self, folder: Path, digest: str, is_new: bool = False) -> None:
        """Open it, or make it where it ``is_new``. Raises ``StoreMissing``, ``OSError``, ``ValueError``."""
        self._table = Table(folder, _NAME, "words", _text_type() if is_new else None)
        self._hidden = lru_cache(_KEPT_WORDS)(hider(digest))
        self._disk_bytes = 0

    def __len__(self) -> int:
        return self._table.rows

    @property
    def disk_bytes(self) -> int:
        """See ``Words.disk_bytes``."""
        self._disk_bytes = self._disk_bytes or self._table.n_bytes
        return self._disk_bytes

    def fill(self, texts: Sequence[str], progress: Progress) -> Generator[None, None, None]:
        """Write the words of the passages that are not there yet, in pieces."""
        import pyarrow

        progress.done = progress.kept = len(self)
        while (start := len(self)) < len(texts):
            rows: list[str] = []
            for at in range(start, min(start + _BLOCK, len(texts)), _PIECE):
                some = texts[at : min(at + _PIECE, start + _BLOCK)]
                rows += [" ".join(map(self._hidden, words_of(text))) for text in some]
                progress.done += len(some)
                yield
            self._table.add(pyarrow.array(rows, pyarrow.string()))
            yield

    def save(self) -> None:
        """Make the index over what was written, of all rows, and put it into few files."""
        from lancedb.index import FTS

        if not self._table.is_indexed:
            self._table.tidy()
            self._table.index(
                FTS(
                    base_tokenizer="whitespace",
                    with_position=False,
                    max_token_length=None,
                    lower_case=False,
                    stem=False,
                    remove_stop_words=False,
                    ascii_folding=False,
                    memory_limit=_BUILD_MB,
                )
            )

    def search(self, query: str, k: int) -> Hits:
        """See ``Words.search``. A word that stands twice in the query counts twice, as in bm25s.

        The store multiplies each score by k1 + 1; here that is taken off, so that they are bm25s's.
        """
        from lancedb import query as queries

        words = [self._hidden(word) for word in words_of(query)]
        if not words:
            return Hits((), ())
        match: Any = queries.MatchQuery
        found = self._table.query(match(" ".join(words), "words"), query_type="fts")
        found = found.select(["place", "_score"]).limit(k + _MORE).to_arrow()
        pairs = zip(found["_score"].to_pylist(), found["place"].to_pylist(), strict=True)
        rows = sorted((-score, place) for score, place in pairs)[:k]
        return Hits(tuple(place for _, place in rows), tuple(-score / (self.k1 + 1) for score, _ in rows))

    @classmethod
    def reopen(cls, folder: Path, digest: str) -> Self:
        """What was made and saved there."""
        return cls(folder, digest)


def _text_type() -> Any:
    import pyarrow

    return pyarrow.string()
