"""What can be audited without a network: every package that runs is pinned, exceptions are dated.

Known vulnerabilities are looked up by ``make audit``, which needs a service that CI cannot reach.
"""

from __future__ import annotations

import datetime
import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
UNPINNED = {"setuptools"}  # `pip freeze` leaves it out: it comes with the environment
EXCEPTIONS = ROOT / ".ci" / "audit-exceptions.txt"


def requirements(name: str) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def pins() -> dict[str, str]:
    return {
        canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in requirements("constraints.txt")
    }


def needed(roots: list[Requirement]) -> dict[str, str]:
    """Everything the roots need here, whatever it is needed by: name and installed version."""
    found: dict[str, str] = {}
    waiting = [(one.name, extra) for one in roots for extra in ("", *one.extras)]
    seen = set()
    while waiting:
        name, extra = waiting.pop()
        if (canonicalize_name(name), extra) in seen:
            continue
        seen.add((canonicalize_name(name), extra))
        package = metadata.distribution(name)
        found[canonicalize_name(name)] = package.version
        for line in package.requires or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                waiting += [(requirement.name, more) for more in ("", *requirement.extras)]
    return {name: version for name, version in found.items() if name not in UNPINNED}


def test_every_package_that_runs_is_pinned_to_one_version():
    pinned = pins()
    assert {name for name in needed(requirements("requirements.txt")) if name not in pinned} == set()
    assert [name for name, version in pinned.items() if not re.fullmatch(r"[\w.!+-]+", version)] == []


def test_the_pinned_versions_are_what_the_tests_run_with():
    pinned = pins()
    installed = needed(requirements("requirements.txt"))
    local = {name: version.partition("+")[0] for name, version in installed.items()}  # torch's "+cpu"
    assert {name: (version, pinned[name]) for name, version in local.items() if version != pinned[name]} == {}


def test_the_pins_fulfil_the_ranges():
    pinned = pins()
    wrong = [
        str(one) for one in requirements("requirements.txt") if pinned[canonicalize_name(one.name)] not in one.specifier
    ]
    assert wrong == []


def test_every_exception_of_the_audit_has_a_reason_and_an_end():
    """A line: the vulnerability's id, the day it is to be looked at again, why it does not concern the app."""
    for line in EXCEPTIONS.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, until, reason = line.split(maxsplit=2)
        assert re.fullmatch(r"(CVE|GHSA|PYSEC)-[\w-]+", name), line
        assert datetime.date.fromisoformat(until), line
        assert len(reason) > 20, line


def test_the_audit_reads_pins_and_exceptions():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "pip_audit -r constraints.txt" in makefile
    assert EXCEPTIONS.relative_to(ROOT).as_posix() in makefile
