"""`make bench`: one table, printed and written to bench/RESULTS.md. A missed goal fails nobody."""

from __future__ import annotations

import argparse
import os
import platform
from pathlib import Path

from bench import (
    calling,
    command,
    decoding,
    generation,
    loops,
    peers,
    reading,
    size,
    starting,
    testing,
)
from bench.pairs import Ratio
from bench.row import Row

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes instead of ten")
    parser.add_argument(
        "--reference", type=Path, metavar="FILE",
        help="an OpenAPI document: its operations are the whole reference",
    )  # fmt: skip
    parser.add_argument("--tests", action="store_true", help="time `make test`, too")
    options = parser.parse_args()
    rounds = 2 if options.quick else 20
    with peers.generated() as others:
        found = starting.rows(others, rounds)
        found += calling.rows(others, rounds, 300 if options.quick else 1_000)
        found += loops.rows(others, rounds)
        found += command.rows(others, *((1_000, 1) if options.quick else (10_000, 3)))
    found += decoding.rows(1 if options.quick else 5)
    found += generation.rows(2 if options.quick else 7, options.reference) + size.rows()
    if options.tests:
        found += testing.rows()
    lines = [
        f"| what | measured | goal | | {' | '.join(peers.OTHERS)} |",
        "| --- | --- | --- | --- |" + " --- |" * len(peers.OTHERS),
        *map(_line, found),
        "",
        "| pages read and assembled | seconds | as YAML | peak memory |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row.pages:,} | {row.seconds:.2f} | {row.yaml_seconds:.2f} | {row.megabytes:.0f} MB |"
        for row in reading.rows(reading.COUNTS[: 3 if options.quick else 4])
    ]
    table = "\n".join(lines)
    print(table)
    head = (
        "# Benchmarks\n\nWritten by `make bench`. Ratios are medians of interleaved rounds, with "
        "their quartiles:\na client's time over that of the base which the row names, ours in the "
        f"column `measured`.\nPython {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}, "
        f"{os.cpu_count()} cores, {'quick' if options.quick else 'full'} run.\n\n"
    )
    RESULTS.write_text(f"{head}{table}\n", encoding="utf-8")


def _line(row: Row) -> str:
    bound = "at least" if row.at_least else "at most"
    goal = "" if row.goal is None else f"{bound} {row.goal:g}{row.unit}"
    remark = ", ".join(filter(None, ["missed" if row.missed else "", row.note]))
    cells = [row.what, _figure(row, row.measured), goal, remark]
    cells += [_figure(row, row.peers[name]) if name in row.peers else "" for name in peers.OTHERS]
    return f"| {' | '.join(cells)} |"


def _figure(row: Row, value: float | None) -> str:
    if value is None:
        return "not to be had"
    shown = f"{value:.2f}{row.unit}" if row.unit else f"{value:g}"
    return f"{shown} ({value.low:.2f} to {value.high:.2f})" if isinstance(value, Ratio) else shown


if __name__ == "__main__":
    main()
