"""The relevance model from data to weights: corpus, teacher, stages. Every finished step is kept in the work folder and
not done again; only the first needs the texts, so the others can run on another machine with that folder."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from components.training import heldout
from components.training.corpus import FORMS, Corpus, build_corpus
from components.training.device import vectors
from components.training.export import average
from components.training.mining import Mined, Vectors, mine
from components.training.models import freeze_words, fresh_model, model_type, network_of
from components.training.relevance import GroupTask, Weights
from components.training.sampling import Sampler
from components.training.teacher import backbone_path
from components.training.texts import BERT, MPNET, OnDevice, Window
from components.training.trainer import Callback, Trainer, TrainingConfig, pick_device
from components.training.watching import load_sets, measure, save_sets, watched

SEED = 13
GIVEN = "the model given"
FURTHER_SHARE = 0.45  # of every source's queries and passages, where cores are few
TEACHER_LENGTH = 160  # tokens of a passage the teachers read
TOPIC_MIX = {
    "nq": 0.20, "pseudo": 0.30, "sections": 0.12, "squad": 0.10, "squad_sentences": 0.06, "boolq": 0.07,
    "medquad": 0.04, "contrast": 0.06, "pubmedqa": 0.01, "covidqa": 0.01, "multihop": 0.01, "lexical": 0.02,
}  # fmt: skip
ANSWER_MIX = {
    "nq": 0.30, "pseudo": 0.12, "sections": 0.08, "squad": 0.14, "squad_sentences": 0.08, "boolq": 0.06,
    "medquad": 0.02, "contrast": 0.13, "pubmedqa": 0.01, "covidqa": 0.02, "multihop": 0.01, "lexical": 0.03,
}  # fmt: skip
NEAR_MISS_MIX = {
    "nq": 0.18, "pseudo": 0.14, "sections": 0.08, "squad": 0.08, "squad_sentences": 0.04, "boolq": 0.03,
    "medquad": 0.01, "contrast": 0.40, "covidqa": 0.01, "multihop": 0.01, "lexical": 0.02,
}  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """One stage: what is drawn, how losses weigh, how long."""

    name: str
    config: TrainingConfig
    weights: Weights
    mix: dict[str, float]
    near_misses: float = 0.0  # share of pool groups with a rule-made near miss
    labels: bool = True  # False: pool groups teach by the teacher alone, only contrast and name groups by their answer
    groups: int = 64
    start: Mapping[str, float] = field(default_factory=dict)  # see ``mean_of``; the backbone when empty
    window: Window = field(default_factory=Window)


def default_stages() -> list[Stage]:
    """The stages for a GPU; a step is 64 groups of 16 pairs."""
    return [
        Stage(
            "topic",
            TrainingConfig(1500, 2.5e-4, final=0.6, seed=SEED, check_every=500),
            Weights(1.0, 0.2, 0.0),
            TOPIC_MIX,
            labels=False,
        ),
        Stage(
            "answer",
            TrainingConfig(2500, 1.5e-4, warmup=0.02, seed=SEED, check_every=500),
            Weights(0.5, 0.5, 0.05),
            ANSWER_MIX,
            near_misses=0.5,
            start={"topic": 1.0},
        ),
    ]


def further_stages() -> list[Stage]:
    """The stages that take a finished model further on a few processor cores; a step is 8 groups of 16 pairs.

    What it has learnt about answering wears off while it learns topics, so that each stage starts part of the way back.
    The shipped weights come from these.
    """

    def config(steps: int, rate: float, final: float = 0.0) -> TrainingConfig:
        return TrainingConfig(steps, rate, warmup=0.04, final=final, seed=SEED, ema=0.998, check_every=200, workers=2)

    few: dict[str, Any] = {"groups": 8, "window": Window(96, 32)}
    labelled: dict[str, Any] = {**few, "weights": Weights(0.6, 0.45, 0.05), "near_misses": 0.5}
    return [
        Stage(
            "topic",
            config(900, 1.2e-4, final=0.5),
            Weights(1.0, 0.2, 0.0),
            TOPIC_MIX,
            labels=False,
            start={GIVEN: 1.0},
            **few,
        ),
        Stage("answer", config(1200, 8e-5), mix=ANSWER_MIX, start={"topic": 0.5, GIVEN: 0.5}, **labelled),
        Stage("nearmiss", config(520, 7e-5), mix=NEAR_MISS_MIX, start={"answer": 0.7, GIVEN: 0.3}, **labelled),
    ]


def prepare(data: Path, work: Path, share: float = 1.0) -> None:
    """Write the corpus and the watched sets as token ids; the only step that reads texts."""
    from transformers import AutoTokenizer

    from components.training.evaluate import contrast_questions

    tokenizer = AutoTokenizer.from_pretrained(str(backbone_path()))
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "corpus.npz").exists():
        build_corpus(data, tokenizer, share).save(work / "corpus.npz")
    if not (work / "watched.npz").exists():
        sets = {
            "dl21": watched(tokenizer, heldout.trec_dl(data, "dl21"), "nDCG@10"),
            "selqa": watched(tokenizer, heldout.selqa(data, "dev")[:300], "RR"),
            "contrast": watched(tokenizer, contrast_questions("dev"), "first"),
        }
        save_sets(work / "watched.npz", sets)


def teacher_vectors(corpus: Corpus, teacher: Path | None, device: torch.device) -> Vectors:
    """Vectors of queries and pool passages by the two bi-encoders; all-MiniLM-L6-v2 twice when no teacher is given."""
    queries = OnDevice(corpus.queries.take(range(0, len(corpus.queries), FORMS)), device)
    passages = OnDevice(corpus.passages.take(range(corpus.pool)), device)
    out: Vectors = {}
    for name, folder in (("minilm", backbone_path()), ("mpnet", teacher or backbone_path())):
        network = network_of(folder, device)
        marks = MPNET if model_type(folder) == "mpnet" else BERT
        out[name] = (
            vectors(network, queries, 64, marks),
            vectors(network, passages, TEACHER_LENGTH, marks),
        )
    return out


def mined(work: Path, corpus: Corpus, teacher: Path | None) -> Mined:
    """Negatives and teacher scores, computed on first use."""
    path = work / "mined.npz"
    if not path.exists():
        device = pick_device()
        mine(corpus, teacher_vectors(corpus, teacher, device), device, SEED).save(path)
    return Mined.load(path)


def watcher(work: Path, log: Path, device: torch.device) -> Callback:
    """A callback that measures DL21, SelQA dev and contrast dev and appends a line to ``log``."""
    sets = load_sets(work / "watched.npz")
    begun = time.monotonic()

    def watch(step: int, network: nn.Module, loss: float) -> None:
        line: dict[str, Any] = {"step": step, "loss": round(loss, 4)}
        line |= {name: round(measure(network, device, found), 4) for name, found in sets.items()}
        line["seconds"] = round(time.monotonic() - begun)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as out:
            out.write(json.dumps(line) + "\n")
        print(log.stem, json.dumps(line), flush=True)

    return watch


def mean_of(shares: Mapping[str, float], folder: Path, given: Path | None = None, labels: int = 1) -> nn.Module:
    """The mean of models by their shares: stages, whose weights lie in ``folder``, and GIVEN, a finished model.

    All have ``labels`` logits. Raises ``ValueError`` where the finished one is wanted and is None.
    """
    if given is None and GIVEN in shares:
        raise ValueError("these stages take a finished model further, and none is given")
    folders = [given if name == GIVEN and given else folder / name for name in shares]
    model = fresh_model(labels, folders[0])
    model.load_state_dict(average(folders, list(shares.values())))
    return model


def train_stage(stage: Stage, work: Path, corpus: Corpus, found: Mined, given: Path | None = None) -> Path:
    """Run one stage (or go on with it) and save its averaged weights; returns their folder."""
    out = work / "relevance" / stage.name
    if (out / "config.json").exists():
        return out
    device = pick_device()
    model = mean_of(stage.start, work / "relevance", given) if stage.start else fresh_model(1)
    freeze_words(model)
    sampler = Sampler(corpus, found, stage.mix, stage.near_misses, stage.labels)
    task = GroupTask(sampler, corpus, device, stage.weights, (SEED, len(stage.name)), stage.groups, stage.window)
    trainer = Trainer(model, task, stage.config, out.with_name(f"{stage.name}.pt"))
    model = trainer.run(watcher(work, out.with_name(f"{stage.name}.log"), device))
    model.save_pretrained(str(out))  # type: ignore[operator]
    return out
