"""The two training commands from end to end: all stages, averaging, calibration, export, card."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from components.training import entailment_pipeline, pipeline
from components.training.calibrate import calibrate
from components.training.card import write_card
from components.training.corpus import Corpus
from components.training.entailment import LABELS
from components.training.export import export, fold
from components.training.nli_corpus import PairTable
from components.training.trainer import TrainingConfig

QUICK_STEPS = 6
QUICK_SHARE = 0.002
RELEVANCE_PARTS = {"answer": 1.0}
"""Stages whose weights are averaged into the relevance model that the command writes, with their shares."""
FURTHER_PARTS = {"nearmiss": 0.8, pipeline.GIVEN: 0.2}
"""The same where a finished model is taken further."""
ENTAILMENT_PARTS = {"student": 1.0}
"""The same for the entailment model."""


def _short(config: TrainingConfig) -> TrainingConfig:
    return replace(config, steps=QUICK_STEPS, check_every=QUICK_STEPS)


def relevance(
    data: Path, work: Path, teacher: Path | None, out: Path, quick: bool = False, given: Path | None = None
) -> None:
    """Train the relevance model and write its folder to ``out``; finished stages in ``work`` are not trained again.

    ``given``: the folder of a finished model to take further in the stages for a processor, else all is trained anew.
    """
    share = pipeline.FURTHER_SHARE if given else 1.0
    pipeline.prepare(data, work, QUICK_SHARE if quick else share)
    corpus = Corpus.load(work / "corpus.npz")
    mined = pipeline.mined(work, corpus, teacher)
    for stage in pipeline.further_stages() if given else pipeline.default_stages():
        chosen = replace(stage, config=_short(stage.config), groups=4) if quick else stage
        pipeline.train_stage(chosen, work, corpus, mined, given)
    model = pipeline.mean_of(FURTHER_PARTS if given else RELEVANCE_PARTS, work / "relevance", given).eval()
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
    model = pipeline.mean_of(ENTAILMENT_PARTS, work / "entailment", labels=len(LABELS)).eval()
    export(model, out, LABELS)
    write_card(out, "entailment")
