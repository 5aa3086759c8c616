"""A client's life: closing, threads, event loops, forks, and calls that are cancelled."""

from __future__ import annotations

import contextlib
import gc
import os
import threading
import time
import warnings
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from blaxel_jobs import (
    APIConnectionError,
    ApiKey,
    AsyncJobsClient,
    ClientCredentials,
    ConfigurationError,
    JobsClient,
    RetryPolicy,
)
from blaxel_jobs_api.api.jobs import get_job_execution
from tests.client.conftest import KINDS
from tests.client.fault_server import Act, FaultServer, answer, execution, say_nothing, serving

KEY = ApiKey("key")
BACKENDS = ["asyncio", "trio"]


def test_closed() -> None:
    """A closed client, closed twice even, says so, and sends nothing."""
    with serving(execution()) as server:
        jobs = JobsClient(KEY, base_url=server.url)
        jobs.get("job", "exec")
        jobs.close()
        jobs.close()
        with pytest.raises(ConfigurationError, match="closed"):
            jobs.get("job", "exec")
        with pytest.raises(ConfigurationError, match="closed"):
            get_job_execution.sync_detailed("job", "exec", client=jobs.api)
        assert len(server.seen) == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_closed_async(backend: str) -> None:
    """A closed async client, closed twice even, says so, and sends nothing."""

    async def main(url: str) -> None:
        jobs = AsyncJobsClient(KEY, base_url=url)
        await jobs.get("job", "exec")
        await jobs.aclose()
        await jobs.aclose()
        with pytest.raises(ConfigurationError, match="closed"):
            await jobs.get("job", "exec")
        with pytest.raises(ConfigurationError, match="closed"):
            await get_job_execution.asyncio_detailed("job", "exec", client=jobs.api)

    with serving(execution()) as server:
        anyio.run(main, server.url, backend=backend)
        assert len(server.seen) == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_never_used(backend: str) -> None:
    """A client that was never used can be closed."""

    async def main() -> None:
        async with AsyncJobsClient(KEY):
            pass

    anyio.run(main, backend=backend)


def test_closed_during_a_call() -> None:
    """Closing ends the retries of a call under way."""
    with serving(answer(503)) as server:
        retry = RetryPolicy(max_attempts=100, initial_delay=0.2)
        jobs = JobsClient(KEY, base_url=server.url, retry=retry)
        errors: list[Exception] = []

        def cancel() -> None:
            try:
                jobs.cancel("job", "exec")
            except Exception as error:
                errors.append(error)

        thread = threading.Thread(target=cancel)
        thread.start()
        while not server.seen:
            time.sleep(0.01)
        jobs.close()
        thread.join(30)
        assert not thread.is_alive()
    assert len(errors) == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_event_loop_after_another(backend: str) -> None:
    """A client works in a second event loop; the first one's connections were closed with it."""
    with serving(execution()) as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        credentials = ClientCredentials("id", "secret")
        server.script[:] = [answer(200, {"access_token": "t", "expires_in": 60}), execution()]
        jobs = AsyncJobsClient(credentials, base_url=server.url)

        async def main() -> None:
            for _ in range(2):
                await jobs.cancel("job", "exec")

        for _ in range(3):
            anyio.run(main, backend=backend)
            gc.collect()
        assert server.connections == 3
        assert [seen.method for seen in server.seen] == ["POST"] + ["DELETE"] * 6


