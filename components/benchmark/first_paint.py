"""Server start to first paint in a real browser: the app beside the same widgets without model code.

Each run starts a cold server and a fresh browser profile; the two pages take turns, so that a machine that slows down
slows both. The time is from navigation to the stored finding on the screen.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from typing import Any

from components.settings import ROOT

BARE, APP = "components/benchmark/bare_page.py", "app.py"
LIMIT_S = 0.5


@dataclass(frozen=True)
class FirstPaint:
    """Seconds of every run: ``bare`` and ``app`` to the first finding, ``live`` from there to the first live scores."""

    bare: tuple[float, ...]
    app: tuple[float, ...]
    live: tuple[float, ...]

    @property
    def extra(self) -> float:
        """How much later the app's median first paint is than the bare page's."""
        return statistics.median(self.app) - statistics.median(self.bare)

    def lines(self) -> list[str]:
        """The result as text, one figure a line."""

        def runs(name: str, values: tuple[float, ...]) -> str:
            return f"{name:<34} median {statistics.median(values):6.2f} s  ({', '.join(f'{v:.2f}' for v in values)})"

        verdict = "within" if self.extra <= LIMIT_S else "over"
        return [
            runs("first paint, no model code", self.bare),
            runs("first paint, the app", self.app),
            f"{'the app is later by':<34} {self.extra:13.2f} s  ({verdict} the limit of {LIMIT_S} s)",
            runs("first live scores after the paint", self.live),
        ]


def measure(runs: int) -> FirstPaint:
    """Measure ``runs`` cold starts of each page, in turn. Needs Playwright and Chromium."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    bare, app, live = [], [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(runs):
            bare.append(_cold(browser, BARE)[0])
            painted, scored = _cold(browser, APP)
            app.append(painted)
            live.append(scored)
        browser.close()
    return FirstPaint(tuple(bare), tuple(app), tuple(live))


def _cold(browser: Any, script: str) -> tuple[float, float]:
    """Seconds to the first finding, and from there to live scores (0 for the bare page), on a server just started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        script,
        "--server.port",
        str(port),
        "--server.headless",
        "true",
    ]
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://localhost:{port}"
        _wait_for(f"{url}/_stcore/health")
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        started = time.perf_counter()
        page.goto(url)
        page.locator(".result .finding:not(:empty)").wait_for(timeout=120_000)
        painted = time.perf_counter() - started
        if script == APP:
            page.locator(".result #work", has_text="scored,").wait_for(timeout=300_000)
        scored = time.perf_counter() - started - painted
        context.close()
        return painted, scored if script == APP else 0.0
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
