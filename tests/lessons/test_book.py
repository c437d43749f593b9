"""Rules that every lesson keeps: complete, short, its texts nobody else's."""

from __future__ import annotations

import re

import pytest

from components.lessons.book import lessons
from components.lessons.nothing_fits import passages
from components.lessons.probes import PROBES, listed
from components.texts.examples import examples
from components.training import contrast
from components.ui.lessons_open import PLACES
from tests.lessons.conftest import ran
from tests.texts.test_examples import FRAME, WORDS

ALL = list(listed().values())


def test_every_file_has_a_probe_and_the_other_way_round():
    assert {lesson.id for lesson in lessons().values()} == set(PROBES)
    assert list(lessons()) == sorted(lessons())


@pytest.mark.parametrize("lesson", ALL, ids=lambda lesson: lesson.id)
def test_a_lesson_is_complete(lesson):
    assert len(lesson.explanation.split()) <= 120
    assert 2 <= len(lesson.options) <= 4
    assert len(lesson.items) >= 6
    assert lesson.claim.text
    assert lesson.claim.source
    assert lesson.claim.limits
    for item in lesson.items:
        assert item.queries
        assert len(item.labels) in (0, len(item.documents))


def _groups():
    """Name of a group and its texts: each text of a lesson, each lesson's own words, each built-in example."""
    for lesson in ALL:
        words = (lesson.question, lesson.ask, lesson.explanation, lesson.claim.text, lesson.claim.limits)
        yield f"{lesson.id}: words", words
        collection = lesson.more.get("collection")
        if collection:
            yield f"{lesson.id}: collection", tuple(collection)
            continue
        for item in lesson.items:
            if "example" in item.more:
                continue  # a built-in example, which comes below
            yield f"{lesson.id} {item.number}", (*item.queries, *item.documents)
    for example in examples().values():
        yield example.id, (example.title, example.look_at, example.query, *example.documents)


def test_no_two_groups_share_a_run_of_eight_words():
    owner: dict[tuple[str, ...], str] = {}
    every = list(_groups())
    every += [(group.id, (group.query, *group.passages)) for group in contrast.load_groups(contrast.FOLDER)]
    for name, texts in every:
        for text in texts:
            words = WORDS.findall(text.lower())
            for place in range(len(words) - 7):
                run = tuple(words[place : place + 8])
                assert owner.setdefault(run, name) == name, run


def test_no_two_groups_share_a_sentence_frame():
    owner: dict[tuple[str, ...], str] = {}
    shared = []
    for name, texts in _groups():
        for text in texts:
            for sentence in re.split(r"[.!?:;]\s+", text):
                words = WORDS.findall(sentence.lower())
                frame = tuple(word if word in FRAME else "·" for word in words)
                is_frame = len(frame) >= 6 and sum(word != "·" for word in frame) >= 2
                if is_frame and owner.setdefault(frame, name) != name:
                    shared.append((owner[frame], name, sentence))
    assert shared == []


def test_unrelated_passages_are_many_distinct_and_from_held_out_domains():
    drawn, held_out = passages()
    assert (len(drawn), len(held_out)) == (50, 100)
    assert len({*drawn, *held_out}) == 150
    answers = {group.answer for group in contrast.load_part("test")}
    assert {*drawn, *held_out} <= answers


@pytest.mark.parametrize("lesson", ALL, ids=lambda lesson: lesson.id)
def test_a_run_answers_with_an_option_and_opens_known_pages(lesson, bench, request):
    item = lesson.items[0]
    if lesson.more.get("needs") == "classifier":
        bench = request.getfixturevalue("full_bench")
    outcome = ran(PROBES[lesson.id].run, lesson, item, bench)
    assert outcome.answer in {option.id for option in lesson.options}
    assert {"compare", "tokens"} <= {opening.place for opening in outcome.openings} <= set(PLACES)
    for opening in outcome.openings:
        assert 1 <= opening.number <= len(opening.documents)
    assert outcome.finding.endswith(".")
    assert outcome.published.endswith(".")
