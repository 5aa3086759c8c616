"""The connections of async code: used again, one request at a time, and closed in time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import anyio
import httpx
import pytest

from blaxel_jobs import ApiKey, AsyncJobsClient
from blaxel_jobs._network import pool
from blaxel_jobs._network.pool import AsyncPool
from tests.client.fault_server import execution, serving

REQUEST = httpx.Request("DELETE", "http://test.invalid/")

Run = Callable[[Callable[[], Awaitable[None]]], None]


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Run:
    """Run an async function."""
    return lambda main: anyio.run(main, backend=request.param)


@dataclass(eq=False)
class Connection(httpx.AsyncBaseTransport):
    """A connection that does as the test says, and takes note of what is done to it."""

    gate: anyio.Event | None = None
    error: Exception | None = None
    body_gate: anyio.Event | None = None
    requests: int = 0
    at_once: int = 0
    closed: bool = False
    sticks: bool = False
    """It cannot be closed."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        self.at_once += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        return httpx.Response(200, stream=_Body(self))

    async def aclose(self) -> None:
        self.closed = True
        if self.sticks:
            raise OSError("cannot be closed")


@dataclass
class _Body(httpx.AsyncByteStream):
    connection: Connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{}"

    async def aclose(self) -> None:
        if self.connection.body_gate is not None:
            await self.connection.body_gate.wait()
        self.connection.at_once -= 1


@dataclass
class Connections:
    """Makes connections, and remembers them."""

    made: list[Connection] = field(default_factory=list)
    make: Callable[[], Connection] = Connection

    def __call__(self) -> Connection:
        self.made.append(self.make())
        return self.made[-1]


async def _exchange(pool: AsyncPool) -> bytes:
    response = await pool.handle_async_request(REQUEST)
    try:
        return await response.aread()
    finally:
        await response.aclose()


async def _at_once(pool: AsyncPool, count: int) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(count):
            group.start_soon(_exchange, pool)


async def _two_made(pool: AsyncPool, connections: Connections) -> None:
    """Let two requests overlap, so that there are two connections."""
    gate = anyio.Event()
    connections.make = lambda: Connection(gate=gate)
    async with anyio.create_task_group() as group:
        group.start_soon(_at_once, pool, 2)
        await anyio.wait_all_tasks_blocked()
        gate.set()


def test_connections_are_kept(run: Run) -> None:
    """Four hundred calls, forty in flight, shake hands forty times at most."""

    async def main() -> None:
        async with AsyncJobsClient(ApiKey("key"), base_url=server.url) as jobs:
            pairs: Iterable[tuple[str, str]] = (("job", "exec") for _ in range(400))
            async for one in jobs.cancel_many(pairs, concurrency=40):
                assert one.error is None

    with serving(execution()) as server:
        run(main)
        assert server.connections <= 40


def test_one_after_another(run: Run) -> None:
    """Requests that do not overlap take one connection."""
    connections = Connections()

    async def main() -> None:
        pool = AsyncPool(connections)
        for _ in range(3):
            assert await _exchange(pool) == b"{}"

    run(main)
    assert [one.requests for one in connections.made] == [3]


def test_most(run: Run) -> None:
    """No more than a hundred connections are open; the other requests wait, and are sent."""
    connections = Connections()

    async def main() -> None:
        gate = anyio.Event()
        connections.make = lambda: Connection(gate=gate)
        pool = AsyncPool(connections)
        async with anyio.create_task_group() as group:
            group.start_soon(_at_once, pool, 130)
            await anyio.wait_all_tasks_blocked()
            assert [one.at_once for one in connections.made] == [1] * 100
            gate.set()

    run(main)
    assert sum(one.requests for one in connections.made) == 130
    assert len(connections.made) == 100


