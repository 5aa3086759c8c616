"""The operator's command on many lines: how fast, how soon, in how much memory."""

from __future__ import annotations

import os
import subprocess
import time
from statistics import median
from tempfile import TemporaryFile

from bench.peer import EXECUTION_ID, JOB
from bench.peers import Peers, running
from bench.row import Row
from bench.server import serving

__all__ = ["rows"]

_OURS = "blaxel_jobs"
_CONCURRENCY = 100


def rows(peers: Peers, lines: int, rounds: int) -> list[Row]:
    """Cancel that many executions with a server that takes 20 ms; medians of so many rounds."""
    text = "".join(f"{JOB} {EXECUTION_ID}-{number}\n" for number in range(lines))
    ratios, firsts, peaks = [], [], []
    with serving(0.02) as url:
        for _ in range(rounds):
            first, seconds, megabytes = _run(peers, url, text)
            with running(peers, url, (_OURS,)) as processes:
                took = processes[_OURS].seconds("many", lines)
            assert took is not None, "it can do all deeds"
            ratios.append(took / seconds)
            firsts.append(first)
            peaks.append(megabytes)
    what = f"`cancel -` with {lines:,} lines, a server that takes 20 ms"
    rate = f"{what}: rate over `cancel_many` in async code"
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    return [
        Row(rate, median(ratios), 0.9, note=spread, at_least=True),
        Row("the same: the first result", median(firsts), 0.5, unit=" s"),
        Row("the same: peak memory", median(peaks), 80, unit=" MB"),
    ]


def _run(peers: Peers, url: str, text: str) -> tuple[float, float, float]:
    """Return seconds to the first result and to the last, and peak memory in MB."""
    command = [
        *peers.python(_OURS), "-m", "blaxel_jobs", "cancel", "-", "--json", "--quiet",
        "--concurrency", str(_CONCURRENCY), "--base-url", url,
    ]  # fmt: skip
    environment = {**peers.environment(_OURS), "BL_API_KEY": "key"}
    with TemporaryFile("w+") as source:
        source.write(text)
        source.seek(0)
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=source, stdout=subprocess.PIPE, env=environment, text=True
        )
        assert process.stdout is not None
        with process.stdout as results:
            results.readline()
            first = time.perf_counter() - begun
            answered = 1 + sum(1 for _ in results)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    assert (process.returncode, answered) == (0, text.count("\n")), "every line was cancelled"
    return first, seconds, usage.ru_maxrss / 1024
