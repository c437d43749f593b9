"""The two training commands from end to end: all stages, averaging, calibration, export, card."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import torch
from transformers import AutoTokenizer

from components.training import contrast, entailment_pipeline, pipeline
from components.training.calibrate import calibrate
from components.training.card import write_card
from components.training.entailment import LABELS
from components.training.export import average, export, fold
from components.training.models import fresh_model
from components.training.teacher import backbone_path
from components.training.trainer import TrainingConfig

QUICK_STEPS = 6
RELEVANCE_PARTS = {"topic": 1.0, "answer": 8.0}
"""Stages whose weights are averaged into the shipped relevance model, with their shares."""
ENTAILMENT_PARTS = {"last_a": 1.0, "last_b": 1.0, "last_c": 1.0}
"""The same for the entailment model: three ends of one beginning, with other batches."""


def _short(config: TrainingConfig) -> TrainingConfig:
    return replace(config, steps=QUICK_STEPS, check_every=QUICK_STEPS)


def _averaged(folder: Path, parts: dict[str, float], labels: int) -> torch.nn.Module:
    model = fresh_model(labels, folder / next(iter(parts)))
    model.load_state_dict(average([folder / name for name in parts], list(parts.values())))
    return model.eval()


def relevance(data: Path, work: Path, teacher: Path | None, out: Path, quick: bool = False) -> None:
    """Train the relevance model and write its folder to ``out``; finished stages in ``work`` are not trained again."""
    bench = pipeline.Bench(data, work, teacher, share=0.02 if quick else 1.0)
    train, dev = contrast.load_part("train"), contrast.load_part("dev")
    for stage in pipeline.default_stages():
        chosen = replace(stage, config=_short(stage.config)) if quick else stage
        pipeline.train_stage(chosen, bench, train, dev)
    model = _averaged(work / "relevance", RELEVANCE_PARTS, 1)
    pool = bench.pool()
    tokenizer = AutoTokenizer.from_pretrained(str(backbone_path()))
    platt, report = calibrate(model, tokenizer, pool, bench.mined(pool))
    fold(model, platt.scale, platt.offset)
    export(model, out, ["relevance"])
    (out / "evaluation.json").write_text(json.dumps({"calibration": report}, indent=1) + "\n", encoding="utf-8")
    write_card(out, "relevance")


def entailment(data: Path, work: Path, out: Path, quick: bool = False, extra: Path | None = None) -> None:
    """Train the entailment model and write its folder to ``out``.

    It begins with the relevance model's answer stage where ``work`` holds one, else with the backbone. ``extra`` is a
    folder of further rows; it is not needed.
    """
    begun = work / "relevance" / "answer"
    start = begun if (begun / "config.json").exists() else None
    for phase in entailment_pipeline.default_phases():
        chosen = replace(phase, config=_short(phase.config)) if quick else phase
        entailment_pipeline.train_phase(chosen, data, work, start, extra)
    export(_averaged(work / "entailment", ENTAILMENT_PARTS, len(LABELS)), out, LABELS)
    write_card(out, "entailment")
