"""Every command of the README is run by CI, and where is written here; or the README says that it is not exercised."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
PROGRAM = re.compile(r"^(?:\.venv\S*|\.ci/run|python\S*|py|pip|git|docker|make|apt-get|pytest|streamlit)(?= |$)")
MARK = re.compile(r"\bnot\s+exercised|\bnone of these is\s+exercised", re.IGNORECASE)

# What CI runs, the file that does it, and the words there that show it.
EXERCISED = {
    "git clone --depth 1 REPOSITORY relevance-lab": (".ci/readme.py", 'command.startswith("git clone")'),
    "cd relevance-lab": (".ci/readme.py", 'command.startswith("cd ")'),
    "python3.11 -m venv .venv": (".ci/readme.py", "subprocess.run(command, shell=True"),
    ".venv/bin/pip install -r requirements.txt": (".ci/readme.py", "subprocess.run(command, shell=True"),
    ".venv/bin/streamlit run app.py": (".ci/readme.py", '"streamlit run" in command'),
    ".venv/bin/pip install -r requirements-test.txt": (".ci/run", "-r requirements-test.txt"),
    'PATH="$PWD/.venv/bin:$PATH" pytest -m "not slow"': (".ci/run", 'pytest -m "not slow"'),
    "apt-get install chromium": (".ci/run", "apt-get install -y -q chromium"),
    ".ci/run": (".ci/run", '.ci/readme.py "$new"'),
    "make": ("tests/test_readme.py", "def test_make_lists_its_commands"),
    "python -m components.doctor": ("tests/test_doctor.py", '"-m", "components.doctor"'),
}


def fenced() -> list[str]:
    """The commands of the README's blocks, one by one. A block without a language is a drawing."""
    blocks = [body for language, body in FENCE.findall(README) if language == "bash"]
    return [part.strip() for body in blocks for line in body.splitlines() for part in line.split("&&")]


def places() -> list[tuple[str, str]]:
    """(what a mark may stand in, the part itself): each paragraph or table row with its section's first paragraph."""
    found = []
    for section in FENCE.sub("", README).split("\n## "):
        title, *rest = section.split("\n\n")
        first = rest[0] if rest else ""
        for paragraph in (title, *rest):
            for part in paragraph.splitlines() if paragraph.lstrip().startswith("|") else (paragraph,):
                found.append((part if len(MARK.findall(first)) == 0 else f"{first}\n{part}", part))
    return found


def inline() -> list[tuple[str, bool]]:
    """Each command in running text, and whether it is marked as not exercised."""
    return [
        (" ".join(code.split()), MARK.search(around) is not None)
        for around, part in places()
        for code in INLINE.findall(part)
        if PROGRAM.match(code)
    ]


def test_the_parts_are_found():
    assert "git clone --depth 1 REPOSITORY relevance-lab" in fenced()
    marks = dict(inline())
    assert marks[".venv/bin/playwright install chromium"]
    assert any(code.startswith("docker build") and marked for code, marked in inline())
    assert not marks["python -m components.doctor"]


@pytest.mark.parametrize("command", fenced())
def test_a_command_of_a_block_is_exercised(command):
    assert command in EXERCISED


@pytest.mark.parametrize(("command", "marked"), sorted(set(inline())))
def test_a_command_in_the_text_is_exercised_or_marked(command, marked):
    assert marked or command in EXERCISED, "name in EXERCISED where CI runs it, or write that it is not exercised"


@pytest.mark.parametrize("command", EXERCISED)
def test_what_is_said_to_be_exercised_is_there(command):
    file, words = EXERCISED[command]
    assert words in (ROOT / file).read_text(encoding="utf-8")
    assert command in {*fenced(), *dict(inline())}, "the README has it no more"


def test_ci_runs_the_first_block_word_for_word():
    spec = importlib.util.spec_from_file_location("ci_readme", ROOT / ".ci" / "readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.run_commands() == fenced()[: len(module.run_commands())]
    assert module.run_commands()[-1] == ".venv/bin/streamlit run app.py"


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed here")
def test_make_lists_its_commands():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = {line.split()[0] for line in done.stdout.splitlines()}
    assert {"setup", "run", "check", "test", "benchmark", "train", "upgrade"} <= listed
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = {word for words in re.findall(r"`make ([a-z ]+)`", contributing) for word in words.split()}
    assert {"setup", "run", "check", "test", "upgrade"} <= named <= listed
