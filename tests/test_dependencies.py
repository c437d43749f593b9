"""Imports go one way: pages -> ui -> core, and inside the core only to lower steps. And the start stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMPONENTS = ROOT / "components"

# The step of each room; a longer name wins. A module may import its own step and lower ones.
STEPS = {
    "components": 0,
    "components.records": 1,
    "components.errors": 1,
    "components.settings": 1,
    "components.door": 1,
    "components.texts": 2,
    "components.models": 2,
    "components.models.loading": 3,  # turns files into scorers
    "components.models.room": 3,
    "components.models.adding": 3,
    "components.models.classifier_room": 3,
    "components.ranking": 2,
    "components.judging": 2,
    "components.timing": 2,
    "components.timing.race": 4,
    "components.timing.stages": 4,
    "components.timing.tracks": 4,
    "components.timing.export": 4,
    "components.timing.stored": 4,
    "components.scoring": 3,
    "components.service": 3,
    "components.attention": 3,
    "components.attribution": 3,
    "components.retrieval": 4,
    "components.entailment": 4,
    "components.lessons": 4,
    "components.workspace": 4,
    "components.export": 4,
    "components.stored": 4,
    "components.doctor": 5,
    "components.training": 5,
    "components.benchmark": 5,
    "components.benchmark.bare_page": 6,  # pages of their own, run by Streamlit
    "components.benchmark.top_page": 6,
    "components.benchmark.drawn": 6,
    "components.benchmark.word_toggle": 6,  # measures the page's flow
    "components.benchmark.__main__": 6,
    "components.ui": 6,
}
MODULES = sorted(path for path in COMPONENTS.rglob("*.py"))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def step(module: str) -> int:
    parts = module.split(".")
    while parts:
        if ".".join(parts) in STEPS:
            return STEPS[".".join(parts)]
        parts.pop()
    raise AssertionError(f"{module} belongs to no room: name its step in this test")


def imports(path: Path) -> set[str]:
    """Everything a file imports, also inside functions and under TYPE_CHECKING."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def is_module(name: str) -> bool:
    path = ROOT / Path(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_go_to_lower_steps(path):
    mine = step(module_name(path))
    for imported in imports(path):
        if imported.startswith("components") and is_module(imported):
            assert step(imported) <= mine, f"{module_name(path)} may not import {imported}"
        assert not imported.startswith("pages"), "nothing imports a page"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_the_core_never_imports_what_draws(path):
    name = module_name(path)
    if not name.startswith("components.ui") and not name.startswith("components.benchmark"):
        assert not {imported.split(".")[0] for imported in imports(path)} & {"streamlit", "plotly"}


def test_a_wrong_edge_would_be_seen():
    assert step("components.scoring.store") > step("components.texts.paste")
    assert step("components.ui.state") > step("components.scoring.store")


def test_from_pretrained_stands_in_one_place():
    """Model files are read in loading.py alone; training reads and writes its own."""
    wanted = {"SentenceTransformer", "CrossEncoder", "AutoModel", "AutoTokenizer"}
    for path in MODULES:
        name = module_name(path)
        if name == "components.models.loading" or name.startswith("components.training"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name):
                assert called.id not in wanted, f"{name} loads a model"
            if isinstance(called, ast.Attribute):
                assert called.attr != "from_pretrained", f"{name} loads a model"


def test_the_start_imports_nothing_heavy():
    """What app.py and the pages import must not bring the libraries that make the first paint wait."""
    script = (
        "import ast, importlib, sys\n"
        "from pathlib import Path\n"
        "import streamlit\n"
        "before = set(sys.modules)\n"
        "for path in [Path('app.py'), *Path('pages').glob('*.py')]:\n"
        "    for node in ast.parse(path.read_text()).body:\n"
        "        if isinstance(node, ast.ImportFrom): importlib.import_module(node.module)\n"
        "        elif isinstance(node, ast.Import): [importlib.import_module(a.name) for a in node.names]\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'pandas', 'bm25s', 'ir_measures', 'scipy'}\n"
        "print(sorted((heavy | {'plotly', 'numpy', 'httpx2'}) & (set(sys.modules) - before)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
