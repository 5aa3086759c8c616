"""Connections that know the attempt they work for: its deadline, and whether it has sent anything.

httpx's timeouts start anew with each read, so a server that sends a byte at a time holds a call for
ever. httpcore lets the network be supplied: here every connect, read and write of sync code gets
what is left of the deadline. Async code needs only cancellation; there the network just takes note
of what was sent.

httpx has no parameter for the network, so `watched` reaches for it in a transport's pool, by names
that httpx 0.27 and 0.28 and httpcore 1.x have. Tests fail where these change. A transport that is
not httpx's own is left alone: it has httpx's timeouts.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import anyio
import httpcore
import httpx

__all__ = ["ATTEMPT", "WatchedAttempt", "watched"]


@dataclass(slots=True)
class WatchedAttempt:
    """One send: its end in monotonic seconds, and whether a byte of it went out."""

    deadline: float
    sent: bool = False


ATTEMPT: ContextVar[WatchedAttempt | None] = ContextVar("blaxel_jobs_attempt", default=None)
"""The attempt of this context."""


def watched(transport: httpx.BaseTransport | httpx.AsyncBaseTransport) -> bool:
    """Let a transport's connections work for `ATTEMPT`; False where it is not httpx's own."""
    if not isinstance(transport, httpx.HTTPTransport | httpx.AsyncHTTPTransport):
        return False
    pool: Any = getattr(transport, "_pool", None)
    backend = getattr(pool, "_network_backend", None)
    if isinstance(backend, httpcore.NetworkBackend):
        if not isinstance(backend, _Backend):
            pool._network_backend = _Backend(backend)
        return True
    if isinstance(backend, httpcore.AsyncNetworkBackend):
        if not isinstance(backend, _AsyncBackend):
            pool._network_backend = _AsyncBackend(backend)
        return True
    return False


def _left(timeout: float | None, expired: type[Exception]) -> float | None:
    attempt = ATTEMPT.get()
    if attempt is None:
        return timeout
    left = attempt.deadline - time.monotonic()
    if left <= 0:
        raise expired("the call's deadline has passed")
    return left if timeout is None else min(timeout, left)


def _sends() -> None:
    attempt = ATTEMPT.get()
    if attempt is not None:
        attempt.sent = True


class _Backend(httpcore.NetworkBackend):
    """The network of sync code, under the deadline."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers, all of them within what is left."""
        addresses = _resolve(host, port, _left(timeout, httpcore.ConnectTimeout))
        while True:
            address = addresses.pop(0)
            left = _left(timeout, httpcore.ConnectTimeout)
            # socket.create_connection would give the whole time to each.
            share = None if left is None else left / (len(addresses) + 1)
            try:
                stream = self._backend.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not addresses:
                    raise
                continue
            return _Stream(stream)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._backend.connect_unix_socket(path, left, socket_options))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


def _resolve(host: str, port: int, timeout: float | None) -> list[str]:
    """Return the host's addresses; looked up in a thread, since a look-up cannot be interrupted."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    found: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except Exception as error:  # UnicodeError, too, for a host that is no host
            found.put(error)
        else:
            found.put([str(place[4][0]) for place in places])

    threading.Thread(target=look_up, name="blaxel-jobs-dns", daemon=True).start()
    try:
        result = found.get(timeout=timeout)
    except queue.Empty:
        raise httpcore.ConnectTimeout("the look-up of the host took too long") from None
    if isinstance(result, Exception) or not result:
        raise httpcore.ConnectError(str(result or "the host has no address"))
    return result


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = _left(timeout, httpcore.WriteTimeout)
        _sends()
        self._stream.write(buffer, left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    """The network of async code, which takes note of what is sent."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        self._backend = backend

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _AsyncStream(
            await self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        )

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _AsyncStream(await self._backend.connect_unix_socket(path, timeout, socket_options))

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        _sends()
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            return _AsyncStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:
            # httpcore leaves the socket open where a handshake is cancelled.
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
