"""Indexes on disk: found by content and model, written so that a kill leaves none broken, bounded in size and age.

A finished index is a folder that got its name in one step (rename), after all its files had been written and synced,
the manifest last. What is not finished lies in a folder of another name, block by block: a later run takes it up there.
No text is written: vectors, and counts of words under digests (``word_index``).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from components.records import ScorerInfo

if TYPE_CHECKING:
    import numpy as np

logger = logging.getLogger("relevance_lab")

MAX_BYTES = 2 * 1024**3
MAX_AGE_S = 7 * 24 * 3600.0
VERSION = 1
_MANIFEST, _PARTIAL, _STORE, _MAKING = "manifest.json", ".partial", ".store", ".making"
_MAKING_AGE_S = 3600.0  # a folder that was being written and has not changed for so long was left by a kill


@dataclass(frozen=True)
class Manifest:
    """What a finished index is of. ``files`` holds the size in bytes of each other file."""

    version: int
    passages: int
    dimension: int
    unit: str
    model: str
    files: dict[str, int]


def index_key(digest: str, info: ScorerInfo) -> str:
    """The name of an index: texts, and everything of the model that changes a vector. The texts' digest cannot be read
    back from it."""
    prompts = [list(pair) for pair in info.prompts]
    parts = [VERSION, digest, info.key, info.fingerprint, info.dtype, info.max_tokens, info.unit, prompts]
    parts += [info.service] if info.service else []  # it may compute in another number type
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


class Shelf:
    """A folder of indexes. A disk that is gone holds nothing for those who read; writing to it raises ``OSError``."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES, max_age_s: float = MAX_AGE_S) -> None:
        self.folder = folder / "indexes"
        self._max_bytes = max_bytes
        self._max_age_s = max_age_s

    def find(self, key: str) -> tuple[Path, Manifest] | None:
        """The folder of a finished index whose files are all there and whole in size; it then counts as just used."""
        path = self.folder / key
        try:
            manifest = Manifest(**json.loads((path / _MANIFEST).read_text(encoding="utf-8")))
            sizes = {name: (path / name).stat().st_size for name in manifest.files}
            if manifest.version != VERSION or sizes != manifest.files:
                raise ValueError("not the files that were written")
            os.utime(path / _MANIFEST)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            logger.warning("an index on disk cannot be used (%s): it is made anew", type(error).__name__)
            self.drop(key)
            return None
        return path, manifest

    def drop(self, key: str) -> None:
        """Remove a finished index."""
        shutil.rmtree(self.folder / key, ignore_errors=True)

    def publish(self, key: str, manifest: Manifest, save: Callable[[Path], None]) -> Path:
        """Write an index with ``save`` and give it its name; the blocks it was made of go. Raises ``OSError``."""
        making = self.folder / f"{key}{_MAKING}-{secrets.token_hex(4)}"
        _private_folder(making)
        try:
            save(making)
            self._name(key, making, manifest)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
        shutil.rmtree(self.folder / f"{key}{_PARTIAL}", ignore_errors=True)
        return self.folder / key

    def workplace(self, key: str) -> Path:
        """The folder where a store on disk is made, with what an earlier run left there. Raises ``OSError``."""
        path = self.folder / f"{key}{_STORE}"
        _private_folder(path)
        return path

    def publish_workplace(self, key: str, manifest: Manifest) -> Path:
        """Give what was made in the workplace the index's name. Raises ``OSError``; the workplace then stays."""
        self._name(key, self.folder / f"{key}{_STORE}", manifest)
        return self.folder / key

    def _name(self, key: str, made: Path, manifest: Manifest) -> None:
        """Sync what was made, write the manifest, and rename, so that it is there whole or not at all."""
        files = sorted(path for path in made.rglob("*") if path.is_file() and path != made / _MANIFEST)
        for path in files:
            _sync(path)
        sizes = {path.relative_to(made).as_posix(): path.stat().st_size for path in files}
        _write(made / _MANIFEST, json.dumps(asdict(manifest) | {"files": sizes}).encode())
        self.drop(key)
        made.rename(self.folder / key)

    def keep_block(self, key: str, number: int, vectors: np.ndarray) -> None:
        """Keep the vectors of one block of an unfinished index. Raises ``OSError``."""
        import numpy as np

        folder = self.folder / f"{key}{_PARTIAL}"
        _private_folder(folder)
        making = folder / f"{number}-{secrets.token_hex(4)}{_MAKING}"
        try:
            with making.open("wb") as file:
                np.save(file, vectors, allow_pickle=False)
            making.replace(folder / f"{number}.npy")
        finally:
            making.unlink(missing_ok=True)

    def block(self, key: str, number: int, rows: int) -> np.ndarray | None:
        """The vectors of a block that an earlier run kept, or None."""
        import numpy as np

        try:
            vectors = np.load(self.folder / f"{key}{_PARTIAL}" / f"{number}.npy", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        is_whole = vectors.ndim == 2 and len(vectors) == rows and bool(np.isfinite(vectors).all())
        return vectors if is_whole else None

    def tidy(self, keep: str = "") -> None:
        """Remove what was not used for longer than the age allowed, then the longest unused until the rest fits."""
        now = time.time()
        kept: list[tuple[float, int, Path]] = []
        for path in _folders(self.folder):
            used, size = _used_and_size(path)
            limit = _MAKING_AGE_S if _MAKING in path.name else self._max_age_s
            if now - used > limit and path.name != keep:
                shutil.rmtree(path, ignore_errors=True)
            else:
                kept.append((used, size, path))
        total = sum(size for _, size, _ in kept)
        for _, size, path in sorted(kept, key=lambda item: item[0]):
            if total <= self._max_bytes:
                break
            if path.name != keep:
                shutil.rmtree(path, ignore_errors=True)
                total -= size


def _folders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir()]
    except OSError:
        return []


def _used_and_size(path: Path) -> tuple[float, int]:
    """When a folder was used last (its manifest's time, else its newest file's), and its bytes."""
    try:
        found = [file.stat() for file in path.rglob("*") if file.is_file()]
        newest = max((stat.st_mtime for stat in found), default=path.stat().st_mtime)
        manifest = path / _MANIFEST
        used = manifest.stat().st_mtime if manifest.exists() else newest
        return used, sum(stat.st_size for stat in found)
    except OSError:  # gone while we looked
        return time.time(), 0


def _private_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    _sync(path)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
