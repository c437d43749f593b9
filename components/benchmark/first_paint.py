"""Server start to first paint in a real browser: the app beside the same page without models and a plain script.

Each run starts a cold server and a fresh browser profile; the pages take turns, so that a machine that slows down slows
all. The times are from navigation to the first finding on the screen, and from there to live scores.
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

import psutil

from components.benchmark.report import Line
from components.settings import ROOT

BARE, APP, TOP = "components/benchmark/bare_page.py", "app.py", "components/benchmark/top_page.py"
LIMIT_S = 0.5
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Start:
    """One cold start, in seconds: server start to answering, navigation to the first finding, from there to live
    scores (0 where the page has none, or has them at once); and the server's memory then, in bytes."""

    server: float
    painted: float
    live: float
    memory: int


def measure(runs: int) -> list[Line]:
    """Measure ``runs`` cold starts of each page, in turn. Needs Playwright and Chromium."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    starts: dict[str, list[Start]] = {BARE: [], APP: [], TOP: []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(runs):
            for script, found in starts.items():
                found.append(_cold(browser, script))
        browser.close()
    return lines(starts)


def lines(starts: dict[str, list[Start]]) -> list[Line]:
    """The medians, with every run beside them."""
    median = statistics.median
    bare, app, top = (starts[script] for script in (BARE, APP, TOP))
    extra = median(s.painted for s in app) - median(s.painted for s in bare)

    def figure(name: str, values: list[float]) -> Line:
        return Line("cold start", name, median(values), "s", ", ".join(f"{value:.2f}" for value in values))

    return [
        figure("server start to answering, the app", [s.server for s in app]),
        figure("navigation to first paint, no model code", [s.painted for s in bare]),
        figure("navigation to first paint, the app (stored result)", [s.painted for s in app]),
        Line("cold start", "the app is later by", extra, "s", "", f"at most {LIMIT_S} s", extra <= LIMIT_S),
        figure("first paint to first live scores, the app", [s.live for s in app]),
        figure("navigation to first live scores, the app", [s.painted + s.live for s in app]),
        figure("navigation to first paint, imports at the top", [s.painted for s in top]),
        *(
            Line("memory", f"server after its first result, {name}", median(s.memory for s in found) / MEGABYTE, "MB")
            for name, found in (("no model code", bare), ("the app", app), ("imports at the top", top))
        ),
    ]


def _cold(browser: Any, script: str) -> Start:
    """A server just started, a fresh profile, one visit."""
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
    begun = time.perf_counter()
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
        answering = time.perf_counter() - begun
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        started = time.perf_counter()
        page.goto(url)
        page.locator(".result .finding:not(:empty)").wait_for(timeout=300_000)
        painted = time.perf_counter() - started
        if script == APP:
            page.locator(".result #work", has_text="scored,").wait_for(timeout=300_000)
        scored = time.perf_counter() - started - painted
        memory = psutil.Process(server.pid).memory_info().rss
        context.close()
        return Start(answering, painted, scored if script == APP else 0.0, memory)
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
