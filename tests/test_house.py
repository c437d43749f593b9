"""The house stays one a stranger finds their way in: files and functions fit on a few screens."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 400  # lines
LONGEST_FUNCTION = 60
LONGER_FILES: dict[str, str] = {}  # with the reason
PARTS = ("components", "pages", "tests")
PYTHON = [ROOT / "app.py", *(path for part in PARTS for path in sorted((ROOT / part).rglob("*.py")))]
FRONT_END = [path for kind in ("js", "css", "html") for path in sorted((ROOT / "components").rglob(f"*.{kind}"))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function of a file with its length in lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", [*PYTHON, *FRONT_END], ids=name_of)
def test_a_file_fits_on_a_few_screens(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    if name_of(path) in LONGER_FILES:
        assert lines > LONGEST_FILE, "it needs no exception any more"
    else:
        assert lines <= LONGEST_FILE, "a second purpose? Split it, or name the reason in LONGER_FILES"


def test_functions_fit_on_a_screen():
    long = [f"{name_of(p)}: {name} ({size})" for p in PYTHON for name, size in functions(p) if size > LONGEST_FUNCTION]
    assert long == []


def test_every_module_says_what_it_is_for():
    files = [p for p in PYTHON if "tests" not in p.parts and p.read_text().strip()]
    silent = [name_of(p) for p in files if not ast.get_docstring(ast.parse(p.read_text()))]
    assert [name for name in silent if not name.endswith("__init__.py")] == []


def test_public_functions_of_the_core_say_what_they_do():
    """Protocols, properties of one line and methods that are named by their class may go without."""
    silent = []
    for path in sorted((ROOT / "components").rglob("*.py")):
        if "ui" in path.parts:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            is_public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.name != "main"
            if is_public and not ast.get_docstring(node):
                silent.append(f"{name_of(path)}: {node.name}")
    assert silent == []


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "NOTICE", "Makefile"]
)
def test_what_a_stranger_looks_for_is_there(name):
    assert (ROOT / name).stat().st_size > 200


def test_the_table_of_lengths_is_made():
    from tests import lengths

    assert [lengths.percentile([(n, "") for n in (4, 1, 3, 2)], share) for share in (0.5, 0.9)] == [2, 4]
    assert all(int(cells[2]) <= int(cells[3]) <= int(cells[4].split()[0]) for cells in lengths.rows())
