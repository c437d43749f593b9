"""Adding a model by name: looked for, looked at, fetched and loaded in a thread of its own, told in sentences."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from enum import StrEnum

from components import settings
from components.errors import ModelProblem
from components.models.files import check, files_in
from components.models.hub import NAME, find_on_disk, look_up
from components.models.machine_memory import free_bytes
from components.models.registry import ModelSpec
from components.models.room import ModelRoom
from components.records import Kind

logger = logging.getLogger("relevance_lab")
ADDABLE = (Kind.BI_ENCODER, Kind.CROSS_ENCODER)


class AddState(StrEnum):
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


@dataclass
class Adding:
    """One visitor's wish for a model; written by its thread, read by the page."""

    name: str
    kind: Kind
    state: AddState = AddState.WORKING
    message: str = ""
    key: str = ""  # of the model once it is ready

    def step(self, message: str) -> None:
        self.message = message


def add(text: str, kind: Kind, room: ModelRoom, is_local: bool) -> Adding:
    """Begin to add the model a visitor named. Returns at once; what comes of it is in the record."""
    adding = Adding(text.strip(), kind)
    thread = threading.Thread(target=_run, args=(adding, room, is_local), name="model-adding", daemon=True)
    thread.start()
    return adding


def most_model_bytes() -> int:
    """The largest weights that may be loaded now: the operator's limit, and never more than half of what is free."""
    half = free_bytes() // 2
    limit = settings.most_model_bytes()
    return half if limit is None else min(half, limit)


def hub_problem(name: str, is_local: bool) -> str:
    """Why this visitor may not have this model from the Hub; "" where they may."""
    rule = settings.hub_rule()
    if rule == "any" or (rule == "local" and is_local):
        return ""
    if rule == "local":
        return (
            "Models from the Hub are loaded here only for visitors on the server's own machine; its operator can allow "
            "more (RELEVANCE_LAB_HUB)."
        )
    if rule == "off":
        return "This server loads no models from the Hub: its operator has switched that off."
    allowed = [one.strip() for one in rule.split(",") if one.strip()]
    if name in allowed:
        return ""
    return f"{name} is not among the models this server's operator allows: {', '.join(allowed)}."


def _run(adding: Adding, room: ModelRoom, is_local: bool) -> None:
    try:
        spec = _spec(adding, room, is_local)
        adding.step(f"Loading {spec.name}.")
        room.add(spec)
        adding.key = spec.key
        adding.message = f"{spec.name} is loaded: choose it under “Columns” on Compare."
        adding.state = AddState.READY
    except ModelProblem as problem:
        adding.message, adding.state = str(problem), AddState.FAILED
    except MemoryError:
        adding.message = f"There is not enough memory for {adding.name}: the models in use stay; choose a smaller one."
        adding.state = AddState.FAILED
    except Exception as error:
        logger.error("adding a model failed: %s", type(error).__name__)
        adding.message = f"{adding.name} cannot be loaded ({type(error).__name__}): choose another model."
        adding.state = AddState.FAILED


def _spec(adding: Adding, room: ModelRoom, is_local: bool) -> ModelSpec:
    """The model's spec, its files looked at and on this machine."""
    name, kind = adding.name, adding.kind
    if kind not in ADDABLE:
        raise ModelProblem("A model to add is a bi-encoder or a cross-encoder: choose one of them.")
    if not name:
        raise ModelProblem("Type a model's name on the Hub (owner/name), or a folder's.")
    known = room.statuses.get(f"{kind}:{name}")
    if known is not None and known.spec.folder is not None:
        return known.spec
    if (found := find_on_disk(name)) is not None:
        folder, short = found
        check(files_in(folder, short), kind, most_model_bytes())
        return ModelSpec(f"{kind}:{short}", kind, short, folder, "see its folder")
    if not NAME.fullmatch(name) or ".." in name or "--" in name:
        raise ModelProblem(
            "That is neither a name on the Hub (owner/name) nor a folder inside an allowed one: check the spelling."
        )
    if refused := hub_problem(name, is_local):
        raise ModelProblem(refused)
    files, fetch = look_up(name, adding.step)
    check(files, kind, most_model_bytes())
    return ModelSpec(f"{kind}:{name}", kind, name, fetch(), files.licence, hub_name=name)
