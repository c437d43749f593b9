"""Accessibility by axe-core, in the tests only: the script comes with the package axe-playwright-python."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from playwright.sync_api import Page

# Streamlit pales what a running script has not drawn yet, and colours change over some tenths of a second: a colour in
# between is nobody's choice. True when no script runs and no transition of finite length is under way, views included.
CALM = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  if (app && app.dataset.testScriptState !== "notRunning") return false;
  const roots = [document];
  for (const root of roots)
    for (const element of root.querySelectorAll("*")) if (element.shadowRoot) roots.push(element.shadowRoot);
  const running = roots.flatMap((root) => root.getAnimations()).filter((one) => one.playState === "running");
  return running.every((one) => !Number.isFinite(one.effect.getComputedTiming().endTime));
}"""


def _script() -> str:
    found = find_spec("axe_playwright_python")
    assert found is not None, "install requirements-test.txt"
    assert found.submodule_search_locations
    return (Path(next(iter(found.submodule_search_locations))) / "axe.min.js").read_text(encoding="utf-8")


def serious_findings(page: Page) -> list[str]:
    """What axe-core calls serious or critical on the page as it stands, one line each with elements and why."""
    page.wait_for_function(CALM)
    page.evaluate(_script())
    violations = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{one['id']} ({one['impact']}): "
        + "; ".join(f"{node['target']} {node['failureSummary']}" for node in one["nodes"][:4])
        for one in violations
        if one["impact"] in ("serious", "critical")
    ]
