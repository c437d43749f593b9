"""The two training commands from end to end: all stages, averaging, calibration, export, card."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import torch

from components.training import entailment_pipeline, pipeline
from components.training.calibrate import calibrate
from components.training.card import write_card
from components.training.corpus import Corpus
from components.training.entailment import LABELS
from components.training.export import average, export, fold
from components.training.models import fresh_model
from components.training.nli_corpus import PairTable
from components.training.trainer import TrainingConfig

QUICK_STEPS = 6
QUICK_SHARE = 0.002
RELEVANCE_PARTS = {"answer": 1.0}
"""Stages whose weights are averaged into the relevance model that the command writes, with their shares."""
ENTAILMENT_PARTS = {"student": 1.0}
"""The same for the entailment model."""


def _short(config: TrainingConfig) -> TrainingConfig:
    return replace(config, steps=QUICK_STEPS, check_every=QUICK_STEPS)


def _averaged(folder: Path, parts: dict[str, float], labels: int) -> torch.nn.Module:
    model = fresh_model(labels, folder / next(iter(parts)))
    model.load_state_dict(average([folder / name for name in parts], list(parts.values())))
    return model.eval()


def relevance(data: Path, work: Path, teacher: Path | None, out: Path, quick: bool = False) -> None:
    """Train the relevance model and write its folder to ``out``; finished stages in ``work`` are not trained again."""
    pipeline.prepare(data, work, QUICK_SHARE if quick else 1.0)
    corpus = Corpus.load(work / "corpus.npz")
    mined = pipeline.mined(work, corpus, teacher)
    for stage in pipeline.default_stages():
        chosen = replace(stage, config=_short(stage.config), groups=4) if quick else stage
        pipeline.train_stage(chosen, work, corpus, mined)
    model = _averaged(work / "relevance", RELEVANCE_PARTS, 1)
    platt, report = calibrate(model, corpus, mined)
    fold(model, platt.scale, platt.offset)
    export(model, out, ["relevance"])
    (out / "evaluation.json").write_text(json.dumps({"calibration": report}, indent=1) + "\n", encoding="utf-8")
    write_card(out, "relevance")


def entailment(
    data: Path, work: Path, out: Path, quick: bool = False, extra: Path | None = None, teacher: Path | None = None
) -> None:
    """Train the entailment model and write its folder to ``out``.

    ``extra`` is a folder of further rows, ``teacher`` the folder of all-mpnet-base-v2; neither is needed.
    """
    entailment_pipeline.prepare(data, work, extra, QUICK_SHARE if quick else 1.0)
    table = PairTable.load(work / "pairs.npz")
    large, small = entailment_pipeline.default_phases()
    if quick:
        large, small = (replace(p, config=_short(p.config), rows=16) for p in (large, small))
    judged = None
    if teacher:
        trained = entailment_pipeline.train_phase(large, work, table, teacher)
        judged = entailment_pipeline.teacher_logits(work, table, trained)
    entailment_pipeline.train_phase(small, work, table, None, judged)
    export(_averaged(work / "entailment", ENTAILMENT_PARTS, len(LABELS)), out, LABELS)
    write_card(out, "entailment")
