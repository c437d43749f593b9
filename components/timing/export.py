"""A race as CSV and JSON, with the environment in both, and back from JSON. No text of a visitor is in either."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import Any

from components.texts.cells import harmless
from components.timing.load import is_busy
from components.timing.records import (
    Asked,
    Environment,
    Lap,
    Leg,
    Load,
    Model,
    Part,
    RaceResult,
    Scan,
    Source,
    Way,
    Work,
)

_OF_LAP = ("part", "documents", "way", "round", "total_ms", "tokenise_ms", "forward_ms", "score_and_sort_ms", "cpu_ms")
_OF_WORK = ("passes", "batches", "tokens", "padded_tokens", "flop")
_OF_MACHINE = (
    *("device", "processor", "cores", "threads", "batch_tokens", "bi_encoder", "cross_encoder", "dtype"),
    *("max_length_bi", "max_length_cross", "replicates", "others_before_round", "wall_over_cpu", "wall_over_cpu_idle"),
    *("busy", "torch", "python", "system", "measured_at", "stored"),
)
COLUMNS = (*_OF_LAP, *_OF_WORK, *_OF_MACHINE)


def to_csv(result: RaceResult) -> str:
    """A line a lap (round 0 is the warm-up) and a line a search; the environment stands in every line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    legs = {leg.index: leg for leg in result.legs}
    for lap in result.laps:
        leg = legs[lap.leg]
        work = leg.work_of(lap.way)
        times = [f"{value:.4f}" for value in (lap.total, *lap.stages, lap.cpu)]
        counted = [work.passes, work.batches, work.tokens, work.padded, work.flops]
        others = _others(result, leg, lap.round)
        writer.writerow([leg.part, leg.documents, lap.way, lap.round, *times, *counted, *_machine(result, others)])
    for scan in result.scans:
        line = ["search", scan.vectors, "search of an index", scan.round, f"{scan.total:.4f}", "", "", "", ""]
        writer.writerow([*line, "", "", "", "", "", *_machine(result, "")])
    return out.getvalue()


def _others(result: RaceResult, leg: Leg, number: int) -> str:
    """The share of the cores that other processes used before a round: the race's rounds come first."""
    raced = max((lap.round for lap in result.laps if lap.leg == 0), default=0)
    place = number - 1 + (0 if leg.part is Part.RACE else raced)
    return f"{result.load.others[place]:.3f}" if number and place < len(result.load.others) else ""


def _machine(result: RaceResult, others: str) -> list[Any]:
    """The cells of ``_OF_MACHINE``, the same in every line but for ``others``."""
    env, load = result.environment, result.load
    bi, cross = env.models
    names = [harmless(name) for name in (env.device, env.processor)]
    of_models = [harmless(bi.name), harmless(cross.name), env.dtypes, bi.max_tokens or "", cross.max_tokens or ""]
    of_load = [others, f"{load.wall_over_cpu:.4f}", f"{load.idle:.4f}", "yes" if is_busy(load) else "no"]
    rest = [env.torch, env.python, env.system, env.measured_at, result.stored or ""]
    return [*names, env.cores, env.threads, env.batch_tokens, *of_models, result.rounds, *of_load, *rest]


def to_json(result: RaceResult, findings: dict[str, str] | None = None) -> str:
    """All of a race, and the sentences about it where they are given; ``from_json`` reads it back."""
    whole: dict[str, Any] = {"what": "race of a bi-encoder and a cross-encoder, times in milliseconds"}
    whole |= _rounded(asdict(result)) | ({"findings": findings} if findings else {})
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).replace('},{"leg"', '},\n{"leg"') + "\n"


def _rounded(value: Any) -> Any:
    """Times to a picosecond: fewer digits, and what is read back may be said in another last digit than on the page."""
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value


def from_json(text: str) -> RaceResult:
    """A race from ``to_json``. Raises ValueError, KeyError or TypeError where it is not one."""
    row = json.loads(text)
    asked = Asked(**{**row["asked"], "source": Source(row["asked"]["source"])})
    env = row["environment"]
    return RaceResult(
        asked,
        row["query_tokens"],
        tuple(_leg(leg) for leg in row["legs"]),
        tuple(_lap(lap) for lap in row["laps"]),
        tuple(Scan(**scan) for scan in row["scans"]),
        Environment(**{**env, "models": tuple(Model(**model) for model in env["models"])}),
        Load(tuple(row["load"]["others"]), row["load"]["wall_over_cpu"], row["load"]["idle"]),
        row["complete"],
        row["stopped"],
        row["stored"],
    )


def _leg(row: dict[str, Any]) -> Leg:
    work = tuple((Way(way), Work(**counted)) for way, counted in row["work"])
    return Leg(row["index"], Part(row["part"]), row["documents"], work)


def _lap(row: dict[str, Any]) -> Lap:
    ticks = tuple((float(at), int(count)) for at, count in row["ticks"])
    return Lap(**{**row, "way": Way(row["way"]), "ticks": ticks})
