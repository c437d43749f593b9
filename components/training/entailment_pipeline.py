"""The entailment model from data to weights: three classes first, then also two-way tasks and more minimal pairs."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import nn
from transformers import AutoTokenizer

from components.training.entailment import LABELS, EntailmentTask, Pair, read_pairs, training_pairs
from components.training.entailment_evaluate import correct, macro_f1
from components.training.extra import read_extra
from components.training.models import freeze_words, fresh_model
from components.training.scoring import score
from components.training.teacher import backbone_path
from components.training.trainer import Callback, Trainer, TrainingConfig
from components.training.word_order import word_order_pairs

SEED = 13
WORKERS = 1
BASE = {"lingnli": 0.52, "cad": 0.13, "conjnli": 0.10, "fever": 0.11, "three_way": 0.10, "scone": 0.04}
HARD = {"lingnli": 0.52, "cad": 0.18, "scone": 0.05, "conjnli": 0.06, "fever": 0.05, "three_way": 0.06, "two_way": 0.08}
LONG = {
    "lingnli": 0.55, "cad": 0.17, "conjnli": 0.05, "fever": 0.05, "three_way": 0.05, "scone": 0.03, "two_way": 0.02,
    "semi": 0.04, "help": 0.01, "augmented": 0.01, "word_order": 0.03,
}  # fmt: skip
SHORT_STEPS = (128, 64, 16)
"""Rows, tokens and chunk of the later phases: few pairs are longer, and a shorter window pads less."""


@dataclass(frozen=True)
class Phase:
    """One stage of the entailment training."""

    name: str
    config: TrainingConfig
    mix: dict[str, float]
    start: str = ""
    rows: int = 64  # pairs a step
    max_length: int = 96
    chunk: int = 32  # pairs a forward pass
    draws: tuple[int, ...] = ()  # seed of the batches; from the name when empty


def _config(steps: int, rate: float, final: float) -> TrainingConfig:
    return TrainingConfig(steps, rate, final=final, seed=SEED, check_every=(steps + 1) // 2, workers=WORKERS)


def default_phases() -> list[Phase]:
    """The phases as shipped."""
    return [
        Phase("base", _config(420, 1.2e-4, 0.6), BASE),
        Phase("hard", _config(600, 1e-4, 0.0), HARD, "base"),
        Phase("long", _config(385, 1e-4, 0.6), LONG, "hard", *SHORT_STEPS, draws=(18, 1)),
        *(
            Phase(f"last_{name}", _config(steps, rate, 0.0), LONG, "long", *SHORT_STEPS, draws=(seed, 1))
            for name, steps, rate, seed in (("a", 215, 6e-5, 18), ("b", 300, 8e-5, 29), ("c", 230, 7e-5, 37))
        ),
    ]


def watcher(data: Path, tokenizer: object, log: Path) -> Callback:
    """A callback that measures a part of LingNLI val, CAD dev and ConjNLI dev and appends a line to ``log``."""
    sets: dict[str, list[Pair]] = {
        "lingnli": read_pairs(data / "lingnli/val.jsonl.gz", "lingnli")[::5],
        "cad_dev": read_pairs(data / "cad/dev.jsonl.gz", "cad"),
        "conjnli": read_pairs(data / "conjnli/dev.jsonl.gz", "conjnli"),
    }
    begun = time.monotonic()

    def watch(step: int, model: nn.Module, loss: float) -> None:
        line: dict[str, float] = {"step": step, "loss": round(loss, 4)}
        for name, pairs in sets.items():
            logits = score(model, tokenizer, [p.premise for p in pairs], [p.hypothesis for p in pairs], 128, WORKERS)
            predicted = np.asarray(logits).argmax(1)
            line[name] = round(float(correct(predicted, pairs).mean()), 4)
            line[f"{name}_f1"] = round(macro_f1(predicted, pairs), 4)
        line["seconds"] = round(time.monotonic() - begun)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as out:
            out.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)

    return watch


def all_pairs(data: Path, extra: Path | None) -> dict[str, list[Pair]]:
    """The rows of the data folder, those about word order, and those of the folder ``extra`` if there is one."""
    found = read_extra(extra, data) if extra else {}
    return {**training_pairs(data), "word_order": word_order_pairs(), **found}


def train_phase(phase: Phase, data: Path, work: Path, start: Path | None = None, extra: Path | None = None) -> Path:
    """Run one phase (or go on with it) and save its averaged weights; returns their folder.

    start: a model to begin with when the phase names none (the relevance model, or the backbone when None).
    extra: folder of further rows, see :mod:`components.training.extra`.
    """
    out = work / "entailment" / phase.name
    if (out / "config.json").exists():
        return out
    tokenizer = AutoTokenizer.from_pretrained(str(backbone_path()))
    model = fresh_model(len(LABELS), work / "entailment" / phase.start if phase.start else start)
    freeze_words(model)
    draws = phase.draws or (SEED, len(phase.name))
    sets = all_pairs(data, extra)
    task = EntailmentTask(sets, phase.mix, tokenizer, draws, phase.rows, phase.max_length, chunk=phase.chunk)
    trainer = Trainer(model, task, phase.config, out.with_name(f"{phase.name}.pt"))
    model = trainer.run(watcher(data, tokenizer, out.with_name(f"{phase.name}.log")))
    model.save_pretrained(str(out))  # type: ignore[operator]
    tokenizer.save_pretrained(str(out))
    return out
