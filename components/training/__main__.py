"""Command line of the training room: ``python -m components.training train|evaluate``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

ASSETS = Path(__file__).parents[2] / "assets" / "models"


def parser() -> argparse.ArgumentParser:
    """The arguments of both commands."""
    top = argparse.ArgumentParser(prog="python -m components.training", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train a model and write its folder (resumes where it stopped)")
    train.add_argument("model", choices=("relevance", "entailment"))
    train.add_argument("--teacher", type=Path, help="folder of all-mpnet-base-v2; else without that teacher")
    train.add_argument("--further", type=Path, help="folder of a finished relevance model to train on, on a processor")
    train.add_argument("--extra", type=Path, help="folder of further entailment rows (components/training/extra.py)")
    train.add_argument("--out", type=Path, help="where the finished model goes (default: WORK/export/MODEL)")
    evaluate = commands.add_parser("evaluate", help="print and save the held-out figures of a model")
    evaluate.add_argument(
        "--model", type=Path, default=ASSETS / "relevance", help="model folder (default: %(default)s)"
    )
    evaluate.add_argument("--json", type=Path, help="where to save (default: evaluation.json beside the model)")
    evaluate.add_argument("--bfloat16", action="store_true", help="bfloat16 arithmetic (faster on some processors)")
    evaluate.add_argument("--workers", type=int, default=1, help="threads that share the pairs (default: %(default)s)")
    for command in (train, evaluate):
        data = os.environ.get("TRAINING_DATA", "data")
        command.add_argument(
            "--data", type=Path, default=Path(data), help="data folder, or TRAINING_DATA (%(default)s)"
        )
        command.add_argument("--work", type=Path, default=Path("work"), help="scratch folder (default: %(default)s)")
        command.add_argument("--threads", type=int, default=0, help="processor threads (default: torch's choice)")
        command.add_argument("--quick", action="store_true", help="a small part of everything, for rehearsals")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = parser().parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        return _train(options) if options.command == "train" else _evaluate(options)
    except FileNotFoundError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _train(options: argparse.Namespace) -> int:
    from components.training import finish

    out = options.out or options.work / "export" / options.model
    if options.model == "relevance":
        finish.relevance(options.data, options.work, options.teacher, out, options.quick, options.further)
    else:
        finish.entailment(options.data, options.work, out, options.quick, options.extra, options.teacher)
    print(f"saved to {out}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from components.training.card import update_tables
    from components.training.entailment_evaluate import evaluate_entailment
    from components.training.evaluate import Setup, evaluate

    config = options.model / "config.json"
    if not config.exists():
        raise FileNotFoundError(f"{config} is missing: name a trained model's folder with --model")
    labels = json.loads(config.read_text(encoding="utf-8")).get("id2label", {})
    measure = evaluate_entailment if len(labels) == 3 else evaluate
    setup = Setup(options.bfloat16, options.workers, options.work / "baselines")
    result = measure(options.model, options.data, options.quick, lambda line: print(line, flush=True), setup)
    path = options.json or options.model / "evaluation.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**known, **result}, indent=1) + "\n", encoding="utf-8")
    if not options.quick and (options.model / "README.md").exists():
        update_tables(options.model)
    print(f"saved to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
