"""Entailment rows beside the data folder: files fetched by hand, and rows about word order made by rule."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from components.training.extra import EVALUATION, plain, read_extra
from components.training.word_order import FRAMES, word_order_pairs


def evaluation_folder(folder: Path, premise: str) -> Path:
    for name in EVALUATION:
        path = folder / f"{name}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(path, "wt") as out:
            out.write(json.dumps({"premise": premise, "hypothesis": "Nobody sings at all here."}) + "\n")
    return folder


def test_an_empty_folder_gives_no_rows(tmp_path: Path) -> None:
    assert read_extra(tmp_path / "extra", evaluation_folder(tmp_path / "data", "A premise of the test set.")) == {}


def test_rows_are_read_and_those_of_an_evaluation_set_dropped(tmp_path: Path) -> None:
    data = evaluation_folder(tmp_path / "data", "The old bridge, it was closed in May!")
    semi = tmp_path / "extra" / "semi_automatic_nli"
    semi.mkdir(parents=True)
    rows = [
        {"premise": "the old bridge it was closed in may", "hypothesis": "A bridge was closed.", "label": "e"},
        {"premise": "The new bridge was opened in June.", "hypothesis": "A bridge was closed.", "label": "n"},
    ]
    (semi / "base_wiki.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    helped = tmp_path / "extra" / "help"
    helped.mkdir()
    line = [
        "0",
        "f",
        "and",
        "conjunction",
        "entailment",
        "",
        "",
        "",
        'I bought eggs and "some" milk .',
        "I bought eggs .",
    ]
    (helped / "leskexppmb_and.tsv").write_text("\tfilename\n".replace("\t", "\t" * 9) + "\t".join(line) + "\n")
    found = read_extra(tmp_path / "extra", data)
    assert [(p.hypothesis, p.label) for p in found["semi"]] == [("A bridge was closed.", "neutral")]
    assert [(p.premise, p.label, p.phenomenon) for p in found["help"]] == [(line[8], "entailment", "conjunction")]


def test_word_order_rows_are_seeded_and_know_both_answers_for_the_same_words() -> None:
    pairs = word_order_pairs(400)
    assert pairs == word_order_pairs(400) != word_order_pairs(400, seed=14)
    for name, _ in FRAMES:
        labels = [p.label == "entailment" for p in pairs if p.phenomenon == name]
        assert 0.3 < sum(labels) / len(labels) < 0.6, name
    swapped = [p for p in pairs if sorted(plain(p.premise).split()) == sorted(plain(p.hypothesis).split())]
    assert {p.label == "entailment" for p in swapped if p.premise != p.hypothesis} == {True, False}


def test_one_premise_of_an_order_never_gets_two_labels() -> None:
    seen: dict[tuple[str, str], str] = {}
    for pair in word_order_pairs(8000):
        assert seen.setdefault((pair.premise, pair.hypothesis), pair.label) == pair.label, pair
