"""The store for what memory does not hold: LanceDB, embedded, its files in the folder of the index.

An extra (``requirements-large.txt``): without it everything else works, and who needs it is told what to install.
"""

from __future__ import annotations

import datetime
import os
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.errors import LabError

if TYPE_CHECKING:
    import pyarrow

_METADATA_BYTES = 32 * 1024 * 1024
CACHE_BYTES = 128 * 1024 * 1024  # of index pages and metadata, for all collections of a server together
_AT_ONCE = datetime.timedelta(0)


class StoreMissing(LabError):
    """A collection needs the store, and it is not installed."""


def needed(why: str) -> StoreMissing:
    """The sentence for who has a collection that is too large, and no store."""
    return StoreMissing(f"{why}: install the store for large ones (pip install -r requirements-large.txt) and restart.")


def is_store(folder: Path) -> bool:
    """Whether the index in a folder is one of this store's."""
    return any(folder.glob("*.lance"))


class Table:
    """One table of the store with a column ``place`` and one more. Rows are appended in the order of their places."""

    def __init__(self, folder: Path, name: str, column: str, kind: pyarrow.DataType | None = None) -> None:
        """Open the table, or make it where ``kind`` is given. Raises ``StoreMissing``, ``OSError``, ``ValueError``."""
        database = _connect(folder)
        self.files = folder / f"{name}.lance"
        self.column = column
        try:
            self._table: Any = database.open_table(name)
        except (ValueError, FileNotFoundError, RuntimeError) as error:
            if kind is None:
                raise ValueError(f"no table {name}") from error
            import pyarrow

            schema = pyarrow.schema([("place", pyarrow.int32()), (column, kind)])
            self._table = database.create_table(name, schema=schema, mode="overwrite")
        self.rows = int(self._table.count_rows())

    def add(self, values: pyarrow.Array) -> None:
        """Append rows: all of them are there afterwards, or none."""
        import numpy as np
        import pyarrow

        places = pyarrow.array(np.arange(self.rows, self.rows + len(values), dtype=np.int32))
        self._table.add(pyarrow.RecordBatch.from_arrays([places, values], schema=self._table.schema))
        self.rows += len(values)

    def tidy(self) -> None:
        """Few large files instead of many small ones, every row in every index; older versions go."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about readers of older versions: there are none
            self._table.optimize(cleanup_older_than=_AT_ONCE, delete_unverified=True)

    def index(self, config: Any) -> None:
        """Make the column's index anew, and wait for it."""
        self._table.create_index(self.column, config=config, replace=True)

    @property
    def is_indexed(self) -> bool:
        """Whether there is an index that holds every row."""
        self._table.checkout_latest()
        found = self._table.list_indices()
        return bool(found) and self._table.index_stats(found[0].name).num_unindexed_rows == 0

    @property
    def n_bytes(self) -> int:
        """Bytes on disk."""
        return sum(path.stat().st_size for path in self.files.rglob("*") if path.is_file())

    def query(self, *args: Any, **options: Any) -> Any:
        """A query of the library's own kind."""
        return self._table.search(*args, **options)

    def values(self, places: list[int]) -> pyarrow.Table:
        """Rows by their places, as ``place`` and the column; in no certain order."""
        return self._table.take_offsets(places).select(["place", self.column]).to_arrow()


@cache
def _session() -> Any:
    import lancedb

    return lancedb.Session(
        index_cache_size_bytes=CACHE_BYTES - _METADATA_BYTES, metadata_cache_size_bytes=_METADATA_BYTES
    )


def _connect(folder: Path) -> Any:
    os.environ.setdefault("LANCEDB_LOG", "error")  # its warnings name folders, and nobody acts on them
    try:
        import lancedb
    except ImportError as error:
        raise needed("This collection's index is too large for memory") from error
    return lancedb.connect(folder, session=_session())
