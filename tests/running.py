"""A real server of the app for tests: started in a process of its own, its output and its network kept an eye on."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GUARD = ROOT / "tests" / "browser" / "guard"
START_S = 60


@dataclass
class Server:
    """A running app. ``network_log`` gets a line for each address outside this machine that it asks for."""

    url: str
    process: subprocess.Popen[bytes]
    network_log: Path
    output: Path

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(folder: Path, port: int | None = None, script: str = "app.py", **environment: str) -> Server:
    """Start ``script`` and wait until it answers; ``environment`` is put over this process's own."""
    port = port or free_port()
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
    server = Server(f"http://localhost:{port}", process, network_log, output)
    deadline = time.monotonic() + START_S
    while not _healthy(server.url):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"the server did not start:\n{output.read_text(errors='replace')}")
        time.sleep(0.1)
    return server


def stop_server(server: Server) -> None:
    """End it and wait until it has gone."""
    server.process.terminate()
    try:
        server.process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait(timeout=20)


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False
