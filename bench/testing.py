"""How long a maintainer waits for `make test`."""

from __future__ import annotations

import subprocess
import time

from bench.peers import ROOT
from bench.row import Row

__all__ = ["rows"]


def rows() -> list[Row]:
    """Run the tests once, as they are run: in parallel, on all cores."""
    started = time.perf_counter()
    command = ["make", "--no-print-directory", "test"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    passed = done.returncode == 0
    last = (done.stdout.rstrip().splitlines() or [""])[-1].strip("= ")
    note = last.partition(" in ")[0] if passed else f"failed: {last}"
    return [Row("`make test`", seconds if passed else None, 100, note, unit=" s")]
