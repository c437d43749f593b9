"""What is known is not computed again: scores and vectors by keyed digest, bounded in bytes, shared by all visitors.

The key is a digest made with a secret of this process, so that nobody who can read the store learns a text from it, and
the values hold no text.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")

_SECRET = secrets.token_bytes(32)
SCORE_BYTES = 200  # what one score costs in memory with its key, measured with tracemalloc and rounded up


def digest(*parts: str) -> bytes:
    """A 16-byte keyed digest of some strings; different splits of the same characters give different digests."""
    hasher = hashlib.blake2b(key=_SECRET, digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        hasher.update(len(data).to_bytes(8, "little"))
        hasher.update(data)
    return hasher.digest()


class BoundedStore(Generic[Value]):
    """A mapping from digest to value that holds at most ``max_bytes``; what was used longest ago goes first."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.used_bytes = 0
        self._items: OrderedDict[bytes, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._items)

    def get(self, key: bytes) -> Value | None:
        """The value, which then counts as just used, or None."""
        with self._lock:
            found = self._items.get(key)
            if found is None:
                return None
            self._items.move_to_end(key)
            return found[0]

    def put(self, key: bytes, value: Value, n_bytes: int) -> None:
        """Keep a value that costs ``n_bytes``. One that alone is over the bound is not kept."""
        with self._lock:
            if key in self._items:
                self.used_bytes -= self._items.pop(key)[1]
            if n_bytes > self.max_bytes:
                return
            self._items[key] = (value, n_bytes)
            self.used_bytes += n_bytes
            while self.used_bytes > self.max_bytes:
                _, (_, freed) = self._items.popitem(last=False)
                self.used_bytes -= freed


class SeenBefore:
    """The digests one visitor has been shown, at most ``limit`` of them.

    "49 kept" counts only these: whether somebody else has had a text scored is nobody's business.
    """

    def __init__(self, limit: int = 20_000) -> None:
        self._limit = limit
        self._digests: OrderedDict[bytes, None] = OrderedDict()

    def __contains__(self, key: bytes) -> bool:
        return key in self._digests

    def add(self, key: bytes) -> None:
        self._digests[key] = None
        self._digests.move_to_end(key)
        while len(self._digests) > self._limit:
            self._digests.popitem(last=False)
