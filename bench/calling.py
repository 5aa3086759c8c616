"""What one cancel costs, and a thousand."""

from __future__ import annotations

import asyncio
import json

import httpx

from bench.pairs import Row, calls
from bench.server import EXECUTION, serving
from blaxel_jobs import ApiKey, AsyncJobsClient, JobsClient

__all__ = ["rows"]

_PATH = "/jobs/job/executions/exec"
_HEADERS = {"Authorization": "Bearer key"}
_BODY = json.dumps(EXECUTION).encode()


def rows(rounds: int) -> list[Row]:
    """Compare with raw httpx and a client that is used again."""
    with serving() as url:
        over_loopback = _sync(url, rounds, httpx.HTTPTransport(), httpx.HTTPTransport())
        in_async_code = _async(url, rounds)
        many = _many(url, max(3, rounds // 4), httpx.Limits(max_connections=100))
    with serving(0.05) as url:
        best = httpx.Limits(max_connections=100, max_keepalive_connections=100)
        slow = _many(url, max(3, rounds // 8), best)
    played = httpx.MockTransport(lambda _: httpx.Response(200, content=_BODY))
    return [
        Row("one cancel over loopback, sync, over raw httpx with r.json()", over_loopback, 0.95),
        Row("the same, async", in_async_code, 0.95),
        Row("CPU of one cancel, in-process transport, over raw httpx",
            _sync("http://localhost/v0", rounds, played, played), 1.0),
        Row("throughput of 1,000 async cancels, 100 in flight, over raw httpx's defaults",
            1 / many, 1.5, at_least=True),
        Row("the same with a server that takes 50 ms, over raw httpx at its best",
            1 / slow, 1.0, at_least=True),
    ]  # fmt: skip


def _sync(url: str, rounds: int, ours: httpx.BaseTransport, peer: httpx.BaseTransport) -> float:
    with (
        JobsClient(ApiKey("key"), base_url=url, transport=ours) as jobs,
        httpx.Client(base_url=url, headers=_HEADERS, transport=peer) as raw,
    ):
        return calls(
            lambda: [jobs.cancel("job", "exec") for _ in range(100)],
            lambda: [raw.delete(_PATH).json() for _ in range(100)],
            rounds,
        )


def _async(url: str, rounds: int) -> float:
    with asyncio.Runner() as runner:
        jobs = AsyncJobsClient(ApiKey("key"), base_url=url)
        raw = httpx.AsyncClient(base_url=url, headers=_HEADERS)

        async def ours() -> None:
            for _ in range(100):
                await jobs.cancel("job", "exec")

        async def peer() -> None:
            for _ in range(100):
                (await raw.delete(_PATH)).json()

        try:
            return calls(lambda: runner.run(ours()), lambda: runner.run(peer()), rounds)
        finally:
            runner.run(jobs.aclose())
            runner.run(raw.aclose())


def _many(url: str, rounds: int, limits: httpx.Limits) -> float:
    async def ours() -> None:
        async with AsyncJobsClient(ApiKey("key"), base_url=url) as jobs:
            pairs = (("job", "exec") for _ in range(1000))
            results = [one.error async for one in jobs.cancel_many(pairs, concurrency=100)]
        assert results == [None] * 1000

    async def peer() -> None:
        gate = asyncio.Semaphore(100)
        async with httpx.AsyncClient(base_url=url, headers=_HEADERS, limits=limits) as raw:

            async def one() -> None:
                async with gate:
                    (await raw.delete(_PATH)).json()

            await asyncio.gather(*(one() for _ in range(1000)))

    return calls(lambda: asyncio.run(ours()), lambda: asyncio.run(peer()), rounds)
