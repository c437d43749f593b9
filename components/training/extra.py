"""Entailment rows that are not in the data folder: public sets fetched by hand, and rows about word order made here.

``--extra FOLDER`` names a folder with any of the files of :data:`FILES`; what is not there is left out:

- ``semi_automatic_nli/``: nyu-mll/semi-automatic-nli, the Wikipedia parts of its training data (CC BY-SA 3.0 text);
- ``help/``: verypluming/HELP, conjunction and disjunction (CC BY-SA 4.0);
- ``syntactic_augmentation/``: Aatlantise/syntactic-augmentation-nli, inversions and passives (MIT; text of MultiNLI).

Rows whose premise or pair is in an evaluation set are dropped.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from components.training.data import read_rows
from components.training.entailment import NOT_ENTAILMENT, Pair

SEMI = ("base_wiki", "sim_wiki", "translate_wiki")
HELP = ("leskexppmb_and", "leskexppmb_or")
AUGMENTED = {
    "inv_trsf_large": NOT_ENTAILMENT,
    "pass_trsf_neg_large": NOT_ENTAILMENT,
    "pass_trsf_pos_large": "entailment",
}
"""Their "neutral" may as well be a contradiction (it was a two-way task), so it counts as not entailment only."""
EVALUATION = (
    "lingnli/val", "cad/dev", "cad/test", "scone/test", "conjnli/dev", "med/test", "breaking_nli/test",
    "curriculum/val",
)  # fmt: skip
LETTERS = {"e": "entailment", "n": "neutral", "c": "contradiction"}


def plain(text: str) -> str:
    """Lower case, letters and digits only: for comparing texts."""
    return " ".join(re.findall(r"\w+", text.lower()))


def evaluation_texts(data: Path) -> set[str]:
    """All premises and hypotheses of the evaluation sets, as :func:`plain` gives them."""
    rows = (row for name in EVALUATION for row in read_rows(data / f"{name}.jsonl.gz"))
    return {plain(row[part]) for row in rows for part in ("premise", "hypothesis")}


def without_evaluation(pairs: Sequence[Pair], seen: set[str]) -> list[Pair]:
    """The pairs whose premise is no text of an evaluation set; short texts ("He is here.") may be."""
    return [p for p in pairs if len(p.premise.split()) < 4 or plain(p.premise) not in seen]


def _semi(folder: Path) -> Iterator[Pair]:
    for name in SEMI:
        path = folder / "semi_automatic_nli" / f"{name}.jsonl"
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                yield Pair(row["premise"], row["hypothesis"], LETTERS[row["label"]], "semi", name)


def _tab_rows(path: Path) -> Iterator[list[str]]:
    if path.exists():
        with path.open(encoding="utf-8", newline="") as lines:
            yield from csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _help(folder: Path) -> Iterator[Pair]:
    for name in HELP:
        for row in _tab_rows(folder / "help" / f"{name}.tsv"):
            if row[4] in ("entailment", "neutral"):
                yield Pair(row[8], row[9], row[4], "help", row[3])


def _augmented(folder: Path) -> Iterator[Pair]:
    for name, label in AUGMENTED.items():
        for row in _tab_rows(folder / "syntactic_augmentation" / f"{name}.tsv"):
            yield Pair(row[8].strip(), row[9].strip(), label, "augmented", name)


def read_extra(folder: Path, data: Path) -> dict[str, list[Pair]]:
    """The rows of ``folder`` by source, without those that an evaluation set knows."""
    seen = evaluation_texts(data)
    sources = {"semi": _semi(folder), "help": _help(folder), "augmented": _augmented(folder)}
    return {name: kept for name, rows in sources.items() if (kept := without_evaluation(list(rows), seen))}
