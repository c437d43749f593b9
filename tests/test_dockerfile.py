"""The Dockerfile cannot be built without a network: what it copies is there, and what it promises stands in it."""

from __future__ import annotations

import ast
import fnmatch
import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINES = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
STEPS = [line.split(maxsplit=1) for line in LINES if line and not line.startswith("#")]
IGNORED = [
    line
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def steps(name: str) -> list[str]:
    return [rest for word, rest in STEPS if word == name]


def copied() -> list[str]:
    return [source for rest in steps("COPY") for source in rest.split()[:-1]]


def is_ignored(path: str) -> bool:
    return any(
        fnmatch.fnmatch(path, rule.removeprefix("**/")) or fnmatch.fnmatch(path, rule) or path.startswith(rule + "/")
        for rule in IGNORED
    )


def test_everything_that_is_copied_is_there_and_not_ignored():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    for source in copied():
        files = [path for path in tracked if path == source or path.startswith(source + "/")]
        assert files, f"{source} is not in the repository"
        assert any(not is_ignored(path) for path in files), f"{source} is ignored"


def test_everything_the_app_imports_and_reads_is_copied():
    assert {"app.py", "pages", "components", "assets", ".streamlit", "requirements.txt", "constraints.txt"} <= set(
        copied()
    )
    for part in ("models/relevance/model.safetensors", "models/entailment/model.safetensors", "examples", "stored"):
        assert not is_ignored(f"assets/{part}")
    kept = {Path(source).name for source in copied()}
    for path in (ROOT / "components").rglob("*.py"):
        if "training" in path.parts:
            continue  # reads assets/contrast, and is not run in the image
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and isinstance(node.left, ast.Name):
                if node.left.id == "ROOT":
                    assert node.right.value in kept, f"{path.name} reads {node.right.value}"
                if node.left.id == "ASSETS":
                    assert not is_ignored(f"assets/{node.right.value}"), f"{path.name} reads {node.right.value}"


def test_torch_is_the_cpu_build_of_the_pinned_version():
    pinned = re.search(r"^torch==(\S+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    (install,) = [rest for rest in steps("RUN") if "pip install" in rest]
    assert f"torch=={pinned.group(1)} --index-url https://download.pytorch.org/whl/cpu" in install
    assert "-c constraints.txt" in install


def test_it_runs_as_somebody_else_than_root_and_is_checked():
    words = [word for word, _ in STEPS]
    assert steps("USER") == ["lab"]
    assert words.index("USER") < words.index("CMD")
    assert words.index("USER") > max(place for place, word in enumerate(words) if word in ("RUN", "COPY"))
    (check,) = steps("HEALTHCHECK")
    command = json.loads(check[check.index("CMD") + 3 :])
    assert "/_stcore/health" in command[-1]
    ast.parse(command[-1])
    (start,) = steps("CMD")
    assert "exec streamlit run app.py --server.address=0.0.0.0 --server.port=$PORT" in json.loads(start)[-1]
    assert "PORT=8501" in " ".join(steps("ENV"))
