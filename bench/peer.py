"""One client in a process of its own: it reads what to do from lines, and answers with seconds.

Run as `python -m bench.peer NAME URL` in the environment that has the client (`bench.peers` starts
it). Each line of standard input names a deed and a count; the answer is the seconds that it took:

    sync N     N cancels, one after the other, over loopback
    async N    the same in async code
    hooked N   the same while a wrapper stands around `httpx.Client.send`, as tracers put it there
    cpu N      N cancels against a transport in the process
    acpu N     the same in async code
    many N     N async cancels, 100 in flight, with a client of their own
    threadsT N N cancels in T threads, with a client of their own
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any
from unittest import mock

# Not ours alone: this module runs where nothing of this project is installed.
from bench.server import EXECUTION

__all__ = ["CLIENTS", "EXECUTION_ID", "JOB", "Client"]

JOB, EXECUTION_ID = "data-processing-job", "exec-abc123"  # the one that the server answers with
_PATH = f"/jobs/{JOB}/executions/{EXECUTION_ID}"
_HEADERS = {"Authorization": "Bearer key"}
_BODY = json.dumps(EXECUTION).encode()

Sync = Callable[[], object]
Async = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Client:
    """Makes clients of one kind: functions that cancel once. None: it has no such client."""

    sync: Callable[[], Sync]
    in_process: Callable[[], Sync] | None = None
    """Against a transport in the process."""
    asynchronous: Callable[[], tuple[Async, Async]] | None = None
    """How it cancels, and how it is closed."""
    async_in_process: Callable[[], tuple[Async, Async]] | None = None
    many: Callable[[int], Awaitable[object]] | None = None
    threads: Callable[[int, int], object] | None = None
    """In so many threads, so many cancels."""


async def _in_flight(cancel: Async, count: int) -> None:
    gate = asyncio.Semaphore(100)

    async def one() -> None:
        async with gate:
            await cancel()

    await asyncio.gather(*(one() for _ in range(count)))


def _played() -> Any:
    import httpx

    return httpx.MockTransport(lambda _: httpx.Response(200, content=_BODY))


def _httpx(url: str, kept: int = 20) -> Client:
    """Raw httpx, by default with its own limits."""
    import httpx

    def sync(transport: Any = None) -> Sync:
        client = httpx.Client(base_url=url, headers=_HEADERS, transport=transport)
        return lambda: client.delete(_PATH).json()

    pool = httpx.Limits(max_connections=100, max_keepalive_connections=kept)

    def asynchronous(transport: Any = None) -> tuple[Async, Async]:
        client = httpx.AsyncClient(base_url=url, headers=_HEADERS, limits=pool, transport=transport)

        async def cancel() -> object:
            return (await client.delete(_PATH)).json()

        return cancel, client.aclose

    def threads(most: int, count: int) -> None:
        def cancel(_: int) -> object:
            while True:
                # httpcore closes idle connections that are one too many, also under another
                # thread that has just taken one.
                with suppress(httpx.TransportError):
                    return client.delete(_PATH).json()

        with (
            httpx.Client(base_url=url, headers=_HEADERS, limits=pool) as client,
            ThreadPoolExecutor(most) as executor,
        ):
            for _ in executor.map(cancel, range(count)):
                pass

    return Client(
        sync,
        lambda: sync(_played()),
        asynchronous,
        lambda: asynchronous(_played()),
        threads=threads,
    )


def _ours(url: str) -> Client:
    from blaxel_jobs import ApiKey, AsyncJobsClient, JobsClient

    key = ApiKey("key")

    def sync(transport: Any = None) -> Sync:
        client = JobsClient(key, base_url=url, transport=transport)
        return lambda: client.cancel(JOB, EXECUTION_ID)

    def asynchronous(transport: Any = None) -> tuple[Async, Async]:
        client = AsyncJobsClient(key, base_url=url, transport=transport)
        return lambda: client.cancel(JOB, EXECUTION_ID), client.aclose

    async def many(count: int) -> None:
        async with AsyncJobsClient(key, base_url=url) as client:
            pairs = ((JOB, EXECUTION_ID) for _ in range(count))
            async for one in client.cancel_many(pairs, concurrency=100):
                assert one.error is None

    def threads(most: int, count: int) -> None:
        with JobsClient(key, base_url=url) as client:
            pairs = ((JOB, EXECUTION_ID) for _ in range(count))
            for one in client.cancel_many(pairs, concurrency=most):
                assert one.error is None

    return Client(
        sync,
        lambda: sync(_played()),
        asynchronous,
        lambda: asynchronous(_played()),
        many,
        threads,
    )


def _generated(url: str) -> Client:
    """The bare generated client, as openapi-python-client makes it of spec/openapi.yaml."""
    return _of_openapi_python_client(url, "bare", "bare.api.jobs.cancel_job_execution")


def _vendor(url: str) -> Client:
    operation = "blaxel.core.client.api.jobs.delete_job_execution"
    return _of_openapi_python_client(url, "blaxel.core.client", operation)


def _of_openapi_python_client(url: str, package: str, module: str) -> Client:
    # By name: these are installed, or generated, only where this runs.
    make, operation = import_module(package).Client, import_module(module)

    def sync(transport: Any = None) -> Sync:
        arguments = {} if transport is None else {"transport": transport}
        client = make(base_url=url, headers=_HEADERS, httpx_args=arguments)
        return lambda: operation.sync(JOB, EXECUTION_ID, client=client)

    def asynchronous() -> tuple[Async, Async]:
        client = make(base_url=url, headers=_HEADERS)

        async def close() -> None:
            await client.get_async_httpx_client().aclose()

        return lambda: operation.asyncio(JOB, EXECUTION_ID, client=client), close

    return Client(sync, lambda: sync(_played()), asynchronous)


def _openapi_generator(url: str) -> Client:
    openapi_client = import_module("openapi_client")

    def sync() -> Sync:
        configuration = openapi_client.Configuration(host=url, access_token="key")
        api = openapi_client.JobsApi(openapi_client.ApiClient(configuration))
        return lambda: api.cancel_job_execution(JOB, EXECUTION_ID)

    return Client(sync)


def _on_httpx2(make: Callable[[str], Client], url: str) -> Client:
    import httpx2

    httpx2.alias_httpx()  # the process has imported no httpx yet
    return make(url)


CLIENTS: dict[str, Callable[[str], Client]] = {
    "httpx": _httpx,
    "httpx, all connections kept": partial(_httpx, kept=100),
    "httpx, none kept": partial(_httpx, kept=0),
    "blaxel_jobs": _ours,
    "httpx2": partial(_on_httpx2, _httpx),
    "blaxel_jobs on httpx2": partial(_on_httpx2, _ours),
    "bare generated client": _generated,
    "vendor's SDK": _vendor,
    "openapi-generator": _openapi_generator,
}
"""Each client by its name: a function from the base URL to the client."""


def _seconds(cancel: Sync, count: int, clock: Callable[[], float]) -> float:
    begun = clock()
    for _ in range(count):
        cancel()
    return clock() - begun


def _hooked_seconds(cancel: Sync, count: int) -> float:
    import httpx

    send: Any = httpx.Client.send

    def hooked(*args: Any, **kwargs: Any) -> Any:
        return send(*args, **kwargs)

    with mock.patch.object(httpx.Client, "send", hooked):
        return _seconds(cancel, count, time.perf_counter)


def _threads_seconds(client: Client, threads: int, count: int) -> float | None:
    if client.threads is None:
        return None
    begun = time.perf_counter()
    client.threads(threads, count)
    return time.perf_counter() - begun


async def _async_cpu_seconds(client: Client, count: int) -> float | None:
    if client.async_in_process is None:
        return None
    cancel, close = client.async_in_process()
    await cancel()
    begun = time.process_time()
    for _ in range(count):
        await cancel()
    seconds = time.process_time() - begun
    await close()
    return seconds


async def _async_seconds(client: Client, deed: str, count: int) -> float | None:
    begun = time.perf_counter()
    if deed == "many" and client.many is not None:
        await client.many(count)
        return time.perf_counter() - begun
    if client.asynchronous is None:
        return None
    cancel, close = client.asynchronous()
    if deed == "many":
        await _in_flight(cancel, count)
    else:
        await cancel()  # the connection is not what is measured
        begun = time.perf_counter()
        for _ in range(count):
            await cancel()
    seconds = time.perf_counter() - begun
    await close()
    return seconds


def _main(name: str, url: str) -> None:
    client = CLIENTS[name](url)
    sync = client.sync()
    in_process = client.in_process and client.in_process()
    with asyncio.Runner() as runner:
        for line in sys.stdin:
            deed, count = line.split()[0], int(line.split()[1])
            if deed == "sync":
                seconds: float | None = _seconds(sync, count, time.perf_counter)
            elif deed == "cpu":
                seconds = in_process and _seconds(in_process, count, time.process_time)
            elif deed == "hooked":
                seconds = _hooked_seconds(sync, count)
            elif deed == "acpu":
                seconds = runner.run(_async_cpu_seconds(client, count))
            elif deed.startswith("threads"):
                seconds = _threads_seconds(client, int(deed.removeprefix("threads")), count)
            else:
                seconds = runner.run(_async_seconds(client, deed, count))
            print(seconds, flush=True)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
