"""The rules of contrast groups, on made-up groups and on the shipped ones."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from components.training import contrast
from components.training.contrast import ContrastGroup, NearMiss

GOOD = ContrastGroup(
    id="toy-001",
    domain="toy",
    query="freeze cooked rice",
    answer="Yes, cooked rice keeps in the freezer for a month if you freeze it at once.",
    near_misses=(
        NearMiss("topic", "Cooked rice goes well with beans and a little lime."),
        NearMiss("sense", "Rice University lies in Houston and is open all year."),
        NearMiss("negation", "Never leave cooked rice standing in a warm kitchen overnight."),
        NearMiss("question_type", "Rice is cooked in twice its volume of salted water."),
    ),
    overlap="high",
)


@pytest.fixture(scope="module")
def shipped() -> list[ContrastGroup]:
    return contrast.load_groups(contrast.FOLDER)


def test_a_good_group_has_no_faults() -> None:
    assert contrast.faults(GOOD) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (replace(GOOD, near_misses=GOOD.near_misses[:3]), "3 near misses"),
        (replace(GOOD, overlap="low"), "marked low"),
        (replace(GOOD, overlap="middle"), "not 'high' or 'low'"),
        (replace(GOOD, answer="Yes, freeze it."), "shorter than 5"),
        (replace(GOOD, near_misses=(GOOD.near_misses[0],) * 4), "fewer than 3 kinds"),
        (replace(GOOD, near_misses=(NearMiss("odd", "One two three four five."), *GOOD.near_misses[1:])), "unknown"),
    ],
)
def test_faults_are_named(changed: ContrastGroup, words: str) -> None:
    assert any(words in fault for fault in contrast.faults(changed))


def test_shared_words_counts_stems_not_function_words() -> None:
    assert contrast.shared_words("how does a cat eat", "Cats are eating fish") == 2


def test_runs_frames_and_queries_shared_by_two_groups_are_found() -> None:
    other = replace(GOOD, id="toy-002")
    found = contrast.shared_between_groups([GOOD, other])
    assert {what.split(":")[0] for what in found} == {"query", "run", "frame"}
    assert contrast.shared_between_groups([GOOD]) == {}


def test_controls_give_ties_a_share() -> None:
    same = tuple(NearMiss("topic", "aaaa") for _ in range(4))
    flat = replace(GOOD, answer="bbbb", near_misses=same)
    assert contrast.controls([flat])["longest"] == pytest.approx(0.2)


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "toy.jsonl").write_text(json.dumps({"id": "x"}) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"toy\.jsonl, line 1"):
        contrast.load_groups(tmp_path)


def test_shipped_groups_keep_every_rule(shipped: list[ContrastGroup]) -> None:
    assert len(shipped) >= 2000
    assert {g.id: contrast.faults(g) for g in shipped if contrast.faults(g)} == {}
    assert contrast.shared_between_groups(shipped) == {}
    assert [i for i, n in Counter(g.id for g in shipped).items() if n > 1] == []


def test_half_of_the_groups_share_more_words_and_half_fewer(shipped: list[ContrastGroup]) -> None:
    for part in ("train", "dev", "test"):
        groups = contrast.load_part(part)
        high = sum(g.overlap == "high" for g in groups) / len(groups)
        assert 0.45 < high < 0.55
        values = contrast.controls(groups)
        assert max(values["longest"], values["shortest"]) < 0.40


def test_the_split_is_disjoint_by_domain(shipped: list[ContrastGroup]) -> None:
    domains = {part: {g.domain for g in contrast.load_part(part)} for part in ("train", "dev", "test")}
    assert domains["dev"] == set(contrast.DEV_DOMAINS)
    assert domains["test"] == set(contrast.TEST_DOMAINS)
    assert len(domains["train"]) >= 36
    assert sum(map(len, domains.values())) == len({g.domain for g in shipped})
    assert not domains["dev"] & domains["test"]
