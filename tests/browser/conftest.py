"""A real server and a real Chromium for the tests that do what a person does."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
GUARD = Path(__file__).parent / "guard"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 60_000  # the machines that run this may be busy: only what never comes is a failure

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test, and comes after the quick ones."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: "browser" in item.keywords)


@dataclass
class Server:
    """A running app. ``network_log`` gets a line for each address outside this machine that it asks for."""

    url: str
    process: subprocess.Popen[bytes]
    network_log: Path
    output: Path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start a server of its own: ``start_server(NAME="value")`` sets environment variables; ``port`` may be given."""
    running: list[subprocess.Popen[bytes]] = []

    def start(port: int | None = None, script: str = "app.py", **environment: str) -> Server:
        folder = tmp_path_factory.mktemp("server")
        port = port or _free_port()
        network_log, output = folder / "network.txt", folder / "output.txt"
        command = [sys.executable, "-m", "streamlit", "run", script]
        command += ["--server.port", str(port), "--server.headless", "true"]
        variables = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(GUARD), str(ROOT)]),
            "NETWORK_LOG": str(network_log),
            "RELEVANCE_LAB_LOADING_DELAY": "0.1",
            **environment,
        }
        variables.pop("HF_HUB_OFFLINE", None)  # the app itself must not ask
        with output.open("wb") as sink:
            process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=sink, stderr=subprocess.STDOUT)
        running.append(process)
        url = f"http://localhost:{port}"
        deadline = time.monotonic() + 60
        while not _healthy(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{output.read_text(errors='replace')}")
            time.sleep(0.1)
        return Server(url, process, network_log, output)

    yield start
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def server(start_server: Callable[..., Server]) -> Server:
    """The app, shared by the tests: sessions do not see each other, and that is tested, too."""
    return start_server()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: the one named by CHROMIUM, else the one on the PATH, else Playwright's own."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium: see the README for its install line")
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Fresh profiles: ``new_context(viewport=..., color_scheme=...)``. An error in a page fails the test."""
    made: list[BrowserContext] = []
    errors: list[str] = []

    def make(**options) -> BrowserContext:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert not errors, errors


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """A page in a fresh profile, 1280 x 800, light."""
    return new_context(color_scheme="light").new_page()
