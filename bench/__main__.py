"""`make bench`: one table, printed and written to bench/RESULTS.md. A missed goal fails nobody."""

from __future__ import annotations

import argparse
import platform
from pathlib import Path

from bench import calling, decoding, generation, reading, size, starting
from bench.pairs import Row

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute instead of five")
    quick = parser.parse_args().quick
    rounds = 5 if quick else 25
    found = starting.rows(rounds) + calling.rows(rounds) + decoding.rows(rounds)
    found += generation.rows(3 if quick else 9) + size.rows()
    lines = ["| what | measured | goal | |", "| --- | --- | --- | --- |"]
    lines += [_line(row) for row in found]
    lines += ["", "| pages read and assembled | seconds | as YAML | peak memory |"]
    lines += ["| --- | --- | --- | --- |"]
    lines += [
        f"| {row.pages:,} | {row.seconds:.2f} | {row.yaml_seconds:.2f} | {row.megabytes:.0f} MB |"
        for row in reading.rows()
    ]
    table = "\n".join(lines)
    print(table)
    head = (
        "# Benchmarks\n\nWritten by `make bench`. Ratios are medians of interleaved pairs, ours "
        f"over the peer's.\nPython {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}, {'quick' if quick else 'full'} run.\n\n"
    )
    RESULTS.write_text(f"{head}{table}\n", encoding="utf-8")


def _line(row: Row) -> str:
    measured = "not to be had" if row.measured is None else f"{row.measured:.2f}{row.unit}"
    bound = "at least" if row.at_least else "at most"
    goal = "" if row.goal is None else f"{bound} {row.goal:g}{row.unit}"
    remark = ", ".join(filter(None, ["missed" if row.missed else "", row.note]))
    return f"| {row.what} | {measured} | {goal} | {remark} |"


if __name__ == "__main__":
    main()
