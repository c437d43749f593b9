"""``python -m components.doctor``: what is installed, which weights are whole, how fast this machine is, what is wrong.

The text holds nothing of any visitor and no path of the machine, so it can be pasted into a bug report.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

import components
from components import settings
from components.errors import ModelProblem
from components.models import registry
from components.models.checksums import ALL_MINILM_FILES, verify
from components.service.probe import probe

PACKAGES = ("streamlit", "torch", "transformers", "sentence-transformers", "numpy", "pandas", "plotly")
SETTINGS = "RELEVANCE_LAB_"
ENOUGH_MEMORY = 1.2  # GiB that must be left for both models to load
MATRIX = 1024  # rows and columns of the product that is timed
GIB = 1024**3


@dataclass(frozen=True)
class Line:
    """One line of the report; ``problem`` is a sentence with what to do, empty where all is well."""

    name: str
    found: str
    problem: str = ""


def examine() -> Iterator[Line]:
    """The report line by line, the slow ones (importing torch, timing a product) last."""
    yield Line("Relevance Lab", f"{components.__version__}, Python {platform.python_version()}, {_system()}", _python())
    yield packages()
    yield bi_encoder()
    for spec in _folders():
        yield weights(spec)
    yield memory()
    yield Line(
        "settings", ", ".join(sorted(k for k in os.environ if k.startswith(SETTINGS))) or "all at their defaults"
    )
    yield from services()
    yield from engine()


def services() -> Iterator[Line]:
    """Whether the scoring service answers, where one is set; its address is not written down."""
    wanted = settings.service()
    if not wanted.rerank and not wanted.embeddings:
        return
    for what, problem in probe(wanted):
        yield Line(f"service {what}", "does not answer as it should" if problem else "answers", problem)


def written(lines: Sequence[Line]) -> list[str]:
    """The report as lines of text, the problems once more at the end."""
    width = max(len(line.name) for line in lines)
    rows = [f"{line.name:<{width}}  {line.found}" for line in lines]
    return rows + ([f"PROBLEM: {line.problem}" for line in lines if line.problem] or ["No problem found."])


def packages() -> Line:
    """Versions of what decides a score."""
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    problem = f"Not installed: {', '.join(missing)}; install requirements.txt again." if missing else ""
    return Line("packages", ", ".join(found), problem)


def bi_encoder() -> Line:
    """Whether the packaged all-MiniLM-L6-v2 is there and is the published one (SHA-256 of every file)."""
    folder = registry.packaged_bi_encoder()
    if folder is None:
        return Line("all-MiniLM-L6-v2", "missing", "The bi-encoder is missing; install requirements.txt again.")
    try:
        digest = verify(folder, ALL_MINILM_FILES, "all-MiniLM-L6-v2")
    except ModelProblem as error:
        return Line("all-MiniLM-L6-v2", "not the published files", str(error))
    return Line("all-MiniLM-L6-v2", f"whole, the published weights ({digest[:12]})")


def weights(folder: Path) -> Line:
    """Whether the weights in a folder are a whole safetensors file (its header says how long it must be)."""
    name, path = folder.name, folder / "model.safetensors"
    if not path.is_file():
        return Line(name, "weights missing", f"{name}: model.safetensors is missing; clone the repository again.")
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        if start == b"version ":
            wrong = f"{name}: the weights are a Git LFS pointer, not the file; run git lfs pull."
            return Line(name, "a pointer, not weights", wrong)
        wanted = _length(start, file.read(min(size, 16 * 1024 * 1024)))
    if wanted != size:
        return Line(name, "damaged", f"{name}: model.safetensors is cut short or damaged; clone the repository again.")
    return Line(name, f"whole, {size / 1e6:.1f} MB, {_labels(folder)}")


def memory() -> Line:
    """What is left of memory and disk."""
    left = psutil.virtual_memory().available / GIB
    disk = shutil.disk_usage(settings.ROOT).free / GIB
    too_little = f"Only {left:.1f} GiB of memory are left; the models need about {ENOUGH_MEMORY}."
    problem = "" if left >= ENOUGH_MEMORY else too_little
    return Line("left", f"{left:.1f} GiB memory, {disk:.1f} GiB disk", problem)


def engine() -> Iterator[Line]:
    """Device, threads, instructions, and how fast a matrix product is; imports torch."""
    try:
        import torch
    except ImportError as error:
        yield Line(
            "torch", "cannot be imported", f"torch cannot be imported ({error}); install requirements.txt again."
        )
        return
    device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    level = torch.backends.cpu.get_cpu_capability()
    yield Line("engine", f"{device}, {torch.get_num_threads()} threads of {psutil.cpu_count()}, {level}")
    exact, half = (gigaflops(kind, device) for kind in ("float32", "bfloat16"))
    busy = psutil.cpu_percent(interval=0.2)
    yield Line(
        "matrix product", f"float32 {exact:.0f}, bfloat16 {half:.0f} GFLOP/s; {busy:.0f} % of the processor in use"
    )


def gigaflops(dtype: str, device: str = "cpu", repeats: int = 3) -> float:
    """The best rate of a product of two square matrices, 2 n^3 operations each, in 10^9 operations a second."""
    import torch

    left = torch.rand(MATRIX, MATRIX, device=device, dtype=getattr(torch, dtype))
    best = float("inf")
    for _ in range(repeats + 1):  # the first one warms up and is only better by chance
        started = time.perf_counter()
        float((left @ left)[0, 0])  # reading a value waits for the device
        best = min(best, time.perf_counter() - started)
    return float(2 * MATRIX**3 / best / 1e9)


def _length(start: bytes, header: bytes) -> int:
    """How many bytes a safetensors file has by its own header; -1 where that cannot be read."""
    try:
        (size,) = struct.unpack("<Q", start)
        tensors = json.loads(header[:size])
        ends = [one["data_offsets"][1] for name, one in tensors.items() if name != "__metadata__"]
        return int(8 + size + max(ends))
    except (struct.error, ValueError, KeyError, TypeError, AttributeError):
        return -1


def _folders() -> list[Path]:
    found = {path.parent for path in settings.models_folder().glob("*/config.json")}
    return sorted(found | {settings.models_folder() / "relevance"})


def _labels(folder: Path) -> str:
    """What a model's outputs are, by its config."""
    try:
        labels = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("id2label") or {}
    except (OSError, ValueError):
        return "config.json cannot be read"
    names = [str(name) for name in labels.values()]
    return "one output" if len(names) <= 1 else f"{len(names)} outputs: {', '.join(names)}"


def _system() -> str:
    return f"{platform.system()} {platform.machine()}"


def _python() -> str:
    good = sys.version_info[:2] == (3, 11)
    return "" if good else f"Python 3.11 is what the app is tested with, this is {platform.python_version()}."


def main() -> int:
    """Print the report; 1 when there is a problem."""
    lines = list(examine())
    print("\n".join(written(lines)))
    return int(any(line.problem for line in lines))


if __name__ == "__main__":
    sys.exit(main())
