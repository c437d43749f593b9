"""Collections too large for memory: the store on disk against the arrays, stopped, killed, full, and not installed."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import bm25s
import numpy as np
import pytest

from components.errors import LabError
from components.retrieval import indexing
from components.retrieval.indexing import STORE_BLOCK, Indexer, OpenIndexes
from components.retrieval.lance_index import LanceIndex
from components.retrieval.lance_store import Table
from components.retrieval.lance_words import LanceWords
from components.retrieval.shelf import Shelf, index_key
from components.retrieval.word_index import words_of
from components.scoring.scheduler import Progress
from tests.retrieval.conftest import TinyEmbedder, many, result_of, run_through

pytest.importorskip("lancedb", reason="requirements-large.txt is not installed")
ROOT = Path(__file__).resolve().parents[2]
COUNT = 2_600  # more than two blocks of the store


def large(shelf: Shelf) -> OpenIndexes:
    """Indexes of which none may be in memory."""
    return OpenIndexes(shelf, most_index_bytes=0)


def make(embedder, collection, indexes, progress=None):
    """Make an index to its end; what was delivered."""
    made = []
    run_through(Indexer(embedder, indexes).work(collection, made.append)(progress or Progress()))
    return made[0]


@pytest.fixture(scope="module")
def collection():
    return many(COUNT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, collection) -> Path:
    """A folder with the whole index of the collection."""
    path = tmp_path_factory.mktemp("large")
    make(TinyEmbedder(), collection, large(Shelf(path)))
    return path


@pytest.fixture
def opened(folder, collection, embedder):
    return large(Shelf(folder)).reopen(collection, embedder.info)


def test_exact_search_on_disk_equals_the_arrays(opened, collection, embedder, tmp_path):
    arrays = make(embedder, collection, OpenIndexes(Shelf(tmp_path)))
    assert opened.on_disk
    assert opened.how == "opened from disk"
    assert not arrays.on_disk
    for query in embedder.forward("query", [f"query {number}" for number in range(20)]):
        found, wanted = opened.vectors.search(query, 50), arrays.vectors.search(query, 50)
        assert found.places == wanted.places
        assert found.scores == pytest.approx(wanted.scores, abs=1e-5)
    assert len(opened.vectors) == len(opened.words) == COUNT
    assert opened.n_bytes == 0
    assert opened.vectors.disk_bytes > COUNT * 16 * 4


@pytest.mark.parametrize("unit", ["cosine", "dot", "euclidean"])
def test_every_similarity_of_the_store_equals_the_arrays(unit, tmp_path):
    from components.retrieval.index import ArrayIndex

    chance = np.random.default_rng(3)
    vectors = chance.normal(size=(1_500, 24)).astype(np.float32)
    on_disk, arrays = LanceIndex(tmp_path, unit, 24), ArrayIndex(unit)
    for index in (on_disk, arrays):
        index.add(vectors[:700])
        index.add(vectors[700:])
    on_disk.save(tmp_path)
    run_through(on_disk.measure())
    again = LanceIndex.reopen(tmp_path, unit)
    assert again.recall.value >= 0.95
    for query in chance.normal(size=(10, 24)).astype(np.float32):
        found, wanted = again.search(query, 10), arrays.search(query, 10)
        assert found.places == wanted.places
        assert found.scores == pytest.approx(wanted.scores, abs=1e-4)


def test_a_similarity_the_store_does_not_know_is_said(tmp_path):
    with pytest.raises(LabError, match="cannot search by manhattan"):
        LanceIndex(tmp_path, "manhattan", 8)


def test_the_recall_that_is_said_is_that_of_the_search(opened, collection, embedder):
    """Over other queries than those it was measured with, by counting."""
    recall = opened.vectors.recall
    assert 0.95 <= recall.value <= 1
    assert recall.sample == 100
    hits = 0
    for query in embedder.forward("query", list(collection.texts[:300:3])):
        exact = opened.vectors.search(query, 10).places
        near = opened.vectors.search(query, 10, exact=False).places
        hits += len(set(exact) & set(near))
    assert hits / 1_000 == pytest.approx(recall.value, abs=0.05)
    assert "100 of the collection's own vectors" in recall.sentence
    assert f"{100 * recall.value:.1f} %" in recall.sentence


def test_fewer_groups_find_less(opened, embedder):
    """The approximate search is one: looking into a single group misses some, looking into all misses none."""
    queries = embedder.forward("query", [f"question {number}" for number in range(30)])
    exact = [set(opened.vectors.search(query, 10).places) for query in queries]

    def found(looks: int) -> int:
        near = [opened.vectors._search(query, 10, looks).places for query in queries]
        return sum(len(set(places) & wanted) for places, wanted in zip(near, exact, strict=True))

    assert found(1) < found(5) < found(1_000) == 300


def test_bm25_of_the_store_gives_bm25s_top_ten(tmp_path):
    """With the store's k1 of 1.2: equal sets, equal scores."""
    chance = np.random.default_rng(7)
    words = np.array([f"Wort{number}" for number in range(900)])
    odds = 1 / np.arange(1, 901)
    texts = [" ".join(chance.choice(words, size=chance.integers(3, 40), p=odds / odds.sum())) for _ in range(3_000)]
    texts[5] = "…"
    index = LanceWords(tmp_path, "digest", is_new=True)
    run_through(index.fill(texts, Progress()))
    index.save()
    index = LanceWords.reopen(tmp_path, "digest")
    reference = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    reference.index([words_of(text) for text in texts], show_progress=False)
    for number in range(40):
        query = [str(word).lower() for word in chance.choice(words[:200], size=3)]
        query += query[:1] if number % 2 else []  # a word that stands twice
        scores = reference.get_scores(query)
        wanted = np.sort(scores)[::-1][:10]
        found = index.search(" ".join(query).title(), 10)
        assert [scores[place] for place in found.places] == pytest.approx(wanted, abs=1e-4)
        if wanted[9] > np.sort(scores)[::-1][10]:  # no tie at the cut
            assert set(found.places) == set(np.argsort(-scores)[:10])
        assert found.scores == pytest.approx(wanted, abs=1e-3)
    assert not index.search("…", 5).places
    assert not index.search("unknown", 5).places