def test_idle_for_long(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that was idle for a while is closed; the one in use is kept."""
    connections = Connections()
    now = 0.0

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now

    monkeypatch.setattr(pool, "time", Clock)

    async def main() -> None:
        nonlocal now
        pool = AsyncPool(connections)
        await _two_made(pool, connections)
        now += 60
        await _exchange(pool)

    run(main)
    made = sorted((one.requests, one.closed) for one in connections.made)
    assert made == [(1, True), (2, False)]


def test_idle_that_cannot_be_closed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing idle connections costs no call its answer."""
    connections = Connections()
    monkeypatch.setattr(pool, "_KEPT_SECONDS", -1.0)

    async def main() -> None:
        connections.make = lambda: Connection(sticks=True)
        assert await _exchange(AsyncPool(connections)) == b"{}"

    run(main)
    assert [one.closed for one in connections.made] == [True]


def test_failed(run: Run) -> None:
    """A connection on which a request failed is closed, and not used again."""
    connections = Connections()
    connections.make = lambda: Connection(error=httpx.ReadError("gone"))

    async def main() -> None:
        pool = AsyncPool(connections)
        for _ in range(200):  # no request takes a connection from the hundred for good
            with pytest.raises(httpx.ReadError):
                await _exchange(pool)

    run(main)
    assert [(one.requests, one.closed) for one in connections.made] == [(1, True)] * 200


def test_no_connection(run: Run) -> None:
    """A connection that cannot be made takes none of the hundred."""
    connections = Connections()

    def refuse() -> Connection:
        raise ValueError("no such proxy")

    async def main() -> None:
        connections.make = refuse
        pool = AsyncPool(connections)
        for _ in range(100):
            with pytest.raises(ValueError, match="no such proxy"):
                await _exchange(pool)
        connections.make = Connection
        with anyio.fail_after(5):
            assert await _exchange(pool) == b"{}"

    run(main)


@pytest.mark.parametrize(
    "stuck",
    [lambda: Connection(gate=anyio.Event()), lambda: Connection(body_gate=anyio.Event())],
    ids=["before the answer", "while the body is closed"],
)
def test_cancelled(run: Run, stuck: Callable[[], Connection]) -> None:
    """A connection of a call that was cancelled, at any moment, is closed and not used again."""
    connections = Connections()

    async def main() -> None:
        pool = AsyncPool(connections)
        connections.make = stuck
        async with anyio.create_task_group() as group:
            group.start_soon(_exchange, pool)
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()
        connections.make = Connection
        await _exchange(pool)

    run(main)
    assert [(one.requests, one.closed) for one in connections.made] == [(1, True), (1, False)]


def test_cancelled_while_waiting(run: Run) -> None:
    """A call that is cancelled while it waits for a connection takes none."""
    connections = Connections()

    async def main() -> None:
        gate = anyio.Event()
        connections.make = lambda: Connection(gate=gate)
        pool = AsyncPool(connections)
        async with anyio.create_task_group() as group:
            group.start_soon(_at_once, pool, 100)
            await anyio.wait_all_tasks_blocked()
            with anyio.move_on_after(0):
                await _exchange(pool)
            gate.set()
        await _at_once(pool, 100)

    run(main)
    assert sum(one.requests for one in connections.made) == 200


def test_closed_while_idle(run: Run) -> None:
    """Closing closes the connections that wait for a request."""
    connections = Connections()

    async def main() -> None:
        pool = AsyncPool(connections)
        await _two_made(pool, connections)
        await pool.aclose()

    run(main)
    assert [one.closed for one in connections.made] == [True, True]


def test_closed_while_in_use(run: Run) -> None:
    """Closing closes the connections in use, too, so that no call waits for their answers."""
    connections = Connections()

    async def main() -> None:
        connections.make = lambda: Connection(gate=anyio.Event())
        pool = AsyncPool(connections)
        async with anyio.create_task_group() as group:
            group.start_soon(_at_once, pool, 2)
            await anyio.wait_all_tasks_blocked()
            await pool.aclose()
            assert [one.closed for one in connections.made] == [True, True]
            group.cancel_scope.cancel()

    run(main)


def test_used_after_closing(run: Run) -> None:
    """A late request is refused, and makes no connection."""
    connections = Connections()

    async def main() -> None:
        pool = AsyncPool(connections)
        await pool.aclose()
        with pytest.raises(httpx.ConnectError, match="closed"):
            await _exchange(pool)

    run(main)
    assert connections.made == []
