"""The built-in collection keeps the rules of our texts, and a collection takes judgments."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from components.retrieval.collection import FOLDER, Collection, Query, built_in
from components.texts.examples import examples
from components.training import contrast


def test_the_built_in_collection_is_large_enough_and_judged():
    collection = built_in()
    assert len(collection) >= 300
    assert len(collection.queries) == len(collection.judged) == 60
    assert len(set(collection.ids)) == len(set(collection.texts)) == len(collection)
    assert len({query.text for query in collection.queries}) == 60
    assert "CC BY 4.0" in (FOLDER / "LICENSE.md").read_text(encoding="utf-8")


def test_judgments_are_graded_and_of_what_is_there():
    collection = built_in()
    assert set(collection.qrels) == {query.id for query in collection.queries}
    for grades in collection.qrels.values():
        assert set(grades) <= set(collection.ids)
        assert max(grades.values()) == 3, "each query has a passage that answers it"
        assert min(grades.values()) == 0, "and near misses that were read"
    assert set(Counter(grade for of in collection.qrels.values() for grade in of.values())) == {0, 1, 2, 3}


def test_no_two_passages_share_a_run_of_eight_words_or_a_frame():
    """Neither with each other nor with the groups the models are trained on and the examples."""
    collection = built_in()
    texts = dict(zip(collection.ids, collection.texts, strict=True))
    texts |= {f"{group.id}/{at}": text for group in contrast.load_groups(contrast.FOLDER)
              for at, text in enumerate(group.passages)}  # fmt: skip
    texts |= {f"{one.id}/{at}": text for one in examples().values() for at, text in enumerate(one.documents)}
    where: dict[object, set[str]] = defaultdict(set)
    for id_, text in texts.items():
        for run in contrast.runs(text):
            where[run].add(id_)
        for frame in contrast.frames(text):
            where[frame].add(id_)
    ours = set(collection.ids)
    assert {key: ids for key, ids in where.items() if len(ids) > 1 and ids & ours} == {}


def test_queries_are_in_readers_words():
    """No query is a run of words out of a passage that answers it."""
    collection = built_in()
    for query in collection.queries:
        words = " ".join(re.findall(r"\w+", query.text.lower()))
        for id_, grade in collection.qrels[query.id].items():
            text = " ".join(re.findall(r"\w+", collection.texts[collection.places[id_]].lower()))
            assert grade == 0 or words not in text


def test_judging_adds_changes_and_takes_back():
    start = Collection("c", ("a", "b"), ("one", "two"), (Query("q1", "known"),), {"q1": {"a": 1}})
    digest = start.digest
    made = start.judge("known", "b", 2).judge("typed here", "a", 3)
    assert made.grades("known") == {"a": 1, "b": 2}
    assert made.grades("typed here") == {"a": 3}
    assert [query.id for query in made.judged] == ["q1", "own1"]
    assert made.judge("typed here", "a", None).judged == (Query("q1", "known"),)
    assert made.digest == digest
    assert start.grades("known") == {"a": 1}, "the old one is as it was"


def test_the_digest_tells_cuts_apart():
    assert Collection("c", ("a", "b"), ("ab", "c")).digest != Collection("c", ("a", "b"), ("a", "bc")).digest
