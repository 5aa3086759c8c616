"""Calls whose client is closed, process forked, event loop gone, or thread interrupted."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import httpx
import pytest

from blaxel_jobs import (
    APIConnectionError,
    ApiKey,
    AsyncJobsClient,
    BlaxelError,
    ClientCredentials,
    ConfigurationError,
    JobsClient,
    WaitFailedError,
)
from blaxel_jobs._network import pool
from blaxel_jobs._retry import waiting
from tests.client.fault_server import EXECUTION, answer, execution, say_nothing, serving

KEY = ApiKey("key")
BACKENDS = ["asyncio", "trio"]


@pytest.fixture
def waiting_calls(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Let a client have one connection; return the pools of calls that wait for it."""
    waiting: list[object] = []
    for kind in (pool.Pool, pool.AsyncPool):

        def wait(self: object, wait: Callable[[Any], Any] = kind._wait) -> Any:
            waiting.append(self)
            return wait(self)

        monkeypatch.setattr(kind, "_wait", wait)
    monkeypatch.setattr(pool, "_MOST", 1)
    return waiting


def test_closed_during_a_wait() -> None:
    """A call that waits for its next attempt ends at once, and sends nothing more."""
    waiting = threading.Event()
    errors: list[BlaxelError] = []
    with serving(answer(503, Retry_After="20")) as server:
        jobs = JobsClient(KEY, base_url=server.url, on_attempt=lambda _: waiting.set())

        def cancel() -> None:
            with pytest.raises(BlaxelError) as caught:
                jobs.cancel("job", "exec")
            errors.append(caught.value)

        thread = threading.Thread(target=cancel)
        thread.start()
        assert waiting.wait(10)
        jobs.close()
        thread.join(30)
        assert not thread.is_alive()
        assert len(server.seen) == 1
    assert "closed" in str(errors[0])


@pytest.mark.parametrize("backend", BACKENDS)
def test_closed_during_a_wait_async(backend: str) -> None:
    """The same in async code."""

    async def main(url: str) -> None:
        waiting = anyio.Event()
        jobs = AsyncJobsClient(KEY, base_url=url, on_attempt=lambda _: waiting.set())

        async def cancel() -> None:
            with pytest.raises(BlaxelError, match="closed"):
                await jobs.cancel("job", "exec")

        async with anyio.create_task_group() as group:
            group.start_soon(cancel)
            with anyio.fail_after(15):
                await waiting.wait()
                await jobs.aclose()

    with serving(answer(503, Retry_After="20")) as server:
        anyio.run(main, server.url, backend=backend)
        assert len(server.seen) == 1


def check_closed(messages: list[str]) -> None:
    """Check what calls say whose client was closed: one under way, the others not sent."""
    what = "DELETE of job 'job', execution 'exec'"
    assert f"the client was closed while waiting for the answer: {what}" in messages
    assert f"the client was closed before anything was sent: {what}" in messages


def test_closed_while_others_wait_for_a_connection(waiting_calls: list[object]) -> None:
    """A call that waits for a connection ends, and sends nothing; so does the one under way."""
    errors: list[BlaxelError] = []
    with serving(say_nothing) as server:
        jobs = JobsClient(KEY, base_url=server.url)

        def cancel() -> None:
            with pytest.raises(APIConnectionError) as caught:
                jobs.cancel("job", "exec")
            errors.append(caught.value)

        threads = [threading.Thread(target=cancel) for _ in range(3)]
        for thread in threads:
            thread.start()
        while not server.seen or len(waiting_calls) < 2:
            time.sleep(0.01)
        jobs.close()
        for thread in threads:
            thread.join(30)
        assert len(errors) == 3
        assert len(server.seen) == 1
    check_closed([str(error) for error in errors])


@pytest.mark.parametrize("backend", BACKENDS)
def test_closed_while_others_wait_for_a_connection_async(
    backend: str, waiting_calls: list[object]
) -> None:
    """The same in async code."""

    async def main(url: str) -> None:
        jobs = AsyncJobsClient(KEY, base_url=url)
        errors: list[str] = []

        async def cancel() -> None:
            with pytest.raises(APIConnectionError) as caught:
                await jobs.cancel("job", "exec")
            errors.append(str(caught.value))

        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(cancel)
            while not server.seen or len(waiting_calls) < 2:
                await anyio.sleep(0.01)
            with anyio.fail_after(15):
                await jobs.aclose()
        assert len(errors) == 3
        check_closed(errors)

    with serving(say_nothing) as server:
        anyio.run(main, server.url, backend=backend)
        assert len(server.seen) == 1


