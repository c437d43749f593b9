"""Accessibility by axe-core, in the tests only: the script comes with the package axe-playwright-python."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from playwright.sync_api import Page


def _script() -> str:
    found = find_spec("axe_playwright_python")
    assert found is not None, "install requirements-test.txt"
    assert found.submodule_search_locations
    return (Path(next(iter(found.submodule_search_locations))) / "axe.min.js").read_text(encoding="utf-8")


def serious_findings(page: Page) -> list[str]:
    """What axe-core calls serious or critical on the page as it stands, one line each with the first elements."""
    page.evaluate(_script())
    violations = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{one['id']} ({one['impact']}): " + "; ".join(str(node["target"]) for node in one["nodes"][:4])
        for one in violations
        if one["impact"] in ("serious", "critical")
    ]
