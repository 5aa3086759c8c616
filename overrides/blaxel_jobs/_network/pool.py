"""The connections of a client, each in a transport of its own.

httpcore's pool looks at all its connections whenever a request comes or goes, and with httpx's
limits it closes those above twenty as soon as they are idle, so that most calls of a hundred in
flight shake hands anew. A stack of idle connections does neither: 1,000 cancels, 100 in flight,
take a third of the time over loopback (`make bench`). Nor does it hold a lock, which a signal
handler that cancels would wait for without end.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

import anyio

from blaxel_jobs._http import httpx
from blaxel_jobs._network.attempt import ATTEMPT
from blaxel_jobs._network.backend import Transport, abort, left_open, renew, watch
from blaxel_jobs._network.direct import async_send, raise_of_httpx, send
from blaxel_jobs._network.unpooled import unpool

__all__ = ["AsyncPool", "Pool"]

_MOST = 100
"""Connections at a time, as httpx has it; further requests wait."""
_KEPT_SECONDS = 5.0
"""How long an idle connection is kept, as httpx has it."""

_One = TypeVar("_One", bound=Transport)


class _Connections(Generic[_One]):
    """Those in use, and those that wait for a request; each step is safe among threads."""

    def __init__(self, make: Callable[[], _One]) -> None:
        self._make = make
        self._busy: set[_One] = set()
        self._idle: deque[tuple[float, _One]] = deque()
        """With the monotonic seconds since when; the latest at the end."""
        self.closed = False

    def taken(self) -> _One:
        """Return the idle connection that was used last, or a new one."""
        if self.closed:
            raise httpx.ConnectError("the client was closed")
        try:
            transport = self._idle.pop()[1]
        except IndexError:
            transport = self._make()
            watch(transport)
            unpool(transport)
        self._busy.add(transport)
        return transport

    def dropped(self, transport: _One) -> None:
        """Forget a connection that was in use."""
        self._busy.discard(transport)

    def kept(self, transport: _One) -> list[_One]:
        """Keep a connection; return those that were idle for too long, to be closed."""
        now = time.monotonic()
        self._busy.discard(transport)
        self._idle.append((now, transport))
        old = []
        with suppress(IndexError):  # other threads take some, too
            while self._idle[0][0] < now - _KEPT_SECONDS:
                old.append(self._idle.popleft()[1])
        return old

    def ended(self) -> tuple[list[_One], list[_One]]:
        """Keep none from now on; return those in use, and those that were idle."""
        self.closed = True
        idle = []
        with suppress(IndexError):
            while True:
                idle.append(self._idle.pop()[1])
        return list(self._busy), idle


class Pool(httpx.BaseTransport):
    """Sends each request by a transport that no other one uses meanwhile; for all threads.

    `make` makes transports. One in which a request failed is not used again.
    """

    def __init__(self, make: Callable[[], httpx.BaseTransport]) -> None:
        self._connections = _Connections(make)
        # A SimpleQueue may be used by a signal handler while the same thread uses it.
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(_MOST):
            self._free.put(None)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send by a connection; it is free for another when the response's stream is closed."""
        try:
            self._free.get_nowait()
        except Empty:
            self._wait()
        try:
            transport = self._connections.taken()
        except BaseException:
            self._free.put(None)
            raise
        try:
            response = send(transport, request)
        except BaseException:
            self.drop(transport)
            raise
        response.stream = _Stream(response.stream, self, transport)
        return response

    def _wait(self) -> None:
        """Wait for a connection to become free, as long as the attempt has time."""
        attempt = ATTEMPT.get()
        seconds = None
        if attempt is not None:
            attempt.seen, attempt.phase = True, "waiting for a free connection"
            seconds = max(0.0, attempt.deadline - time.monotonic())
        try:
            self._free.get(timeout=seconds)
        except Empty:
            raise httpx.PoolTimeout("no connection became free in time") from None
        if attempt is not None:
            attempt.seen, attempt.phase = False, "waiting for the answer"

    def give_back(self, transport: httpx.BaseTransport) -> None:
        """Take back a transport whose response has been read, or at least closed."""
        if self._connections.closed:
            self.drop(transport)
            return
        old = self._connections.kept(transport)
        self._free.put(None)
        for one in old:
            _close(one)

    def drop(self, transport: httpx.BaseTransport) -> None:
        """Close a transport that is not to be used again."""
        self._connections.dropped(transport)
        self._free.put(None)
        _close(transport)

    def close(self) -> None:
        """Close all connections; those in use end, so that their requests fail."""
        busy, idle = self._connections.ended()
        for transport in busy:
            abort(transport)  # the thread that uses it closes it
        for transport in idle:
            _close(transport)
        self._free.put(None)  # wakes one that waits for a connection, which wakes the next


