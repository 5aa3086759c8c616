"""The connections of async code, each in a transport of its own.

httpcore's pool looks at all its connections whenever a request comes or goes, and with httpx's
limits it closes those above twenty as soon as they are idle, so that most calls of a hundred in
flight shake hands anew. A stack of idle connections does neither: 1,000 cancels, 100 in flight,
take a third of the time over loopback (`make bench`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TypeAlias

import anyio
import httpx

from blaxel_jobs._transport.network import watched

__all__ = ["AsyncPool"]

_MOST = 100
"""Connections at a time, as httpx has it; further requests wait."""
_KEPT_SECONDS = 5.0
"""How long an idle connection is kept, as httpx has it."""

_Make: TypeAlias = Callable[[], httpx.AsyncBaseTransport]


class AsyncPool(httpx.AsyncBaseTransport):
    """Sends each request by a transport that no other one uses meanwhile; for one event loop.

    `make` makes transports. One in which a request failed or was cancelled is not used again.
    """

    def __init__(self, make: _Make) -> None:
        self._make = make
        self._free = anyio.Semaphore(_MOST)
        self._busy: set[httpx.AsyncBaseTransport] = set()
        self._idle: deque[tuple[float, httpx.AsyncBaseTransport]] = deque()
        """With the monotonic seconds since when; the latest at the end."""
        self._closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send by the idle connection that was used last, or a new one.

        It is free for another request when the response's stream is closed.
        """
        try:
            self._free.acquire_nowait()
        except anyio.WouldBlock:
            await self._free.acquire()
        try:
            transport = self._taken()
        except BaseException:
            self._free.release()
            raise
        try:
            response = await transport.handle_async_request(request)
            assert isinstance(response.stream, httpx.AsyncByteStream)
        except BaseException:
            await self.drop(transport)
            raise
        response.stream = _Stream(response.stream, self, transport)
        return response

    def _taken(self) -> httpx.AsyncBaseTransport:
        if self._idle:
            transport = self._idle.pop()[1]
        else:
            transport = self._make()
            watched(transport)
        self._busy.add(transport)
        return transport

    async def give_back(self, transport: httpx.AsyncBaseTransport) -> None:
        """Take back a transport whose response has been read, or at least closed."""
        if self._closed:
            await self.drop(transport)
            return
        now = time.monotonic()
        self._busy.discard(transport)
        self._idle.append((now, transport))
        self._free.release()
        while self._idle and self._idle[0][0] < now - _KEPT_SECONDS:
            await _close(self._idle.popleft()[1])

    async def drop(self, transport: httpx.AsyncBaseTransport) -> None:
        """Close a transport that is not to be used again."""
        self._busy.discard(transport)
        self._free.release()
        await _close(transport)

    async def aclose(self) -> None:
        """Close all connections; those in use, too, so that their requests fail."""
        self._closed = True
        transports = [*self._busy, *(transport for _, transport in self._idle)]
        self._idle.clear()
        for transport in transports:
            await _close(transport)


class _Stream(httpx.AsyncByteStream):
    """A body that gives its transport back when it is closed."""

    def __init__(
        self, stream: httpx.AsyncByteStream, pool: AsyncPool, transport: httpx.AsyncBaseTransport
    ) -> None:
        self._stream, self._pool = stream, pool
        self._transport: httpx.AsyncBaseTransport | None = transport

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)

    async def aclose(self) -> None:
        """Close the body; where that fails or is cancelled, the connection goes, too."""
        transport, self._transport = self._transport, None
        if transport is None:
            return
        try:
            await self._stream.aclose()
        except BaseException:
            await self._pool.drop(transport)
            raise
        await self._pool.give_back(transport)


async def _close(transport: httpx.AsyncBaseTransport) -> None:
    # Nobody needs it any more: a failure must not take the place of a call's answer.
    with anyio.CancelScope(shield=True), suppress(Exception):
        await transport.aclose()