def test_event_loops_in_threads() -> None:
    """One client serves event loops in several threads at a time."""
    with serving(execution()) as server:
        jobs = AsyncJobsClient(KEY, base_url=server.url)
        statuses: list[object] = []

        async def main() -> None:
            for _ in range(5):
                statuses.append((await jobs.cancel("job", "exec")).status)

        threads = [threading.Thread(target=lambda: anyio.run(main)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert statuses == ["cancelling"] * 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize("kind", KINDS)
def test_fork(kind: str) -> None:
    """A forked child makes connections of its own, and does not wait for its parent's threads."""
    with serving(execution()) as server:
        jobs = JobsClient(KEY, base_url=server.url) if kind == "sync" else None
        async_jobs = AsyncJobsClient(KEY, base_url=server.url)

        def cancel() -> None:
            if jobs is not None:
                jobs.cancel("job", "exec")
            else:
                anyio.run(async_jobs.cancel, "job", "exec", backend=kind)

        cancel()
        transport: Any = (jobs or async_jobs)._http._transport
        context = transport._context
        with context.tokens._lock, context.quota._lock, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads of this test
            child = os.fork()
        if child == 0:
            try:
                cancel()
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        cancel()
        assert len(server.seen) == 3
        # The parent goes on with its own connection, where it has a loop to keep one in.
        assert server.connections == (2 if jobs is not None else 3)
        if jobs is not None:
            jobs.close()


TOKEN = answer(200, {"access_token": "t", "expires_in": 60})


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("script", "methods"),
    [
        ([TOKEN, say_nothing], ["POST", "DELETE"]),
        ([say_nothing], ["POST"]),
        ([TOKEN, answer(503, Retry_After="20")], ["POST", "DELETE"]),
    ],
    ids=["attempt", "token", "wait"],
)
def test_cancelled_task(backend: str, script: list[Act], methods: list[str]) -> None:
    """A caller that is cancelled goes at once, wherever the call is; what was open is closed."""
    with serving(*script) as server:

        async def main() -> None:
            credentials = ClientCredentials("i", "s")
            async with AsyncJobsClient(credentials, base_url=server.url, timeout=60) as jobs:
                with anyio.fail_after(15):  # the server says nothing, or asks for a wait, longer
                    async with anyio.create_task_group() as group:
                        group.start_soon(jobs.cancel, "job", "exec")
                        await server.has_seen(len(methods))
                        await anyio.wait_all_tasks_blocked()
                        group.cancel_scope.cancel()

        anyio.run(main, backend=backend)
        assert [seen.method for seen in server.seen] == methods
        assert server.closed_by_client(1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_cancelled_leader(backend: str) -> None:
    """A caller that is cancelled while it fetches the token leaves the others another chance."""
    with serving(say_nothing, TOKEN, execution()) as server:
        statuses: list[object] = []

        async def main() -> None:
            async def leader() -> None:
                with scope:
                    await jobs.cancel("job", "exec")

            async def follower() -> None:
                statuses.append((await jobs.cancel("job", "exec")).status)

            scope = anyio.CancelScope()
            async with (
                AsyncJobsClient(ClientCredentials("i", "s"), base_url=server.url) as jobs,
                anyio.create_task_group() as group,
            ):
                group.start_soon(leader)
                await server.has_seen(1)
                group.start_soon(follower)
                await anyio.wait_all_tasks_blocked()
                scope.cancel()

        anyio.run(main, backend=backend)
        assert [seen.method for seen in server.seen] == ["POST", "POST", "DELETE"]
    assert statuses == ["cancelling"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_event_loop_goes_on(backend: str) -> None:
    """While calls wait, other tasks of the event loop run."""
    ended = False

    async def main(server: FaultServer) -> None:
        async def cancel() -> None:
            nonlocal ended
            with contextlib.suppress(APIConnectionError):
                await jobs.cancel("job", "exec")
            ended = True

        retry = RetryPolicy(initial_delay=0)
        credentials = ClientCredentials("i", "s")
        async with (
            AsyncJobsClient(credentials, base_url=server.url, retry=retry, timeout=15) as jobs,
            anyio.create_task_group() as group,
        ):
            group.start_soon(cancel)
            await server.has_seen(3)
            for _ in range(15):
                await anyio.sleep(0.01)
            assert not ended
            group.cancel_scope.cancel()

    with serving(TOKEN, answer(503), say_nothing) as server:
        anyio.run(main, server, backend=backend)


def test_injected_transport_is_closed() -> None:
    """A transport that was handed in is closed with the client."""

    class Transport(httpx.MockTransport):
        closed = False

        def close(self) -> None:
            self.closed = True

    transport = Transport(lambda request: httpx.Response(200))
    with JobsClient(KEY, transport=transport):
        pass
    assert transport.closed
