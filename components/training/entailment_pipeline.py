"""The entailment model from data to weights: a larger teacher learns the labelled rows, the small model from both.

Only :func:`prepare` reads texts; the rest can run on another machine with the work folder.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from components.training.device import score_pairs
from components.training.entailment import LABELS, Pair, read_pairs, training_pairs
from components.training.models import freeze_words, fresh_model
from components.training.nli import WINDOW, PairTask
from components.training.nli_corpus import SIBLINGS, SWAPPED, PairTable, pair_table, unlabelled
from components.training.teacher import backbone_path
from components.training.texts import BERT, MPNET, Marks, OnDevice
from components.training.trainer import Callback, Trainer, TrainingConfig, half_copy, pick_device
from components.training.word_order import word_order_pairs

SEED = 13
UNLABELLED = 45_000
TEACHER_MIX = {
    "lingnli": 0.52, "cad": 0.14, "conjnli": 0.05, "fever": 0.05, "three_way": 0.06, "scone": 0.04, "two_way": 0.06,
    "semi": 0.04, "help": 0.01, "augmented": 0.01, "word_order": 0.02,
}  # fmt: skip
STUDENT_MIX = {
    "lingnli": 0.40, "cad": 0.13, "conjnli": 0.04, "fever": 0.04, "three_way": 0.05, "scone": 0.04, "two_way": 0.06,
    "semi": 0.04, "help": 0.01, "augmented": 0.01, "word_order": 0.02, SWAPPED: 0.06, SIBLINGS: 0.10,
}  # fmt: skip


@dataclass(frozen=True)
class Phase:
    """One model's training."""

    name: str
    config: TrainingConfig
    mix: dict[str, float]
    rows: int
    marks: Marks = BERT


def default_phases() -> tuple[Phase, Phase]:
    """Teacher and student. Both are at their best on LingNLI val early; the card says what the shipped weights had."""
    return (
        Phase("teacher", TrainingConfig(800, 6e-5, seed=SEED, check_every=200), TEACHER_MIX, 192, MPNET),
        Phase("student", TrainingConfig(1800, 1.8e-4, seed=SEED, check_every=300), STUDENT_MIX, 512),
    )


def all_pairs(data: Path, extra: Path | None) -> dict[str, list[Pair]]:
    """The rows of the data folder, those about word order, those of the folder ``extra``, and the unlabelled ones."""
    from components.training.extra import read_extra

    found = read_extra(extra, data) if extra else {}
    sets = {**training_pairs(data), "word_order": word_order_pairs(), **found}
    free = unlabelled([*sets["lingnli"], *sets["cad"]], UNLABELLED, SEED)
    for name in (SWAPPED, SIBLINGS):
        sets[name] = [p for p in free if p.source == name]
    return sets


def prepare(data: Path, work: Path, extra: Path | None = None, share: float = 1.0) -> None:
    """Write the pairs and the watched sets as token ids."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(backbone_path()))
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "pairs.npz").exists():
        rng = np.random.default_rng(SEED)
        whole = all_pairs(data, extra)
        kept = {name: [p for p in rows if share >= 1 or rng.random() < share] for name, rows in whole.items()}
        pair_table(tokenizer, kept).save(work / "pairs.npz")
    if not (work / "pairs_watched.npz").exists():
        watched = {
            "lingnli": read_pairs(data / "lingnli/val.jsonl.gz", "lingnli")[::2],
            "cad_dev": read_pairs(data / "cad/dev.jsonl.gz", "cad"),
            "conjnli": read_pairs(data / "conjnli/dev.jsonl.gz", "conjnli"),
        }
        pair_table(tokenizer, watched).save(work / "pairs_watched.npz")


def table_logits(network: nn.Module, table: PairTable, device: torch.device, marks: Marks = BERT) -> np.ndarray:
    """Logits of all pairs of a table, float32 (pairs, 3)."""
    texts = OnDevice(table.texts, device)
    return score_pairs(network, texts, texts, table.left, table.right, WINDOW, marks)


def watcher(work: Path, log: Path, device: torch.device, marks: Marks) -> Callback:
    """A callback that measures a part of LingNLI val, CAD dev and ConjNLI dev and appends a line to ``log``."""
    table = PairTable.load(work / "pairs_watched.npz")
    begun = time.monotonic()

    def watch(step: int, network: nn.Module, loss: float) -> None:
        right = table_logits(network, table, device, marks).argmax(1) == table.label
        line: dict[str, Any] = {"step": step, "loss": round(loss, 4)}
        line |= {n: round(float(right[table.source == i].mean()), 4) for i, n in enumerate(table.sources)}
        line["seconds"] = round(time.monotonic() - begun)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as out:
            out.write(json.dumps(line) + "\n")
        print(log.stem, json.dumps(line), flush=True)

    return watch


def train_phase(
    phase: Phase, work: Path, table: PairTable, start: Path | None = None, teacher: np.ndarray | None = None
) -> Path:
    """Run one phase (or go on with it) and save its averaged weights; returns their folder.

    start: a model to begin with (the backbone when None); teacher: logits (pairs, 3) for every pair.
    """
    out = work / "entailment" / phase.name
    if (out / "config.json").exists():
        return out
    device = pick_device()
    model = fresh_model(len(LABELS), start)
    freeze_words(model)
    task = PairTask(table, phase.mix, device, (SEED, len(phase.name)), phase.rows, teacher, phase.marks)
    trainer = Trainer(model, task, phase.config, out.with_name(f"{phase.name}.pt"))
    model = trainer.run(watcher(work, out.with_name(f"{phase.name}.log"), device, phase.marks))
    model.save_pretrained(str(out))  # type: ignore[operator]
    return out


def teacher_logits(work: Path, table: PairTable, teacher: Path) -> np.ndarray:
    """What the trained larger model says of every pair, computed on first use; float16 (pairs, 3)."""
    path = work / "pairs_teacher.npy"
    if not path.exists():
        device = pick_device()
        network = half_copy(fresh_model(len(LABELS), teacher)).eval()
        np.save(path, table_logits(network, table, device, MPNET).astype(np.float16))
    return np.load(path)
