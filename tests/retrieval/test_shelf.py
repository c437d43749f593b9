"""Indexes on disk: found again, taken up again, bounded, and never broken by a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from components.retrieval.indexing import BLOCK, Indexer, OpenIndexes
from components.retrieval.shelf import Shelf, index_key
from components.scoring.scheduler import Progress
from tests.retrieval.conftest import many, run_through

ROOT = Path(__file__).resolve().parents[2]


def make(embedder, collection, shelf):
    """Make an index to its end; what was delivered."""
    made = []
    run_through(Indexer(embedder, OpenIndexes(shelf)).work(collection, made.append)(Progress()))
    return made[0]


def test_an_index_is_found_again_by_content_and_model(embedder, tmp_path):
    collection = many(600)
    made = make(embedder, collection, Shelf(tmp_path))
    assert made.note == ""
    again = OpenIndexes(Shelf(tmp_path)).get(many(600), embedder.info)
    assert again.how == "opened from disk"
    query = embedder.forward("query", ["passage 5 about bread"])[0]
    assert again.vectors.search(query, 3) == made.vectors.search(query, 3)
    assert again.vectors.search(query, 1).places == (5,)
    assert again.words.search("bees", 3) == made.words.search("bees", 3)
    for change in ({"fingerprint": "other weights"}, {"service": "a service"}):
        assert OpenIndexes(Shelf(tmp_path)).get(collection, replace(embedder.info, **change)) is None
    assert OpenIndexes(Shelf(tmp_path)).get(many(599), embedder.info) is None


def test_a_stopped_index_is_taken_up_where_it_was(embedder, tmp_path):
    collection, shelf = many(4 * BLOCK), Shelf(tmp_path)
    progress = Progress()
    pieces = Indexer(embedder, OpenIndexes(shelf)).work(collection, lambda _: None)(progress)
    while progress.done < 2 * BLOCK + 1:
        next(pieces)
    pieces.close()
    assert OpenIndexes(shelf).get(collection, embedder.info) is None
    before = embedder.passes
    made = make(embedder, collection, shelf)
    assert embedder.passes - before == 2 * BLOCK
    assert f"{2 * BLOCK:,} of them kept" in made.how
    assert not list(shelf.folder.glob("*.partial")), "the blocks go when the index stands"


@pytest.mark.parametrize("harm", ["cut", "gone", "manifest", "version"])
def test_a_damaged_index_is_made_anew(embedder, tmp_path, harm):
    collection, shelf = many(40), Shelf(tmp_path)
    make(embedder, collection, shelf)
    folder = shelf.folder / index_key(collection.digest, embedder.info)
    if harm == "cut":
        (folder / "vectors.npy").write_bytes((folder / "vectors.npy").read_bytes()[:-7])
    elif harm == "gone":
        (folder / "words" / "vocab.index.json").unlink()
    elif harm == "manifest":
        (folder / "manifest.json").write_text("{", encoding="utf-8")
    else:
        content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        (folder / "manifest.json").write_text(json.dumps(content | {"version": 0}), encoding="utf-8")
    assert OpenIndexes(shelf).get(collection, embedder.info) is None
    make(embedder, collection, shelf)
    assert OpenIndexes(shelf).get(collection, embedder.info) is not None


def test_a_disk_that_takes_nothing_costs_only_being_kept(embedder, tmp_path):
    (tmp_path / "indexes").write_text("a file where the folder should be", encoding="utf-8")
    made = make(embedder, many(600), Shelf(tmp_path))
    assert "could not be kept on disk" in made.note
    assert len(made.vectors) == 600


def test_switched_off_nothing_is_written(embedder, tmp_path):
    indexes = OpenIndexes(None)
    run_through(Indexer(embedder, indexes).work(many(10), lambda _: None)(Progress()))
    assert indexes.get(many(10), embedder.info) is not None
    assert list(tmp_path.iterdir()) == []


def test_the_shelf_is_bounded_in_age_and_bytes(embedder, tmp_path):
    shelf = Shelf(tmp_path)
    keys = [index_key(many(count).digest, embedder.info) for count in (50, 60, 70)]
    for count in (50, 60, 70):
        make(embedder, many(count), shelf)
    for age, key in zip((3_000, 2_000, 1_000), keys, strict=True):
        stamp = time.time() - age
        os.utime(shelf.folder / key / "manifest.json", (stamp, stamp))
    Shelf(tmp_path, max_age_s=2_500).tidy()
    assert {path.name for path in shelf.folder.iterdir()} == set(keys[1:]), "the longest unused one was too old"
    size = sum(file.stat().st_size for file in (shelf.folder / keys[2]).rglob("*") if file.is_file())
    Shelf(tmp_path, max_bytes=size).tidy()
    assert {path.name for path in shelf.folder.iterdir()} == {keys[2]}
    Shelf(tmp_path, max_bytes=1).tidy(keep=keys[2])
    assert (shelf.folder / keys[2]).is_dir(), "what is being used stays"


_CHILD = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from components.retrieval.indexing import Indexer, OpenIndexes
from components.retrieval.shelf import Shelf
from components.scoring.scheduler import Progress
from tests.retrieval.conftest import TinyEmbedder, many
print("ready", flush=True)
for _ in Indexer(TinyEmbedder(), OpenIndexes(Shelf(Path({folder!r})))).work(many(1500), lambda _: None)(Progress()):
    print("piece", flush=True)
"""


@pytest.mark.parametrize("pieces", [1, 6, 9, 12, 14])
def test_a_kill_leaves_no_broken_index(embedder, tmp_path, pieces):
    script = _CHILD.format(root=str(ROOT), folder=str(tmp_path))
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    for _ in range(pieces + 1):
        child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    collection, shelf = many(1500), Shelf(tmp_path)
    found = OpenIndexes(shelf).get(collection, embedder.info)
    made = found or make(embedder, collection, shelf)
    wanted = embedder.forward("document", list(collection.texts))
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    assert np.allclose(made.vectors.vectors, wanted, atol=1e-6)
    assert OpenIndexes(shelf).get(collection, embedder.info) is not None
