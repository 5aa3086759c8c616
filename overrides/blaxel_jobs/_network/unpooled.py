"""A transport's one connection, without httpcore's pool around it.

A transport of `pool` carries one request at a time. httpcore's pool, which is made for many, adds
8 % to a sync call over loopback (7 % in Python 3.13) and 70 % to an async one, most of it where
sniffio is not installed, for which httpcore looks anew each time that it shields something.
"""

from __future__ import annotations

import types
from typing import Any

from blaxel_jobs._http import httpx
from blaxel_jobs._http.core import httpcore

__all__ = ["AsyncOneConnection", "OneConnection", "is_replaced", "unpool"]

# Where the pools' methods are written, by those that nobody replaces.
_HOME = httpcore.ConnectionPool.__enter__.__code__.co_filename
_ASYNC_HOME = httpcore.AsyncConnectionPool.__aenter__.__code__.co_filename


def unpool(transport: httpx.BaseTransport | httpx.AsyncBaseTransport) -> None:
    """Let a transport that carries one request at a time do without its pool.

    One that is not httpx's own is left alone, as is one whose pool is of another kind.
    """
    holder: Any = transport
    pool = getattr(holder, "_pool", None)
    if isinstance(pool, httpcore.ConnectionPool):
        holder._pool = OneConnection(pool)
    elif isinstance(pool, httpcore.AsyncConnectionPool):
        holder._pool = AsyncOneConnection(pool)


class OneConnection:
    """Sends by the connection that there is, or by a new one of the pool's making."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self.pool = pool
        self._connection: httpcore.ConnectionInterface | None = None

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request; the response has to be closed before the next."""
        if is_replaced(type(self.pool).handle_request, _HOME):
            return self.pool.handle_request(request)
        connection = self._connection
        if connection is None or not _is_usable(connection, request):
            if not _is_http(request):
                return self.pool.handle_request(request)
            if connection is not None:
                connection.close()
            connection = self.pool.create_connection(request.url.origin)
            self._connection = connection
        return connection.handle_request(request)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self.pool.close()


class AsyncOneConnection:
    """The same in async code."""

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self.pool = pool
        self._connection: httpcore.AsyncConnectionInterface | None = None

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request; the response has to be closed before the next."""
        method = type(self.pool).handle_async_request
        if is_replaced(method, _ASYNC_HOME):
            return await self.pool.handle_async_request(request)
        connection = self._connection
        if connection is None or not _is_usable(connection, request):
            if not _is_http(request):
                return await self.pool.handle_async_request(request)
            if connection is not None:
                await connection.aclose()
            connection = self.pool.create_connection(request.url.origin)
            self._connection = connection
        return await connection.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.aclose()
        await self.pool.aclose()


def is_replaced(method: Any, home: str) -> bool:
    """Return whether somebody has replaced the pool's method, as vcrpy and respx do."""
    return type(method) is not types.FunctionType or method.__code__.co_filename != home


def _is_http(request: httpcore.Request) -> bool:
    """Return whether a connection can be made for a request; the pool says what is wrong if not."""
    return request.url.scheme in (b"http", b"https")


def _is_usable(
    connection: httpcore.ConnectionInterface | httpcore.AsyncConnectionInterface,
    request: httpcore.Request,
) -> bool:
    """Return whether a connection is open, idle, and one to where the request goes."""
    return (
        connection.is_idle()
        and not connection.has_expired()  # closed by the server, too
        and connection.can_handle_request(request.url.origin)
    )
