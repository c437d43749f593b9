"""The relevance model from data to weights: pool, teacher, stages. Every finished step is kept in the work folder
and not done again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from torch import nn
from transformers import AutoTokenizer

from components.training import contrast, heldout
from components.training.data import Pool, build_pool
from components.training.export import average
from components.training.mining import Mined, mine
from components.training.models import freeze_words, fresh_model
from components.training.relevance import GroupTask, Sampler, Weights
from components.training.sampling import ContrastSampler, MixedSampler, PoolSampler
from components.training.scoring import score
from components.training.teacher import backbone_path, encode
from components.training.trainer import Trainer, TrainingConfig

SEED = 13
WORKERS = 2
TOPIC_MIX = {
    "nq": 0.35, "sections": 0.25, "squad": 0.10, "squad_sentences": 0.06, "boolq": 0.11, "medquad": 0.07,
    "pubmedqa": 0.02, "covidqa": 0.02, "multihop": 0.02,
}  # fmt: skip
ANSWER_MIX = {
    "nq": 0.46, "squad": 0.13, "squad_sentences": 0.11, "sections": 0.12, "boolq": 0.08, "medquad": 0.03,
    "pubmedqa": 0.02, "covidqa": 0.03, "multihop": 0.02,
}  # fmt: skip
WATCH_EVERY = 2  # every second DL21 query is watched in training
TEACHER_LENGTH = 128  # tokens of a passage the teachers read


@dataclass(frozen=True)
class Stage:
    """One stage: what is drawn, how losses weigh, how long."""

    name: str
    config: TrainingConfig
    weights: Weights
    mix: dict[str, float]
    near_misses: float = 0.0  # share of pool groups with a rule-made near miss
    contrast: float = 0.0  # share of our contrast groups among all groups
    groups: int = 8  # groups a step
    gold: bool = True  # False: pool groups teach by the teacher alone, only contrast groups by their answer
    start: str = ""  # stage to start from, or two with a plus between for their mean; the backbone when empty
    max_length: int = 160


def default_stages() -> list[Stage]:
    """The stages as shipped; steps are of 8 groups of 8 pairs."""
    return [
        Stage(
            "topic",
            TrainingConfig(800, 1e-4, final=0.5, seed=SEED, check_every=400, workers=WORKERS),
            Weights(1.0, 0.0, 0.0),
            TOPIC_MIX,
        ),
        Stage(
            "answer",
            TrainingConfig(1000, 8e-5, final=0.4, seed=SEED, check_every=500, workers=WORKERS),
            Weights(0.5, 0.5, 0.1),
            ANSWER_MIX,
            near_misses=0.2,
            contrast=0.25,
            start="topic",
            max_length=128,
        ),
    ]


@dataclass
class Bench:
    """A working folder and what is in it."""

    data: Path
    work: Path
    teacher: Path | None
    share: float = 1.0
    notes: list[str] = field(default_factory=list)

    def pool(self) -> Pool:
        """The pool, built on first use."""
        path = self.work / "pool.json"
        if not path.exists():
            self.work.mkdir(parents=True, exist_ok=True)
            build_pool(self.data, SEED, self.share).save(path)
        return Pool.load(path)

    def mined(self, pool: Pool) -> Mined:
        """Negatives and teacher scores, computed on first use."""
        path = self.work / "mined.npz"
        if not path.exists():
            vectors = {}
            for name, folder in (("minilm", backbone_path()), ("mpnet", self.teacher or backbone_path())):
                keep = self.work / "vectors"
                passages = encode(folder, pool.passages, TEACHER_LENGTH, keep / f"{name}-passages")
                queries = encode(folder, [e.query for e in pool.examples], 64, keep / f"{name}-queries")
                vectors[name] = (queries, passages)
            mine(pool, vectors, SEED).save(path)
        return Mined.load(path)


def make_sampler(stage: Stage, pool: Pool, mined: Mined, groups: Sequence[contrast.ContrastGroup]) -> Sampler:
    """The stage's draw: pool groups, with contrast groups mixed in where the stage has them."""
    plain = PoolSampler(pool, mined, stage.mix, stage.near_misses, gold=stage.gold)
    if not stage.contrast:
        return plain
    return MixedSampler([(1.0 - stage.contrast, plain), (stage.contrast, ContrastSampler(groups))])


def watcher(data: Path, tokenizer: object, groups: Sequence[contrast.ContrastGroup], log: Path) -> Callable:
    """A callback that measures DL21, SelQA dev and contrast dev and appends a line to ``log``."""
    dl21, selqa = heldout.trec_dl(data, "dl21")[::WATCH_EVERY], heldout.selqa(data, "dev")[:200]
    begun = time.monotonic()

    def watch(step: int, model: nn.Module, loss: float) -> None:
        line: dict[str, float] = {"step": step, "loss": round(loss, 4)}
        for name, questions, measure in (("dl21", dl21, "nDCG@10"), ("selqa", selqa, "RR")):
            left, right, cuts = heldout.flat_pairs(questions)
            scores = np.split(score(model, tokenizer, left, right, 192, WORKERS)[:, 0], cuts)
            line[name] = round(float(heldout.per_query(questions, scores, measure).mean()), 4)
        line["contrast"] = round(contrast_accuracy(model, tokenizer, groups), 4) if groups else 0.0
        line["seconds"] = round(time.monotonic() - begun)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as out:
            out.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)

    return watch


def contrast_accuracy(model: nn.Module, tokenizer: object, groups: Sequence[contrast.ContrastGroup]) -> float:
    """Share of groups whose answer has the strictly highest logit."""
    left = [g.query for g in groups for _ in g.passages]
    right = [p for g in groups for p in g.passages]
    scores = score(model, tokenizer, left, right, workers=WORKERS)[:, 0].reshape(len(groups), -1)
    return float((scores[:, 0] > scores[:, 1:].max(1)).mean())


def starting_model(stage: Stage, folder: Path) -> nn.Module:
    """The model a stage begins with: the backbone, an earlier stage, or the mean of several."""
    if not stage.start:
        return fresh_model(1)
    parts = [folder / name for name in stage.start.split("+")]
    model = fresh_model(1, parts[0])
    model.load_state_dict(average(parts, [1.0] * len(parts)))
    return model


def train_stage(
    stage: Stage,
    bench: Bench,
    train_groups: Sequence[contrast.ContrastGroup] = (),
    dev_groups: Sequence[contrast.ContrastGroup] = (),
) -> Path:
    """Run one stage (or go on with it) and save its averaged weights; returns their folder."""
    out = bench.work / "relevance" / stage.name
    if (out / "config.json").exists():
        return out
    pool = bench.pool()
    mined = bench.mined(pool)
    tokenizer = AutoTokenizer.from_pretrained(str(backbone_path()))
    model = starting_model(stage, bench.work / "relevance")
    if stage.start:
        freeze_words(model)
    sampler = make_sampler(stage, pool, mined, train_groups)
    task = GroupTask(sampler, tokenizer, stage.weights, (SEED, len(stage.name)), stage.groups, stage.max_length)
    trainer = Trainer(model, task, stage.config, out.with_name(f"{stage.name}.pt"))
    model = trainer.run(watcher(bench.data, tokenizer, dev_groups, out.with_name(f"{stage.name}.log")))
    model.save_pretrained(str(out))  # type: ignore[operator]
    tokenizer.save_pretrained(str(out))
    return out