def test_no_word_of_the_passages_is_in_the_files(tmp_path, embedder):
    secret = replace(many(1_200), texts=tuple(f"confidential heron {number}" for number in range(1_200)))
    made = make(embedder, secret, large(Shelf(tmp_path)))
    assert made.words.search("HERON", 3).places == (0, 1, 2), "equal scores in the collection's order"
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or (b"heron" not in file.read_bytes() and b"confidential" not in file.read_bytes())


def test_a_stopped_one_is_gone_on_with(embedder, tmp_path, collection):
    progress = Progress()
    pieces = Indexer(embedder, large(Shelf(tmp_path))).work(collection, lambda _: None)(progress)
    while not (progress.step == "" and progress.done > STORE_BLOCK + 1):
        next(pieces)
    pieces.close()
    before, progress = embedder.passes, Progress()
    made = make(embedder, collection, large(Shelf(tmp_path)), progress)
    assert progress.kept == STORE_BLOCK
    assert f"{STORE_BLOCK:,} of them kept from an earlier run" in made.how
    assert embedder.passes - before == COUNT - STORE_BLOCK + 1, "and one that asks how long a vector is"
    assert [path.suffix for path in (tmp_path / "indexes").iterdir()] == [""], "only the finished index is there"


def test_two_visitors_make_it_once(embedder, tmp_path, collection):
    """The second one waits and gets what the first one made."""
    indexer, made = Indexer(embedder, large(Shelf(tmp_path))), []
    jobs = [indexer.work(collection, made.append)(progress := Progress()) for _ in range(2)]
    waiting = set()
    while jobs:
        for job in list(jobs):
            if next(job, "end") == "end":
                jobs.remove(job)
            waiting.add(progress.step)
    assert len(made) == 2
    assert made[0].vectors.search(embedder.forward("query", ["x"])[0], 3).places
    assert embedder.passes == COUNT + 2
    assert indexing.WAITING in waiting


def test_the_store_is_opened_by_the_job_and_not_by_the_page(folder, collection, embedder):
    indexes = large(Shelf(folder))
    assert indexes.get(collection, embedder.info) is None
    before = embedder.passes
    assert make(embedder, collection, indexes).how == "opened from disk"
    assert indexes.get(collection, embedder.info).on_disk
    assert embedder.passes == before


def test_searching_writes_nothing(folder, collection, embedder):
    """The sizes of all files stand in the manifest: a changed one would make the index count as broken."""
    for _ in range(2):
        opened = large(Shelf(folder)).reopen(collection, embedder.info)
        opened.words.search("bees", 10)
        opened.vectors.search(embedder.forward("query", ["bees"])[0], 10, exact=False)
    assert large(Shelf(folder)).reopen(collection, embedder.info) is not None


def test_a_damaged_store_is_made_anew(embedder, tmp_path):
    small = many(300)
    make(embedder, small, large(Shelf(tmp_path)))
    home = Shelf(tmp_path).folder / index_key(small.digest, embedder.info)
    next((home / "vectors.lance" / "data").iterdir()).unlink()
    assert large(Shelf(tmp_path)).reopen(small, embedder.info) is None
    assert len(make(embedder, small, large(Shelf(tmp_path))).vectors) == 300


def test_a_full_disk_is_said_and_costs_a_block(embedder, tmp_path, collection, monkeypatch):
    whole, writes = Table.add, []

    def full(table, values):
        writes.append(table.column)
        if writes.count("vector") == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(table, values)

    monkeypatch.setattr(Table, "add", full)
    with pytest.raises(LabError, match="No space left on device"):
        make(embedder, collection, large(Shelf(tmp_path)))
    progress = Progress()
    assert len(make(embedder, collection, large(Shelf(tmp_path)), progress).vectors) == COUNT
    assert progress.kept == STORE_BLOCK


