"""``python -m components.benchmark [--quick]``: prints the figures the README quotes."""

from __future__ import annotations

import argparse
import sys

import psutil

from components.benchmark import token_map, word_toggle
from components.benchmark.first_paint import measure

BUSY_PERCENT = 25  # other processes' share of all cores from which on a machine counts as busy


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m components.benchmark", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs: to see that it works, not to quote")
    options = parser.parse_args()
    before = psutil.cpu_percent(interval=1.0)
    print(f"{psutil.cpu_count()} cores, {before:.0f} % busy with other work before the first run")
    for line in measure(2 if options.quick else 5).lines():
        print(line)
    for line in token_map.lines(token_map.measure_token_map(2 if options.quick else 7)):
        print(line)
    for line in word_toggle.lines(word_toggle.measure_word_toggle(3 if options.quick else 12)):
        print(line)
    if before > BUSY_PERCENT:
        print("The machine was busy: compare the two pages, quote no figure, and take no verdict from this run.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
