"""The choice between exact and fast scores: what it is, whether this machine has it, what was measured of it."""

from __future__ import annotations

from typing import Any

from components.models.room import ModelRoom
from components.records import Kind
from components.scoring.precision import FastScorer, Precision
from components.scoring.scorer import Scorer
from components.service.served import served_form
from components.ui.compare_flow import usable_columns
from components.workspace import Workspace

EXACT_ELSEWHERE = "Tokens and What mattered always use the exact model."


def speed_data(workspace: Workspace, room: ModelRoom) -> dict[str, Any]:
    """What the view needs: the choice, whether fast can be chosen, and a sentence about it."""
    scorers = [room.scorer(key) for key in usable_columns(workspace, room)]
    elsewhere = [scorer for scorer in scorers if scorer is not None and served_form(scorer) is not None]
    scorers = [scorer for scorer in scorers if scorer not in elsewhere]
    here = not elsewhere or any(scorer is None or scorer.info.kind is not Kind.BM25 for scorer in scorers)
    twins = [twin for scorer in scorers if isinstance(twin := getattr(scorer, "fast", None), FastScorer)]
    worth = [twin for twin in twins if twin.is_worth_it]
    return {
        "precision": str(workspace.precision),
        "fast_possible": bool(worth) or workspace.precision is Precision.FAST,
        "fast_words": " ".join((*_elsewhere(elsewhere), *((_words(twins, worth, room),) if here else ()))),
    }


def _elsewhere(scorers: list[Scorer]) -> tuple[str, ...]:
    """Which columns a service computes: there is nothing to choose for them."""
    names = " and ".join(f"the {scorer.info.kind}" for scorer in scorers)
    return (f"The scoring service computes {names}: exact or fast is set there.",) if names else ()


def _words(twins: list[FastScorer], worth: list[FastScorer], room: ModelRoom) -> str:
    if not twins:
        if not room.settled:
            return "Whether this machine has a fast mode is known when the models are loaded."
        return "These columns have no fast form on this machine: no instructions for bfloat16, or no model to speed up."
    if not worth:
        return f"A fast mode does not pay here: measured on this machine, {_measured(twins)} as fast as exact."
    said = (
        f"Measured on this machine: {_measured(worth)} as fast as exact." if _measured(worth) else "Not measured yet."
    )
    exact = [f" The {twin.info.kind} stays exact: there it does not pay." for twin in twins if twin not in worth]
    return (
        f"Fast computes in {worth[0].info.dtype} instead of float32. {said}{''.join(exact)} "
        f"What it costs is computed on your documents and said above the table. {EXACT_ELSEWHERE}"
    )


def _measured(twins: list[FastScorer]) -> str:
    return ", ".join(f"the {twin.info.kind} {twin.gain:.1f} times" for twin in twins if twin.gain is not None)
