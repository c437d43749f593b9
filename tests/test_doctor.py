"""The doctor says what is there, and finds what is wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from components import doctor, settings

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder with small whole weights."""
    made = tmp_path / "small"
    made.mkdir()
    (made / "config.json").write_text(json.dumps({"id2label": {"0": "entailment", "1": "neutral"}}))
    save_file({"a": np.ones((3, 4), np.float32), "b": np.zeros(5, np.float16)}, made / "model.safetensors")
    return made


def test_whole_weights_are_whole(folder):
    line = doctor.weights(folder)
    assert line.problem == ""
    assert "whole" in line.found
    assert "2 outputs: entailment, neutral" in line.found


@pytest.mark.parametrize("change", ["cut", "grown", "header", "empty"])
def test_damaged_weights_are_found(folder, change):
    path = folder / "model.safetensors"
    content = path.read_bytes()
    path.write_bytes(
        {"cut": content[:-1], "grown": content + b"x", "header": b"\xff" * 8 + content[8:], "empty": b""}[change]
    )
    assert "clone the repository again" in doctor.weights(folder).problem


def test_a_pointer_in_place_of_weights_is_named(folder):
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    assert "git lfs pull" in doctor.weights(folder).problem


def test_missing_weights_are_found(folder):
    (folder / "model.safetensors").unlink()
    assert "missing" in doctor.weights(folder).problem


def test_a_bi_encoder_that_is_not_the_published_one_is_found(tmp_path, monkeypatch):
    published = doctor.registry.packaged_bi_encoder()
    assert published is not None
    assert doctor.bi_encoder().problem == ""
    copy = tmp_path / "model"
    shutil.copytree(published, copy)
    (copy / "config.json").write_text("{}")
    monkeypatch.setattr(doctor.registry, "packaged_bi_encoder", lambda: copy)
    assert "config.json" in doctor.bi_encoder().problem
    monkeypatch.setattr(doctor.registry, "packaged_bi_encoder", lambda: None)
    assert "install requirements.txt" in doctor.bi_encoder().problem


def test_little_memory_is_a_problem(monkeypatch):
    assert doctor.memory().problem == ""
    monkeypatch.setattr(doctor, "ENOUGH_MEMORY", 10**6)
    assert "GiB of memory are left" in doctor.memory().problem


def test_the_rate_is_operations_over_time(monkeypatch):
    ticks = iter(range(100))
    monkeypatch.setattr(doctor.time, "perf_counter", lambda: float(next(ticks)))
    assert doctor.gigaflops("float32") == pytest.approx(2 * doctor.MATRIX**3 / 1e9)


def test_the_command_names_no_path_and_ends_well():
    done = subprocess.run(
        [sys.executable, "-m", "components.doctor"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("No problem found.")
    assert "float32" in done.stdout
    assert "relevance" in done.stdout
    assert str(ROOT) not in done.stdout
    assert str(Path.home()) not in done.stdout


def test_a_problem_is_the_exit_code(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(settings, "models_folder", lambda: tmp_path)
    assert doctor.main() == 1
    assert "PROBLEM: relevance: model.safetensors is missing" in capsys.readouterr().out
