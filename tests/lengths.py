"""How long files and functions are: ``python -m tests.lengths`` prints the table (the limits are test_house.py's)."""

from __future__ import annotations

from collections.abc import Sequence

from tests.test_house import FRONT_END, PYTHON, functions, name_of

Length = tuple[int, str]  # lines, and whose
HEADS = ("what", "how many", "median", "90th percentile", "longest")


def percentile(lengths: Sequence[Length], share: float) -> int:
    """The nearest rank: the smallest length that at least ``share`` of all do not exceed."""
    ordered = sorted(lengths)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)][0]


def row(what: str, lengths: Sequence[Length]) -> tuple[str, ...]:
    """One line of the table; the longest is named."""
    most, name = max(lengths)
    middle, high = percentile(lengths, 0.5), percentile(lengths, 0.9)
    return what, str(len(lengths)), str(middle), str(high), f"{most} ({name})"


def rows() -> list[tuple[str, ...]]:
    """Files by kind and functions, in lines; empty files are left out."""
    core = [path for path in PYTHON if "tests" not in path.parts]
    tests = [path for path in PYTHON if "tests" in path.parts]
    files = {"Python files": core, "test files": tests, "front-end files": FRONT_END}
    made = []
    for what, paths in files.items():
        sizes = [(len(path.read_text(encoding="utf-8").splitlines()), name_of(path)) for path in paths]
        made.append(row(what, [one for one in sizes if one[0]]))
    for what, paths in (("Python functions", core), ("test functions", tests)):
        made.append(row(what, [(size, f"{name_of(path)}: {name}") for path in paths for name, size in functions(path)]))
    return made


def main() -> None:
    """The table as Markdown."""
    for cells in (HEADS, ("---",) * len(HEADS), *rows()):
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