class AsyncPool(httpx.AsyncBaseTransport):
    """Sends each request by a transport that no other one uses meanwhile; for one event loop.

    `make` makes transports. One in which a request failed or was cancelled is not used again.
    """

    def __init__(self, make: Callable[[], httpx.AsyncBaseTransport]) -> None:
        self._connections = _Connections(make)
        self._free = anyio.Semaphore(_MOST)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send by a connection; it is free for another when the response's stream is closed."""
        try:
            self._free.acquire_nowait()
        except anyio.WouldBlock:
            await self._wait()
        try:
            transport = self._connections.taken()
        except BaseException:
            self._free.release()
            raise
        try:
            response = await async_send(transport, request)
        except BaseException:
            await self.drop(transport)
            raise
        response.stream = _AsyncStream(response.stream, self, transport)
        return response

    async def _wait(self) -> None:
        """Wait for a connection to become free; the deadline cancels this from outside."""
        attempt = ATTEMPT.get()
        if attempt is not None:
            attempt.seen, attempt.phase = True, "waiting for a free connection"
        await self._free.acquire()
        if attempt is not None:
            attempt.seen, attempt.phase = False, "waiting for the answer"

    async def give_back(self, transport: httpx.AsyncBaseTransport) -> None:
        """Take back a transport whose response has been read, or at least closed."""
        if self._connections.closed:
            await self.drop(transport)
            return
        old = self._connections.kept(transport)
        self._free.release()
        for one in old:
            await _aclose(one)

    async def drop(self, transport: httpx.AsyncBaseTransport) -> None:
        """Close a transport that is not to be used again."""
        self._connections.dropped(transport)
        self._free.release()
        await _aclose(transport)

    async def aclose(self) -> None:
        """Close all connections; those in use, too, so that their requests fail."""
        busy, idle = self._connections.ended()
        for transport in (*busy, *idle):
            await _aclose(transport)

    def abandon(self) -> None:
        """Free the sockets, after an event loop that ended without closing them."""
        busy, idle = self._connections.ended()
        for transport in (*busy, *idle):
            renew(transport, close=True)


class _Stream(httpx.SyncByteStream):
    """A body that gives its transport back when it is closed; `stream` is httpx's or httpcore's."""

    def __init__(self, stream: Any, pool: Pool, transport: httpx.BaseTransport) -> None:
        self._stream, self._pool = stream, pool
        self._transport: httpx.BaseTransport | None = transport

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except Exception as error:
            raise_of_httpx(error)

    def close(self) -> None:
        """Close the body; where that fails, the connection goes, too."""
        transport, self._transport = self._transport, None
        if transport is None:
            return
        try:
            if hasattr(self._stream, "close"):  # a mock of httpcore may do without
                self._stream.close()
        except BaseException:
            self._pool.drop(transport)
            raise
        self._pool.give_back(transport)


class _AsyncStream(httpx.AsyncByteStream):
    """The same in async code."""

    def __init__(self, stream: Any, pool: AsyncPool, transport: httpx.AsyncBaseTransport) -> None:
        self._stream, self._pool = stream, pool
        self._transport: httpx.AsyncBaseTransport | None = transport

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._stream:
                yield chunk
        except Exception as error:
            raise_of_httpx(error)

    async def aclose(self) -> None:
        """Close the body; where that fails or is cancelled, the connection goes, too."""
        transport, self._transport = self._transport, None
        if transport is None:
            return
        try:
            if hasattr(self._stream, "aclose"):
                await self._stream.aclose()
        except BaseException:
            await self._pool.drop(transport)
            raise
        await self._pool.give_back(transport)


# It is not needed any more: a failure must not replace the answer of a call.
def _close(transport: httpx.BaseTransport) -> None:
    with suppress(Exception):
        transport.close()
        for stream in left_open(transport):
            stream.close()


async def _aclose(transport: httpx.AsyncBaseTransport) -> None:
    with anyio.CancelScope(shield=True), suppress(Exception):
        await transport.aclose()
        for stream in left_open(transport):
            await stream.aclose()
