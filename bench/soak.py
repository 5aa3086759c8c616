"""A soak at scale, run by hand and recorded in SOAK.md: many cancels against a server with faults.

    PYTHONPATH=.:overrides:generated .venv/bin/python -m bench.soak async 1000000
    PYTHONPATH=.:overrides:generated .venv/bin/python -m bench.soak sync 200000
    PYTHONPATH=.:overrides:generated .venv/bin/python -m bench.soak all 100000 --seconds 3600

One request in fifty gets a 503, one in a hundred is hung up on after its cancel took place. `all`
is `cancel_all` against the served fake, without faults; with `--seconds`, again and again for that
long, by one client, while the fake is started anew each time. At the end client and server must
agree on every execution, and neither memory, descriptors nor threads have grown since the first
tenth, with `--seconds` since the first round; else it exits with 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit
from urllib.request import urlopen

from blaxel_jobs import ApiKey, AsyncJobsClient, CancelResult, JobsClient, RetryPolicy
from blaxel_jobs.testing import FakeAPI
from blaxel_jobs.testing.server import FakeServer

_JOB = "job"
_RETRY = RetryPolicy(max_attempts=8, initial_delay=0.001, max_delay=0.01)
_MORE_MEMORY = 8.0
"""MB that may come and go."""


class _Server(asyncio.Protocol):
    """Cancels what it is asked to, but for its faults; counts what it answered with success."""

    requests = 0
    cancelled: ClassVar[set[bytes]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._seen = transport, b""

    def data_received(self, data: bytes) -> None:
        self._seen += data
        while b"\r\n\r\n" in self._seen:
            head, _, self._seen = self._seen.partition(b"\r\n\r\n")
            self._answer(head.split(b" ", 2)[1].rpartition(b"/")[2])

    def _answer(self, execution: bytes) -> None:
        if execution == b"cancelled":
            self._reply(str(len(_Server.cancelled)).encode())
            return
        _Server.requests += 1
        if _Server.requests % 50 == 0:
            self._transport.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
            return
        _Server.cancelled.add(execution)
        if _Server.requests % 100 == 1:  # it took place, and nobody hears of it
            self._transport.abort()
            return
        found = {"metadata": {"id": execution.decode()}, "spec": {}, "status": "cancelling"}
        self._reply(json.dumps(found).encode())

    def _reply(self, body: bytes) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


class _Watch:
    """Compares what the process holds with what it held after a tenth of the work."""

    def __init__(self, count: int) -> None:
        self._count, self._rounds, self._done = count, 1, 0
        self._before: tuple[float, int, int] | None = None
        self.failed = 0
        self._begun = time.monotonic()

    def again(self) -> None:
        """Expect as many results once more; the first round shows what a list needs."""
        if self._rounds == 1:
            self._before = _held()
        self._rounds += 1

    def take(self, result: CancelResult) -> None:
        """Take note of a result; only its error is of interest."""
        self._done += 1
        if result.error is not None:
            self.failed += 1
            print(f"{result.execution_id}: {result.error!r}", file=sys.stderr)
        if self._done == max(1, self._count // 10):
            self._before = _held()
        if self._done % max(1, self._count // 10) == 0:
            memory, descriptors, threads = _held()
            rate = self._done / (time.monotonic() - self._begun)
            print(
                f"{self._done:>9,} cancels  {rate:6.0f}/s  {memory:6.1f} MB"
                f"  {descriptors} descriptors  {threads} threads",
                flush=True,
            )

    def problems(self) -> Iterator[str]:
        """Say what is not as it should be."""
        assert self._before is not None
        names = ("memory", "descriptors", "threads")
        for name, before, now, more in zip(
            names, self._before, _held(), (_MORE_MEMORY, 2, 0), strict=True
        ):
            if now > before + more:
                yield f"{name} grew from {before:.1f} to {now:.1f}"
        if self.failed:
            yield f"{self.failed} cancels failed"
        if self._done != self._count * self._rounds:
            yield f"{self._done} results of {self._count * self._rounds}"


def _held() -> tuple[float, int, int]:
    """Return the memory in MB, the open descriptors and the threads of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return pages * resource.getpagesize() / 2**20, descriptors, threading.active_count()


def _pairs(count: int) -> Iterator[tuple[str, str]]:
    return ((_JOB, f"exec-{number}") for number in range(count))


def _sync(url: str, count: int, concurrency: int, watch: _Watch) -> None:
    with JobsClient(ApiKey("key"), base_url=url, retry=_RETRY) as jobs:
        for result in jobs.cancel_many(_pairs(count), concurrency=concurrency):
            watch.take(result)


async def _async(url: str, count: int, concurrency: int, watch: _Watch) -> None:
    async with AsyncJobsClient(ApiKey("key"), base_url=url, retry=_RETRY) as jobs:
        async for result in jobs.cancel_many(_pairs(count), concurrency=concurrency):
            watch.take(result)


def _all(count: int, concurrency: int, seconds: float, watch: _Watch) -> None:
    until = time.monotonic() + seconds
    with _serving("serve-fake", count) as url:
        jobs = JobsClient(ApiKey("key"), base_url=url, retry=_RETRY)
        _cancel_all(jobs, concurrency, watch)
    with jobs:
        while time.monotonic() < until:
            watch.again()
            with _serving("serve-fake", count, port=urlsplit(url).port):
                _cancel_all(jobs, concurrency, watch)


def _cancel_all(jobs: JobsClient, concurrency: int, watch: _Watch) -> None:
    for result in jobs.cancel_all(_JOB, concurrency=concurrency):
        watch.take(result)


@contextmanager
def _serving(mode: str, count: int, port: int | None = 0) -> Iterator[str]:
    """Serve in a process of its own, so that what it holds is not taken for the client's."""
    command = [sys.executable, "-m", "bench.soak", mode, str(count), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v0", flush=True)
    await server.serve_forever()


def _serve_fake(count: int, port: int) -> None:
    api = FakeAPI()
    for _, execution in _pairs(count):
        api.add(_JOB, execution)
    with FakeServer(api, port=port) as server:
        print(server.url, flush=True)
        server.serve_forever()


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("mode", choices=["async", "sync", "all", "serve", "serve-fake"])
    parser.add_argument("count", type=int, help="how many cancels")
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=0.0, help="all: go on for that long")
    parser.add_argument("--port", type=int, default=0, help="serve-fake: where")
    options = parser.parse_args()
    if options.mode == "serve":
        asyncio.run(_serve())
    if options.mode == "serve-fake":
        _serve_fake(options.count, options.port)
    watch = _Watch(options.count)
    if options.mode == "all":
        _all(options.count, options.concurrency, options.seconds, watch)
        problems = list(watch.problems())
    else:
        with _serving("serve", options.count) as url:
            if options.mode == "sync":
                _sync(url, options.count, options.concurrency, watch)
            else:
                asyncio.run(_async(url, options.count, options.concurrency, watch))
            problems = list(watch.problems())
            with urlopen(f"{url}/cancelled") as answer:
                cancelled = int(answer.read())
        if cancelled != options.count:
            problems.append(f"the server has cancelled {cancelled} of {options.count}")
    print("\n".join(problems) or "as it should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(_main())
