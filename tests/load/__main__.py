"""``python -m tests.load --sessions 1,20,50 --minutes 10``: many visitors on one server, and a table of what they met.

The visitors run in this process, the server in its own; both have the machine's cores to share, and the load average is
printed, since it says what a time is worth. Not part of the test run, but for a short form (``test_load.py``).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.load.measure import class_of_phones, readers, single, writers
from tests.load.report import HEAD, Figures, memory_words, percentile, row, verdict
from tests.running import Server, start_server, stop_server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--sessions", default="1,20,50", help="how many visitors, one run each (default 1,20,50)")
    parser.add_argument("--minutes", type=float, default=1.0, help="length of each run (default 1; the bar is of 10)")
    parser.add_argument("--pause", type=float, default=10.0, help="seconds between a result and the next paste")
    parser.add_argument("--readers", type=int, default=0, help="then: so many who only read, over --over seconds")
    parser.add_argument("--over", type=float, default=60.0, help="seconds over which the readers come")
    parser.add_argument("--phones", type=int, default=0, help="then: a class of so many phones")
    parser.add_argument("--visitors", default="", help="RELEVANCE_LAB_VISITORS of the server")
    parser.add_argument("--json", type=Path, help="write all figures here")
    asked = parser.parse_args()
    found = {}
    environment = {"RELEVANCE_LAB_VISITORS": asked.visitors} if asked.visitors else {}
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(Path(folder), RELEVANCE_LAB_CACHE="off", **environment)
        try:
            found = asyncio.run(_all(asked, server))
        finally:
            stop_server(server)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


async def _all(asked: argparse.Namespace, server: Server) -> dict[str, object]:
    """All runs one after the other, each printed when it ends."""
    alone = await single(server)
    print(f"one visitor: script {alone.script_s * 1000:.0f} ms of CPU, longest piece {alone.piece_s * 1000:.0f} ms")
    print(HEAD, flush=True)
    print(row(alone.figures), flush=True)
    runs = [alone.figures]
    for sessions in (int(one) for one in asked.sessions.split(",") if int(one) > 1):
        runs.append(await writers(server, sessions, asked.minutes, asked.pause))
        print(row(runs[-1]), flush=True)
    for run in runs[1:]:
        print(verdict(alone.figures, run, alone.script_s, alone.piece_s) + "; memory " + memory_words(run))
        _print_troubles(run)
    if asked.readers:
        runs.append(await readers(server, asked.readers, asked.over))
        worst = max(runs[-1].first, default=float("nan"))
        print(row(runs[-1]))
        print(f"{asked.readers} readers over {asked.over:.0f} s: something on the page after {worst:.1f} s at most")
        _print_troubles(runs[-1])
    if asked.phones:
        figures, counts = await class_of_phones(server, asked.phones)
        runs.append(figures)
        print(row(figures))
        p95 = percentile(figures.own, 0.95)
        print(f"{asked.phones} phones: {sum(counts.values())} counted {counts}, p95 {p95:.1f} s after the click")
        _print_troubles(figures)
    print(f"load average at the end: {os.getloadavg()[0]:.1f}")
    return {"script_s": alone.script_s, "piece_s": alone.piece_s, "runs": [asdict(run) for run in runs]}


def _print_troubles(run: Figures) -> None:
    for trouble in run.troubles[:10]:
        print("  " + trouble)


if __name__ == "__main__":
    main()
