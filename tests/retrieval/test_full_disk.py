"""A disk that fills up, and a process killed at the worst moments: an index is whole on disk, or not there."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from components.retrieval.indexing import Indexer, OpenIndexes
from components.retrieval.shelf import Shelf
from components.scoring.scheduler import Progress
from tests.retrieval.conftest import many, run_through

ROOT = Path(__file__).resolve().parents[2]
PASSAGES = 600

# Makes an index in a process of its own; ``limit``: no file may grow beyond so many bytes, which is how a full disk
# shows in the middle of a file; ``kill_at``: the process kills itself when it syncs its n-th file.
_CHILD = """
import os, resource, signal, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from components.retrieval.indexing import Indexer, OpenIndexes
from components.retrieval.shelf import Shelf
from components.scoring.scheduler import Progress
from tests.retrieval.conftest import TinyEmbedder, many

if {limit}:
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
syncs, fsync = [0], os.fsync
def count(handle):
    syncs[0] += 1
    if syncs[0] == {kill_at}:
        os.kill(os.getpid(), signal.SIGKILL)
    fsync(handle)
os.fsync = count

made = []
indexes = OpenIndexes(Shelf(Path({folder!r})))
for _ in Indexer(TinyEmbedder(), indexes).work(many({passages}), made.append)(Progress()):
    pass
query = TinyEmbedder().forward("query", ["passage 5 about bread"])[0]
print(len(made[0].vectors), made[0].vectors.search(query, 1).places)
print(made[0].note)
"""


def child(folder: Path, limit: int = 0, kill_at: int = 0) -> subprocess.CompletedProcess[str]:
    script = _CHILD.format(root=str(ROOT), folder=str(folder), passages=PASSAGES, limit=limit, kill_at=kill_at)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


def made_here(embedder, shelf: Shelf):
    """The index, made anew where it is not there; how it came about."""
    collection = many(PASSAGES)
    found = OpenIndexes(shelf).get(collection, embedder.info)
    if found is None:
        made = []
        run_through(Indexer(embedder, OpenIndexes(shelf)).work(collection, made.append)(Progress()))
        found = made[0]
    return found


@pytest.mark.parametrize("limit", [200, 12_000, 30_000], ids=["nothing fits", "no block", "not the index"])
def test_a_full_disk_costs_only_being_kept(embedder, tmp_path, limit):
    done = child(tmp_path, limit=limit)
    assert done.returncode == 0, done.stderr
    answer, note = done.stdout.splitlines()
    assert answer == f"{PASSAGES} (5,)", "the index works all the same"
    assert "could not be kept on disk (it takes no more)" in note
    left = [path.name for path in (tmp_path / "indexes").iterdir() if not path.name.endswith(".partial")]
    assert left == [], "nothing half-written has the name of an index, or stays"
    assert not list(tmp_path.rglob("*.making*"))
    assert made_here(embedder, Shelf(tmp_path)).note == "", "when there is room again it is made and kept"
    assert made_here(embedder, Shelf(tmp_path)).how == "opened from disk"


def test_a_full_file_system_costs_only_being_kept(embedder, tmp_path):
    """The real thing, where this user may mount one: a file system of a few pages."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here: the limits above stand for it")
    try:
        done = child(disk)
        assert done.returncode == 0, done.stderr
        assert "could not be kept on disk (it takes no more)" in done.stdout
        assert not [path for path in (disk / "indexes").iterdir() if not path.name.endswith(".partial")]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("kill_at", range(1, 9))
def test_a_kill_while_a_file_is_written_leaves_no_broken_index(embedder, tmp_path, kill_at):
    """The process dies between the files of the index, one after the other, the manifest last."""
    done = child(tmp_path, kill_at=kill_at)
    if done.returncode == 0:
        assert OpenIndexes(Shelf(tmp_path)).get(many(PASSAGES), embedder.info) is not None
        return
    assert done.returncode == -signal.SIGKILL
    assert OpenIndexes(Shelf(tmp_path)).get(many(PASSAGES), embedder.info) is None, "not finished, so not there"
    made = made_here(embedder, Shelf(tmp_path))
    assert "kept from an earlier run" in made.how, "the blocks of the killed run are used"
    assert len(made.vectors) == PASSAGES
    assert made_here(embedder, Shelf(tmp_path)).how == "opened from disk"
