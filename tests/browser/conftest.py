"""A real server and a real Chromium for the tests that do what a person does."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import running as running_app
from tests.running import Server

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


@contextmanager
def starting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """What starts servers, and ends them all when it is left."""
    running: list[Server] = []

    def start(port: int | None = None, script: str = "app.py", **environment: str) -> Server:
        running.append(running_app.start_server(tmp_path_factory.mktemp("server"), port, script, **environment))
        return running[-1]

    yield start
    for one in running:
        one.process.terminate()
    for one in running:
        running_app.stop_server(one)


@pytest.fixture(scope="module")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start a server of its own: ``start_server(NAME="value")`` sets environment variables; ``port`` may be given.

    It ends with the module: each holds the models in its own memory, and a run starts some twenty.
    """
    with starting(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, shared by the tests: sessions do not see each other, and that is tested, too."""
    with starting(tmp_path_factory) as start:
        yield start()


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
    """Fresh profiles: ``new_context(viewport=..., color_scheme=...)``. An error in a page fails the test, and so does
    whatever the content-security policy had to forbid."""
    made: list[BrowserContext] = []
    errors: list[str] = []

    def make(**options) -> BrowserContext:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
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