@pytest.fixture
def long_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a wait pause for a minute before it looks."""
    monkeypatch.setattr(waiting, "_FIRST", 60.0)


@pytest.mark.usefixtures("long_pause")
def test_closed_between_two_looks() -> None:
    """A wait whose client is closed ends at once: accepted, but not watched any more."""
    accepted = threading.Event()
    errors: list[BlaxelError] = []
    with serving(execution()) as server:
        jobs = JobsClient(KEY, base_url=server.url, on_attempt=lambda _: accepted.set())

        def wait() -> None:
            with pytest.raises(WaitFailedError, match="closed") as caught:
                jobs.cancel_and_wait("job", "exec")
            errors.append(caught.value)

        thread = threading.Thread(target=wait)
        thread.start()
        assert accepted.wait(10)
        jobs.close()
        thread.join(20)
        assert [error.accepted for error in errors] == [True]
        assert len(server.seen) == 1


@pytest.mark.usefixtures("long_pause")
@pytest.mark.parametrize("backend", BACKENDS)
def test_closed_between_two_looks_async(backend: str) -> None:
    """The same in async code."""

    async def main(url: str) -> None:
        accepted = anyio.Event()
        jobs = AsyncJobsClient(KEY, base_url=url, on_attempt=lambda _: accepted.set())

        async def wait() -> None:
            with pytest.raises(WaitFailedError, match="closed") as caught:
                await jobs.cancel_and_wait("job", "exec")
            assert caught.value.accepted

        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(wait)
                await accepted.wait()
                await jobs.aclose()

    with serving(execution()) as server:
        anyio.run(main, server.url, backend=backend)
        assert len(server.seen) == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_waits_in_a_loop_that_has_sent_nothing(backend: str) -> None:
    """A call that waits for the token of another loop lets its own loop go on."""

    async def main() -> bool:
        async with AsyncJobsClient(KEY, base_url="https://api.example.com") as jobs:
            with anyio.move_on_after(0.01) as scope:
                await jobs._transport.pause(60.0)
        return scope.cancelled_caught

    assert anyio.run(main, backend=backend)


class Unknown(httpx.BaseTransport):
    """A transport of an unknown kind."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def in_child(jobs: JobsClient) -> int:
    """Return what comes of a cancel in a forked child: 0 a success, 3 a refusal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of this test
        child = os.fork()
    if child == 0:
        code = 1
        try:
            jobs.cancel("job", "exec")
            code = 0
        except ConfigurationError as error:
            code = 3 if "fork" in str(error) else 2
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize(
    ("transport", "code"),
    [
        (httpx.HTTPTransport, 0),
        (Unknown, 3),
        (lambda: httpx.MockTransport(lambda _: httpx.Response(200, json=EXECUTION)), 0),
    ],
    ids=["httpx", "unknown", "mock"],
)
def test_forked_with_a_transport(transport: type[httpx.BaseTransport], code: int) -> None:
    """A child never uses the connections of a transport that was handed in."""
    with serving(execution()) as server:
        with JobsClient(KEY, base_url=server.url, transport=transport()) as jobs:
            jobs.cancel("job", "exec")
            before = server.connections
            assert in_child(jobs) == code
            jobs.cancel("job", "exec")
        sent = server.connections > 0
        # The parent goes on with its own connection, the child has made another.
        assert server.connections - before == (1 if sent and code == 0 else 0)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="descriptors are counted in /proc")
@pytest.mark.parametrize("given", [False, True])
def test_loops_that_are_just_closed(given: bool) -> None:
    """Event loops closed without `shutdown_asyncgens` leave no descriptors behind."""
    with serving(execution()) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        transport = httpx.AsyncHTTPTransport() if given else None
        jobs = AsyncJobsClient(KEY, base_url=server.url, transport=transport)
        counts = []
        for before in range(12):
            loop = asyncio.new_event_loop()
            assert loop.run_until_complete(jobs.cancel("job", "exec")).status == "cancelling"
            loop.close()
            assert server.closed_by_client(before)  # the last one's loop may still hold it
            counts.append(len(os.listdir("/proc/self/fd")))
        assert max(counts[6:]) - counts[3] <= 4
        asyncio.run(jobs.aclose())
        gc.collect()


@pytest.fixture
def alarm() -> Iterator[None]:
    """Restore what SIGUSR1 does."""
    before = signal.getsignal(signal.SIGUSR1)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.usefixtures("alarm")
def test_signal_handler_that_cancels() -> None:
    """A handler that cancels while its thread fetches a token does not wait for that thread."""
    done: list[str] = []
    token = answer(200, {"access_token": "t", "expires_in": 60})

    with serving(token, token, execution(), execution()) as server:
        credentials = ClientCredentials("i", "s")

        def handler(*_: object) -> None:
            done.append(str(jobs.cancel("job", "in the handler", timeout=20).status))

        first = server.script[0]

        def interrupt_and_answer(connection: object) -> None:
            os.kill(os.getpid(), signal.SIGUSR1)
            while not done:  # the handler has to come to its end meanwhile
                time.sleep(0.01)
            first(connection)  # type: ignore[arg-type]

        server.script[0] = interrupt_and_answer
        signal.signal(signal.SIGUSR1, handler)
        with JobsClient(credentials, base_url=server.url) as jobs:
            assert jobs.cancel("job", "exec", timeout=30).status == "cancelling"
        assert [seen.method for seen in server.seen] == ["POST", "POST", "DELETE", "DELETE"]
    assert done == ["cancelling"]
