"""The README's run command, word for word, from nothing: clone, environment, install, start, answer. Then it is ended.

``python .ci/readme.py FOLDER`` leaves FOLDER/relevance-lab with its environment in .venv, for the tests that follow.
Standard library only: nothing is installed yet when this runs.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATIENCE_S = 180


def run_commands() -> list[str]:
    """The commands of the README's first block, one by one."""
    block = FENCE.findall((ROOT / "README.md").read_text(encoding="utf-8"))[0]
    return [command.strip() for line in block.strip().splitlines() for command in line.split("&&")]


def has_python311() -> bool:
    """Whether a Python 3.11 goes by that very name."""
    try:
        return subprocess.run(["python3.11", "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def clone(command: str, folder: Path) -> None:
    """The README's clone, of this very repository; a copy where git will not clone it (another owner, no history)."""
    done = subprocess.run(command.replace("REPOSITORY", ROOT.as_uri()), shell=True, cwd=folder, check=False)
    if done.returncode:
        print("readme: git clones nothing here, so the files are copied", flush=True)
        kept_out = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, folder / "relevance-lab", ignore=kept_out)


def answers(command: str, folder: Path) -> None:
    """Start the app as the README says, wait until it answers, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = f"exec {command} --server.headless true --server.port {port}"
    app = subprocess.Popen(command, shell=True, cwd=folder)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                if app.poll() is not None or time.monotonic() > deadline:
                    sys.exit("readme: the app that the README's command starts does not answer")
            time.sleep(0.5)
    finally:
        app.send_signal(signal.SIGTERM)
        app.wait(60)


def main() -> None:
    """Each command in turn; the first one that fails ends everything."""
    folder = Path(sys.argv[1]).resolve()
    os.environ.setdefault("PIP_CONSTRAINT", str(ROOT / "constraints.txt"))  # the versions that the suite passed with
    os.environ.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    os.environ.setdefault("PIP_QUIET", "1")
    inside = folder / "relevance-lab"
    for command in run_commands():
        print(f"readme: {command}", flush=True)
        if command.startswith("git clone"):
            clone(command, folder)
        elif command.startswith("cd "):
            assert (folder / command.removeprefix("cd ")).is_dir(), command
        elif "streamlit run" in command:
            answers(command, inside)
        else:
            if command.startswith("python3.11 ") and not has_python311():
                command = command.replace("python3.11", sys.executable, 1)
            subprocess.run(command, shell=True, cwd=inside, check=True)


if __name__ == "__main__":
    main()
