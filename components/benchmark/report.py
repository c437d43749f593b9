"""What a run found, as a table on the screen, as JSON, and as Markdown for the README."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from components.scoring.machine import BUSY_SHARE, OthersWatch

WATCH_S = 1.0  # so long the machine is watched before each part


@dataclass(frozen=True)
class Line:
    """One figure. ``bar`` is what it is held against, in words; ``is_met`` the verdict, None where there is none."""

    part: str
    name: str
    value: float
    unit: str
    detail: str = ""
    bar: str = ""
    is_met: bool | None = None


@dataclass(frozen=True)
class Machine:
    """Where the figures come from. ``load_average`` is over 1, 5 and 15 minutes before the first run."""

    processor: str
    cores: int
    threads: int
    device: str
    torch: str
    load_average: tuple[float, float, float]
    others_before: float
    quick: bool
    others: tuple[tuple[str, float], ...] = ()  # the share of the cores that others used before and in each part

    @property
    def is_busy(self) -> bool:
        return max([self.others_before, *(share for _, share in self.others)]) > BUSY_SHARE


def others_before() -> float:
    """The share of the cores that other processes use now, watched for a second."""
    watch = OthersWatch()
    time.sleep(WATCH_S)
    return watch.look()


def load_average() -> tuple[float, float, float]:
    """psutil's, which stands in for it on Windows."""
    one, five, fifteen = psutil.getloadavg()
    return one, five, fifteen


def verdict(line: Line, is_busy: bool) -> str:
    """Words for the last column: no verdict from a busy machine."""
    if not line.bar or line.is_met is None:
        return line.bar
    if is_busy:
        return f"bar: {line.bar}; no verdict, the machine was busy"
    return f"{'meets' if line.is_met else 'misses'} the bar: {line.bar}"


def headline(machine: Machine) -> str:
    """The conditions in one sentence."""
    loads = ", ".join(f"{value:.1f}" for value in machine.load_average)
    busiest = max(share for _, share in (("", machine.others_before), *machine.others))
    said = (
        f"{machine.processor}, {machine.cores} cores, {machine.threads} threads, {machine.device}, "
        f"torch {machine.torch}; load average before {loads}; other processes used up to {busiest:.0%} of the cores."
    )
    if machine.quick:
        said += " A quick run: to see that it works, not to quote."
    return said + (
        " The machine was busy: compare what stands beside each other, no verdict." if machine.is_busy else ""
    )


def table(machine: Machine, lines: Sequence[Line]) -> str:
    """For the screen: one figure a line."""
    rows = [headline(machine)]
    part = ""
    for line in lines:
        if line.part != part:
            part = line.part
            rows += ["", part]
        said = " ".join(
            word for word in (line.detail, f"[{verdict(line, machine.is_busy)}]" if line.bar else "") if word
        )
        rows.append(f"  {line.name:<52} {_number(line.value):>9} {line.unit:<16} {said}".rstrip())
    return "\n".join(rows)


def markdown(machine: Machine, lines: Sequence[Line]) -> str:
    """For the README: a table."""
    rows = [headline(machine), "", "| part | figure | value | |", "| --- | --- | ---: | --- |"]
    for line in lines:
        said = "; ".join(word for word in (line.detail, verdict(line, machine.is_busy)) if word)
        rows.append(f"| {line.part} | {line.name} | {_number(line.value)} {line.unit} | {said} |")
    return "\n".join(rows) + "\n"


def save(machine: Machine, lines: Sequence[Line], path: Path) -> None:
    """JSON at ``path``, Markdown beside it."""
    content: dict[str, Any] = {
        "machine": asdict(machine) | {"is_busy": machine.is_busy},
        "lines": [asdict(line) | {"verdict": verdict(line, machine.is_busy)} for line in lines],
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(markdown(machine, lines), encoding="utf-8")


def _number(value: float) -> str:
    if value and abs(value) < 0.01:
        return f"{value:.1e}"
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
