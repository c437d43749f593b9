import gc
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from components.records import PairScore
from components.scoring import store
from components.scoring.store import SCORE_BYTES, BoundedStore, SeenBefore, digest


@given(st.lists(st.text()), st.lists(st.text()))
def test_different_parts_have_different_digests(first, second):
    assert (digest(*first) == digest(*second)) == (first == second)


def test_the_digest_is_keyed_with_a_secret_of_the_process(monkeypatch):
    before = digest("a text")
    monkeypatch.setattr(store, "_SECRET", b"another secret")
    assert digest("a text") != before


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 40))))
def test_the_store_never_holds_more_than_its_bound(puts):
    kept: BoundedStore[int] = BoundedStore(100)
    for key, size in puts:
        kept.put(bytes([key]), key, size)
        assert kept.used_bytes <= 100
        assert kept.get(bytes([key])) == key


def test_what_was_used_longest_ago_goes_first():
    kept: BoundedStore[str] = BoundedStore(20)
    kept.put(b"a", "a", 10)
    kept.put(b"b", "b", 10)
    assert kept.get(b"a") == "a"  # now b is the older one
    kept.put(b"c", "c", 10)
    assert kept.get(b"b") is None
    assert kept.get(b"a") == "a"


def test_something_too_large_is_not_kept():
    kept: BoundedStore[str] = BoundedStore(5)
    kept.put(b"a", "a", 6)
    assert kept.get(b"a") is None
    assert kept.used_bytes == 0


def test_a_score_costs_no_more_than_is_counted():
    kept: BoundedStore[PairScore] = BoundedStore(10**9)
    gc.collect()
    tracemalloc.start()
    for number in range(5_000):
        kept.put(digest(str(number)), PairScore(float(number) + 0.5, number + 1000, number + 2000), SCORE_BYTES)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used / 5_000 <= 2 * SCORE_BYTES


def test_what_was_seen_is_bounded():
    seen = SeenBefore(limit=2)
    for key in (b"a", b"b", b"c"):
        seen.add(key)
    assert b"a" not in seen
    assert b"c" in seen
