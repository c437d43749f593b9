"""``python -m tests.pictures``: takes the README's pictures again, a page each, from the app as it is now."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.axe import CALM

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assets" / "pictures"
PATIENCE_MS = 40_000


def compare(page: Page) -> None:
    """The first example, scored."""
    expect(page.locator(".result #work")).to_contain_text("scored,")


def tokens(page: Page) -> None:
    """The first pair's map, with a word pinned as it opens."""
    expect(page.locator(".tokens #finding")).to_contain_text("layer")


def timing(page: Page) -> None:
    """The stored race, or this machine's."""
    expect(page.locator(".figures #strip svg")).to_be_visible()
    expect(page.get_by_role("button", name="Race", exact=True)).to_be_enabled()


def retrieve(page: Page) -> None:
    """The first query of the built-in collection, both columns."""
    expect(page.locator(".retrieve #finding, .lab #finding").last).to_contain_text("nDCG@10")


def entailment(page: Page) -> None:
    """The first example, answered, and the tally."""
    expect(page.get_by_text("Right on ").first).to_be_visible()


def lessons(page: Page) -> None:
    """Lesson 3, predicted and run."""
    page.goto(page.url + "?lesson=3")
    page.locator("#options button").first.click()
    page.locator("#run").click()
    expect(page.locator(".lessons #finding, .lab #finding").last).not_to_be_empty()


SHOTS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "compare": ("", compare),
    "tokens": ("tokens", tokens),
    "timing": ("timing", timing),
    "retrieve": ("retrieve", retrieve),
    "entailment": ("entailment", entailment),
    "lessons": ("lessons", lessons),
}


def main() -> None:
    """Start the app, visit each page, keep what it looks like at 1280 x 800 in light."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.headless",
        "true",
        "--server.port",
        str(port),
    ]
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        url = f"http://localhost:{port}"
        _wait_for(url)
        with sync_playwright() as playwright:
            path = os.environ.get("CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
            page.set_default_timeout(PATIENCE_MS)
            for name, (place, ready) in SHOTS.items():
                page.goto(f"{url}/{place}")
                ready(page)
                page.wait_for_function(CALM)
                page.screenshot(path=FOLDER / f"{name}.png")
                print(f"{name}.png")
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(url: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the app did not start")


if __name__ == "__main__":
    expect.set_options(timeout=PATIENCE_MS)
    main()
