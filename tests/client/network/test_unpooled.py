"""One connection without httpcore's pool: used again, made anew, and given up where it must be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partialmethod
from typing import Any

import pytest

from blaxel_jobs import ApiKey, AsyncJobsClient, JobsClient
from blaxel_jobs._http.core import httpcore
from tests.client.fault_server import EXECUTION, answer, execution, serving

JOB, EXEC = "data-processing-job", "exec-abc123"

Cancels = Callable[[str, int], None]


def _cancel(url: str, times: int) -> None:
    with JobsClient(ApiKey("k"), base_url=url) as jobs:
        for _ in range(times):
            jobs.cancel(JOB, EXEC)


def _cancel_async(url: str, times: int) -> None:
    async def main() -> None:
        async with AsyncJobsClient(ApiKey("k"), base_url=url) as jobs:
            for _ in range(times):
                await jobs.cancel(JOB, EXEC)

    asyncio.run(main())


@pytest.fixture(params=[_cancel, _cancel_async])
def cancel(request: pytest.FixtureRequest) -> Cancels:
    """Cancel so many times with one client."""
    found: Cancels = request.param
    return found


def test_used_again(cancel: Cancels) -> None:
    """One connection serves one call after the other."""
    with serving(execution()) as server:
        cancel(server.url, 3)
        assert (len(server.seen), server.connections) == (3, 1)


def test_closed_by_the_server(cancel: Cancels) -> None:
    """A connection that the server gives up is not used again, and no request is lost by it."""
    with serving(answer(200, EXECUTION, Connection="close")) as server:
        cancel(server.url, 3)
        assert (len(server.seen), server.connections) == (3, 3)
        assert server.closed_by_client(3)


@pytest.mark.parametrize("as_function", [True, False])
def test_replaced_pool(cancel: Cancels, monkeypatch: pytest.MonkeyPatch, as_function: bool) -> None:
    """Recorders such as vcrpy replace the pool's method: then requests go through it."""
    seen = []
    for kind, name in (
        (httpcore.ConnectionPool, "handle_request"),
        (httpcore.AsyncConnectionPool, "handle_async_request"),
    ):
        original = getattr(kind, name)

        def replaced(self: object, request: httpcore.Request, original: Any = original) -> Any:
            seen.append(request.url.target)
            return original(self, request)

        method = replaced if as_function else partialmethod(replaced)
        monkeypatch.setattr(kind, name, method)
    with serving(execution()) as server:
        cancel(server.url, 2)
        assert len(server.seen) == 2
    assert seen == [f"/v0/jobs/{JOB}/executions/{EXEC}".encode()] * 2
