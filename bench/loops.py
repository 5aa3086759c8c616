"""What an event loop waits for: the first call in it, and a loop for each call.

Run as `python -m bench.loops URL TLS` in an environment that has the client: it prints milliseconds
as JSON. The first call is measured in a process of its own, since modules are imported but once,
and against a server of TLS whose certificate it refuses: most of a first call is to read those that
it trusts, which it does anew for a client.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress

from bench.pairs import Ratio
from bench.peer import EXECUTION_ID, JOB
from bench.peers import Peers
from bench.row import Row
from bench.server import serving

__all__ = ["rows"]

_RUNS = 300


def rows(peers: Peers, rounds: int) -> list[Row]:
    """Measure in new processes, one after the other."""
    still, again, run = [], [], []
    environment = peers.environment("blaxel_jobs")
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):  # with these, it would be read beforehand
        environment.pop(name, None)
    with serving() as url, serving(tls=True) as tls:
        for _ in range(max(3, rounds // 3)):
            command = [*peers.python("blaxel_jobs"), "-m", "bench.loops", url, tls]
            done = subprocess.run(command, capture_output=True, check=True, env=environment)
            found = json.loads(done.stdout)
            still.append(found["still"])
            again.append(found["again"])
            run.append(found["run"])
    what = "a loop stands still in the first async call"
    return [
        Row(what, Ratio.of(still), 5, unit=" ms"),
        Row("the same in the next loop, one client", Ratio.of(again), 5, unit=" ms"),
        Row(f"a cancel by `asyncio.run`, one client, {_RUNS} times, over an empty one",
            Ratio.of(run), 5, unit=" ms"),
    ]  # fmt: skip


def _main(url: str, tls: str) -> None:
    from blaxel_jobs import APIConnectionError, ApiKey, AsyncJobsClient

    client, refusing = (AsyncJobsClient(ApiKey("key"), base_url=one) for one in (url, tls))

    async def cancel() -> None:
        await client.cancel(JOB, EXECUTION_ID)

    async def refuse() -> None:
        with suppress(APIConnectionError):
            await refusing.cancel(JOB, EXECUTION_ID)

    async def nothing() -> None:
        pass

    still, again = (asyncio.run(_still(refuse)) for _ in range(2))
    used, empty = (_of_one(of) for of in (cancel, nothing))
    figures = {"still": still, "again": again, "run": used - empty}
    print(json.dumps({name: 1000 * seconds for name, seconds in figures.items()}))


async def _still(cancel: Callable[[], Coroutine[None, None, None]]) -> float:
    """Return the longest time in which nothing else ran while the call was under way."""
    gaps: list[float] = []

    async def tick() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0.01)
    gaps.clear()
    await cancel()
    ticking.cancel()
    return max(gaps)


def _of_one(of: Callable[[], Coroutine[None, None, None]]) -> float:
    seconds = []
    for _ in range(_RUNS):
        begun = time.perf_counter()
        asyncio.run(of())
        seconds.append(time.perf_counter() - begun)
    return statistics.mean(seconds)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