def test_without_the_store_one_is_told_what_to_install(embedder, tmp_path, folder, collection, monkeypatch):
    monkeypatch.setitem(sys.modules, "lancedb", None)  # as if it were not installed
    with pytest.raises(LabError, match=r"pip install -r requirements-large\.txt"):
        make(embedder, collection, large(Shelf(tmp_path)))
    assert not make(embedder, many(50), OpenIndexes(Shelf(tmp_path))).on_disk, "small ones need none"
    with pytest.raises(LabError, match="requirements-large"):
        make(embedder, collection, large(Shelf(folder)))
    monkeypatch.undo()
    assert large(Shelf(folder)).reopen(collection, embedder.info) is not None, "and nothing was thrown away"


def test_without_a_folder_on_disk_it_is_said(embedder):
    with pytest.raises(LabError, match="RELEVANCE_LAB_CACHE=off"):
        make(embedder, many(10), OpenIndexes(None, most_index_bytes=0))


def test_the_limit_follows_the_machine_unless_it_is_set(monkeypatch):
    monkeypatch.setattr(indexing.machine_memory, "total_bytes", lambda: 2_000_000_000)
    assert OpenIndexes(None).most_index_bytes == 500_000_000, "so much the store takes itself"
    assert not OpenIndexes(None).must_be_on_disk(many(20_000), 384), "2 GB of memory hold 20,000 passages as arrays"
    assert OpenIndexes(None).must_be_on_disk(many(160_000), 384)
    monkeypatch.setattr(indexing.machine_memory, "total_bytes", lambda: 24_000_000_000)
    assert OpenIndexes(None).most_index_bytes == 3_000_000_000
    assert not OpenIndexes(None).must_be_on_disk(many(160_000), 384)
    assert OpenIndexes(None, most_index_bytes=0).must_be_on_disk(many(1), 1)


_CHILD = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from components.retrieval.indexing import Indexer, OpenIndexes
from components.retrieval.shelf import Shelf
from components.scoring.scheduler import Progress
from tests.retrieval.conftest import TinyEmbedder, many
progress = Progress()
print("ready", flush=True)
indexes = OpenIndexes(Shelf(Path({folder!r})), most_index_bytes=0)
for _ in Indexer(TinyEmbedder(), indexes).work(many({count}), lambda _: None)(progress):
    print(progress.step or f"embedded {{progress.done}}", flush=True)
    sys.stdin.readline()  # not a piece further until it is told to
"""


@pytest.mark.parametrize(
    "moment", [indexing.COUNTING, "embedded 1", "embedded 1024", "embedded 2304", indexing.GROUPING, indexing.MEASURING]
)
def test_a_kill_at_any_moment_is_gone_on_from(embedder, tmp_path, collection, opened, moment):
    script = _CHILD.format(root=str(ROOT), folder=str(tmp_path), count=COUNT)
    command = [sys.executable, "-c", script]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, bufsize=1)
    assert child.stdout.readline() == "ready\n"
    while not child.stdout.readline().startswith(moment):
        child.stdin.write("on\n")
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.communicate()
    progress = Progress()
    made = make(embedder, collection, large(Shelf(tmp_path)), progress)
    assert progress.kept % STORE_BLOCK == 0 or progress.kept == COUNT, "whole blocks only"
    if moment in (indexing.GROUPING, indexing.MEASURING):
        assert progress.kept == COUNT
    for query in embedder.forward("query", ["bees in passage 7", "bread"]):
        assert made.vectors.search(query, 20) == opened.vectors.search(query, 20)
    assert made.words.search("passage 77", 5) == opened.words.search("passage 77", 5)
    assert made.vectors.recall.value >= 0.95, "the groups are learnt anew, so it is not the same to the last digit"


def test_the_pieces_of_a_step_are_short_and_writing_is_done_beside(embedder, tmp_path, monkeypatch):
    """Nothing that writes runs in the worker's own thread: it would hold every other visitor."""
    import threading

    seen = []
    for name in ("publish", "publish_workplace"):
        real = getattr(Shelf, name)

        def spy(*args, real=real):
            seen.append(threading.current_thread().name)
            return real(*args)

        monkeypatch.setattr(Shelf, name, spy)
    make(embedder, many(30), large(Shelf(tmp_path)))
    make(embedder, many(40), OpenIndexes(Shelf(tmp_path)))
    assert seen == ["aside", "aside"]


def test_a_wrong_number_of_rows_is_not_published(embedder, tmp_path, monkeypatch):
    """Two servers with one folder: what both have written is thrown away, and said."""
    monkeypatch.setattr(LanceWords, "__len__", lambda words: words._table.rows + 1)
    monkeypatch.setattr(LanceWords, "fill", lambda words, texts, progress: iter(()))
    generator = Indexer(embedder, large(Shelf(tmp_path)))._on_disk("key", many(30), 16, Progress())
    with pytest.raises(LabError, match="Another server"):
        result_of(generator)
    assert not (tmp_path / "indexes" / "key.store").exists()
