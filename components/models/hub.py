"""Questions to the Hub, with an end: whether a model is there, what its files are, and then the files.

The first question does not go through huggingface_hub, whose retries take 47 s to give up without a network.
"""

from __future__ import annotations

import errno
import json
import os
import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components import settings
from components.errors import ModelProblem
from components.models.files import MOST_JSON_BYTES, ModelFiles, files_in, parsed, wanted_contents

ANSWER_S = 4.0  # so long the first question may take in all; the visitor has an answer within 5 s
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(?:/[A-Za-z0-9][\w.-]{0,95})?")


def cached(name: str) -> Path | None:
    """The newest snapshot of a model in the cache, or None. Only whole ones count: a config and weights."""
    base = settings.hub_cache() / ("models--" + name.replace("/", "--"))
    try:
        revision = (base / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        revision = ""
    snapshots = base / "snapshots"
    named = snapshots / revision if re.fullmatch(r"[0-9a-f]{1,64}", revision) else None
    others = sorted(snapshots.glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in ([named] if named else []) + others:
        if (folder / "config.json").is_file() and any(folder.glob("*.safetensors")):
            return folder
    return None


def ask(name: str) -> tuple[ModelFiles, str]:
    """A model's files and their revision, as the Hub has them; ``ModelProblem`` after ``ANSWER_S`` at the latest."""
    if settings.hub_is_off():
        raise ModelProblem(
            f"{name} is not on this machine, and the Hub is switched off here (HF_HUB_OFFLINE): put the model into an "
            "allowed folder."
        )
    box: list[tuple[ModelFiles, str] | Exception] = []

    def work() -> None:
        try:
            box.append(_ask(name))
        except Exception as error:  # handed to the one who waits
            box.append(error)

    thread = threading.Thread(target=work, name="hub-question", daemon=True)
    thread.start()
    thread.join(ANSWER_S)
    answer = box[0] if box else TimeoutError()
    if isinstance(answer, ModelProblem):
        raise answer
    if isinstance(answer, Exception):
        raise _problem(name, answer) from answer
    return answer


def download(name: str, revision: str, files: ModelFiles) -> Path:
    """Fetch a model's files into the cache and return their folder. Raises ``ModelProblem``."""
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(
            name,
            revision=revision,
            allow_patterns=list(files.needed),
            cache_dir=settings.hub_cache(),
            endpoint=settings.hub_endpoint(),
            token=False,  # nobody is shown what only the operator may see
        )
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ModelProblem(f"The disk is full: {name} could not be stored; make room and try again.") from error
        raise _problem(name, error) from error
    except Exception as error:
        raise _problem(name, error) from error
    refs = settings.hub_cache() / ("models--" + name.replace("/", "--")) / "refs"
    refs.mkdir(parents=True, exist_ok=True)
    (refs / "main").write_text(revision, encoding="utf-8")
    return Path(folder)


def _ask(name: str) -> tuple[ModelFiles, str]:
    quoted = urllib.parse.quote(name, safe="/")
    about = json.loads(_get(f"/api/models/{quoted}?blobs=true", 20 * MOST_JSON_BYTES))
    revision = str(about["sha"])
    if not re.fullmatch(r"[0-9a-f]{6,64}", revision):
        raise ValueError("no revision")
    sizes = {str(one["rfilename"]): int(one.get("size") or 0) for one in about["siblings"]}
    contents = {
        file: parsed(_get(f"/{quoted}/resolve/{revision}/{file}", MOST_JSON_BYTES))
        for file in wanted_contents()
        if file in sizes
    }
    return ModelFiles(name, sizes, contents, _licence(about)), revision


def _licence(about: Any) -> str:
    card = about.get("cardData")
    found = card.get("license") if isinstance(card, dict) else None
    return found if isinstance(found, str) else "see its card"


def _get(path: str, most: int) -> bytes:
    request = urllib.request.Request(settings.hub_endpoint() + path, headers={"User-Agent": "relevance-lab"})
    with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
        return bytes(answer.read(most))


def _problem(name: str, error: Exception) -> ModelProblem:
    code = error.code if isinstance(error, urllib.error.HTTPError) else None
    if code in (401, 404):
        return ModelProblem(f"There is no model “{name}” on the Hub, or it is private: check the spelling.")
    if code == 403:
        return ModelProblem(f"{name} is given out only on request by its authors: choose another model.")
    if code is not None:
        return ModelProblem(f"The Hub answered with error {code}: try again later.")
    if isinstance(error, OSError):  # no network, no name service, too slow
        return ModelProblem(
            f"{name} is not on this machine, and the Hub cannot be reached from here: check the spelling and the "
            "connection, or put the model into an allowed folder."
        )
    return ModelProblem(f"The Hub's answer about {name} cannot be read ({type(error).__name__}): try again later.")


def find_on_disk(text: str) -> tuple[Path, str] | None:
    """The folder a visitor names, inside an allowed one, and what to call it; None where there is none.

    A name alone is looked for in each allowed folder; a path has to lie in one, links resolved.
    """
    for allowed in settings.model_folders():
        base = allowed.resolve()
        folder = Path(os.path.join(base, text)).resolve()
        if folder != base and folder.is_relative_to(base) and folder.is_dir():
            return folder, folder.relative_to(base).as_posix()
    return None


def look_up(name: str, step: Callable[[str], None]) -> tuple[ModelFiles, Callable[[], Path]]:
    """A Hub model's files from the cache or else from the Hub, and how to get at their folder."""
    folder = cached(name)
    if folder is not None:
        return files_in(folder, name, "see its card"), lambda: folder
    step(f"Asking the Hub for {name}.")
    files, revision = ask(name)

    def fetch() -> Path:
        step(f"Downloading {name} ({sum(files.sizes[path] for path in files.needed) / 1e6:,.0f} MB).")
        return download(name, revision, files)

    return files, fetch
