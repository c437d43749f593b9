"""Real scoring services for a measurement or a test: Infinity and our Ray Serve deployment, each started as a process.

Each lives in an environment of its own, which is named by hand: the app needs neither of them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from components import settings
from components.models.registry import packaged_bi_encoder

START_S = 300.0  # importing torch on a busy machine takes its time
STOP_S = 30.0


@dataclass(frozen=True)
class RealService:
    """A service that answers at ``url``."""

    name: str
    url: str
    process: psutil.Process

    def replicas(self) -> list[psutil.Process]:
        """The processes of Ray Serve's replicas, all of them descendants of the one we started."""
        found = []
        for process in self.process.children(recursive=True):
            try:
                if "ServeReplica" in " ".join(process.cmdline()):
                    found.append(process)
            except psutil.Error:  # it has just ended
                continue
        return found

    def memory(self) -> int:
        """Bytes that only this service's processes hold (USS)."""
        total = 0
        for process in (self.process, *self.process.children(recursive=True)):
            try:
                total += process.memory_full_info().uss
            except psutil.Error:
                continue
        return total


def infinity_command(executable: str, port: int) -> list[str]:
    """Infinity with both default models under the names the app has for them."""
    folders = [settings.models_folder() / "relevance", packaged_bi_encoder()]
    command = [executable, "v2", "--host", "127.0.0.1", "--port", str(port), "--engine", "torch", "--device", "cpu"]
    command += ["--no-bettertransformer", "--no-model-warmup"]
    for folder, name in zip(folders, ("relevance", "all-MiniLM-L6-v2"), strict=True):
        command += ["--model-id", str(folder), "--served-model-name", name]
    return command


def ray_command(python: str, port: int) -> list[str]:
    """Our own deployment, two replicas."""
    script = settings.ROOT / "deploy" / "ray_serve.py"
    folder = packaged_bi_encoder()
    return [python, str(script), "--port", str(port), "--replicas", "2", "--bi-encoder", str(folder)]


@contextmanager
def started(name: str, command: list[str], port: int, output: Path | None = None) -> Iterator[RealService]:
    """Start a service, wait until it answers, and end it and all it started."""
    log = output or Path(tempfile.mkstemp(suffix=".log")[1])
    variables = {**os.environ, "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1", "RAY_USAGE_STATS_ENABLED": "0"}
    with log.open("wb") as sink:
        running = subprocess.Popen(
            command, env=variables, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True
        )
    process = psutil.Process(running.pid)
    try:
        _wait(running, port, log)
        yield RealService(name, f"http://127.0.0.1:{port}", process)
    finally:
        _end(running, process)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    ends = time.monotonic() + START_S
    while not _answers(port):
        if running.poll() is not None or time.monotonic() > ends:
            raise RuntimeError(f"the service did not start:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.5)


def _answers(port: int) -> bool:
    """Whether the models are there: a wrong question is refused, which costs nothing."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/rerank", b"{}", {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code in (400, 422)
    except OSError:
        return False


def _end(running: subprocess.Popen[bytes], process: psutil.Process) -> None:
    """Ask the process to end, then end what is left of what it started."""
    try:
        family = process.children(recursive=True)
    except psutil.NoSuchProcess:  # it has ended by itself
        family = []
    running.terminate()
    try:
        running.wait(STOP_S)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait(STOP_S)
    _, left = psutil.wait_procs(family, STOP_S / 10)
    for one in left:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(left, STOP_S)
