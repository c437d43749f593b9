"""The recipes of CONTRIBUTING.md, followed word for word in a copy of the repository; the app shows what they add."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```(?P<kind>\w+) (?P<file>\S+/?\S*\.\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LOOK = """
import json, threading
from streamlit.testing.v1 import AppTest
from components.texts.paste import Split
from components.ui import engine
from components.ui.mattered_flow import Asked

found = {}


def view(name):
    sent = {one.proto.component_name: one.proto.json for one in app.get("bidi_component")}
    return json.loads(sent["relevance_lab_" + name])


app = AppTest.from_file("app.py", default_timeout=60)
app.run()
assert not app.exception, app.exception
found["examples"] = [one["id"] for one in view("inputs")["examples"]]
workspace = app.session_state["lab_workspace"]
workspace.edit("a lamp", "the lamp\\na lamp here\\nnothing", Split.LINES)
workspace.choose_columns(("overlap", "bm25"))
for _ in range(100):
    app.run()
    result = view("result")
    if not result["stoppable"] and not result["stale"] and len(result["rows"]) == 3:
        break
    threading.Event().wait(0.1)
assert not app.exception, app.exception
found["units"] = [column["unit"] for column in result["columns"]]
found["shares"] = {row["number"]: float(row["cells"][0]["value"]) for row in result["rows"]}
page = app.switch_page("pages/recipe.py").run()
assert not page.exception, page.exception
found["page"] = [one.value for one in page.markdown]


def wait_for(name, is_there):
    # Models may take minutes to load on a busy machine.
    for _ in range(1500):
        app.run()
        assert not app.exception, app.exception
        data = view(name)
        assert not data["problem"], data["problem"]
        if is_there(data):
            return data
        threading.Event().wait(0.2)
    raise AssertionError(f"{name} was never done: {data}")


app.session_state["lab_tokens_tab"] = "What mattered"
app.switch_page("pages/tokens.py").run()
found["methods"] = [one["name"] for one in view("mattered")["listed"]]
app.session_state["lab_mattered"].ask(Asked("each word alone"))
mattered = wait_for("mattered", lambda data: "finding" in data)
found["mattered"] = {name: mattered[name] for name in ("finding", "caption", "words", "listed")}
app.switch_page("pages/lessons.py").run()
found["lessons"] = [one["title"] for one in view("lessons")["lessons"]]
flow = app.session_state["lab_lessons"]
flow.go(90)
flow.predict("both")
flow.run()
lesson = wait_for("lessons", lambda data: data["result"] and data["tally"])
found["lesson"] = {name: lesson["result"][name] for name in ("answer", "finding", "predicted")}
found["counts"] = lesson["tally"]["counts"]
print("FOUND" + json.dumps(found))
"""


def steps() -> list[tuple[str, str, str]]:
    """(kind, file, body) of every block that names a file, in order."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return [(m["kind"], m["file"], m["body"]) for m in BLOCK.finditer(text)]


def apply(kind: str, path: Path, body: str) -> None:
    """Write a new file, or change one place of an old one: lines with a minus go, lines with a plus come."""
    if kind != "diff":
        assert not path.exists(), f"{path.name} is there already"
        path.write_text(body, encoding="utf-8")
        return
    lines = body.splitlines()
    old = "\n".join(line[1:] for line in lines if line[0] in " -")
    new = "\n".join(line[1:] for line in lines if line[0] in " +")
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"the place in {path.name} is not there, or not once: {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The repository with every recipe followed."""
    made = tmp_path_factory.mktemp("recipes") / "lab"
    made.mkdir()
    for name in ("app.py", "pyproject.toml", "components", "pages", ".streamlit"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, made / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, made / name)
    shutil.copytree(
        ROOT / "assets", made / "assets", copy_function=os.symlink, ignore=shutil.ignore_patterns("pictures")
    )
    for kind, file, body in steps():
        apply(kind, made / file, body)
    return made


@pytest.fixture(scope="module")
def found(copy: Path) -> dict:
    """What the app in the copy shows."""
    at_once = {**os.environ, "RELEVANCE_LAB_LOADING_DELAY": "0"}
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=copy, capture_output=True, text=True, check=False, env=at_once
    )
    assert "FOUND" in done.stdout, done.stdout + done.stderr
    return json.loads(done.stdout.split("FOUND", 1)[1])


def test_the_example_is_in_the_menu(found):
    assert "recipe" in found["examples"]


def test_the_scorer_is_a_column_with_its_scores(found):
    assert found["units"] == ["share", "BM25"]
    assert found["shares"] == {"1": 0.5, "2": 1.0, "3": 0.0}


def test_the_page_is_there(found):
    assert "The query has 2 words." in found["page"]


def test_the_attribution_method_is_in_the_menu_and_answers(found):
    shown = found["mattered"]
    for listed in (found["methods"], [one["name"] for one in shown["listed"]]):  # before and with the result
        assert (listed[0], listed[-1]) == ("occlusion", "each word alone")
    assert shown["finding"].startswith("By each word alone, “")
    assert "each word alone: the logit with it as its whole text" in shown["caption"]
    assert [word["text"] for word in shown["words"]] == ["a", "lamp", "the", "lamp"]
    assert len({word["value"] for word in shown["words"]}) > 1


def test_the_lesson_is_listed_runs_and_counts(found):
    assert found["lessons"][-1] == "Other words"
    assert found["lesson"]["answer"] in ("both", "cross", "bi", "neither")
    assert found["lesson"]["finding"].startswith("In other words, and first: by ")
    assert found["lesson"]["predicted"].startswith("You predicted “both models”")
    counts = {one["kind"]: (one["right"], one["total"]) for one in found["counts"]}
    assert counts["BM25"] == (0, 6)  # it can only count words, and the right document has none of them
    assert {total for _, total in counts.values()} == {6}


def test_what_the_recipes_add_keeps_the_rules(copy):
    for command in (
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy", *(file for kind, file, _ in steps() if kind == "python" and file.startswith("components/"))],
    ):
        done = subprocess.run([sys.executable, "-m", *command], cwd=copy, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
