"""Connections that know the attempt they work for: its deadline, and whether it has sent anything.

httpx's timeouts start anew with each read, so a server that sends a byte at a time holds a call for
ever. httpcore lets the network be supplied: here every connect, read and write of sync code gets
what is left of the deadline. Async code needs only cancellation; there the network takes note of
what was sent, and bounds what comes before.

httpx has no parameter for the network, so `watch` reaches for it in a transport's pool, by names
that httpx 0.27 and 0.28 and httpcore 1.x have. Tests fail where these change. A transport that is
not httpx's own is left alone: it has httpx's timeouts.
"""

from __future__ import annotations

import socket
import ssl
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

import anyio

from blaxel_jobs._http import httpx
from blaxel_jobs._http.core import httpcore
from blaxel_jobs._network.attempt import ATTEMPT, CONNECT_SECONDS
from blaxel_jobs._network.happy_eyeballs import async_connect, connect
from blaxel_jobs._network.nonblocking import NonBlocking
from blaxel_jobs._network.resolver import async_look_up, look_up
from blaxel_jobs._network.unpooled import AsyncOneConnection, OneConnection

__all__ = ["Transport", "abort", "end", "left_open", "renew", "watch"]

Transport: TypeAlias = httpx.BaseTransport | httpx.AsyncBaseTransport

_IN_PROCESS = (httpx.MockTransport, httpx.ASGITransport, httpx.WSGITransport)
"""httpx's transports that have no connections."""
_AT_ONCE = 16_384
"""Bytes written at once: the time that is left is checked before each part."""


def watch(transport: Transport) -> bool:
    """Let a transport's connections work for `ATTEMPT`; False where it is not httpx's own."""
    pool = _pool_of(transport)
    backend = getattr(pool, "_network_backend", None)
    if isinstance(backend, _Backend | _AsyncBackend):
        return True
    if isinstance(backend, httpcore.NetworkBackend):
        pool._network_backend = _Backend(backend)
        return True
    if isinstance(backend, httpcore.AsyncNetworkBackend):
        pool._network_backend = _AsyncBackend(backend)
        return True
    return False


def abort(transport: Transport) -> None:
    """End the connections of a transport that other threads use, so that nobody waits for them.

    Their sockets stay open: closed by another thread than the one that reads from it, a socket's
    number may belong to another connection before the read goes on.
    """
    for stream in left_open(transport):
        end(stream)


def end(stream: Any) -> None:
    """End a connection, given its stream, so that httpcore sees that it has ended.

    Closed under its eyes, a connection of trio breaks httpcore's whole pool.
    """
    one = _socket_of(stream)
    with suppress(OSError, AttributeError):
        if one is not None:
            # Not SSLSocket's own shutdown, which would let the reader go on without TLS.
            socket.socket.shutdown(one, socket.SHUT_RDWR)
        elif (stand_in := stream.get_extra_info("socket")) is not None:  # uvloop's
            with stand_in.dup() as same:
                same.shutdown(socket.SHUT_RDWR)


def left_open(transport: Transport) -> list[Any]:
    """Return the streams that httpcore forgets to close, where a proxy or TLS was spoken to."""
    backend = getattr(_pool_of(transport), "_network_backend", None)
    while isinstance(backend, _Backend | _AsyncBackend):
        with suppress(RuntimeError):  # another thread has just connected
            return list(backend.streams)
    return []


def renew(transport: Transport, *, close: bool = False) -> bool:
    """Let a transport begin with new connections; False where there is no knowing how.

    For a child, whose parent goes on using the old ones, and, with `close`, after an event loop
    that has gone without closing its own.
    """
    if close:
        for one in map(_socket_of, left_open(transport)):
            if one is not None:
                one.close()
    if isinstance(transport, _IN_PROCESS):
        return True
    pool = _pool_of(transport)
    if not watch(transport) or not hasattr(pool, "_connections"):
        return False
    pool._connections, pool._requests = [], []
    pool._optional_thread_lock = type(pool._optional_thread_lock)()
    return True


def _pool_of(transport: Transport) -> Any:
    if not isinstance(transport, httpx.HTTPTransport | httpx.AsyncHTTPTransport):
        return None
    pool = getattr(transport, "_pool", None)
    return pool.pool if isinstance(pool, OneConnection | AsyncOneConnection) else pool


def _socket_of(stream: Any) -> socket.socket | None:
    one = stream.get_extra_info("socket")
    # asyncio and trio wrap them, so that nobody closes them under their eyes.
    one = getattr(one, "_sock", one)
    return one if isinstance(one, socket.socket) else None


class _Backend(httpcore.NetworkBackend):
    """The network of sync code, under the deadline."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend
        self.streams: weakref.WeakSet[_Stream] = weakref.WeakSet()
        # httpcore exports no stream for a socket: found beside its backend (whose __module__ is
        # just "httpcore"). None for a network that somebody handed in, which connects by itself.
        self._stream: Any = getattr(type(backend).connect_tcp, "__globals__", {}).get("SyncStream")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers."""
        until = _connects(timeout)
        if self._stream is None:
            left = max(0.001, until - time.monotonic())
            with _during("connecting"):
                stream = self._backend.connect_tcp(host, port, left, local_address, socket_options)
                return self._kept(stream)
        with _during("looking up the host"):
            places = look_up(host, port, until)
        with _during("connecting"):
            one = connect(places, until, local_address, socket_options or ())
        return self._kept(self._stream(one))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        left = max(0.001, _connects(timeout) - time.monotonic())
        with _during("connecting"):
            return self._kept(self._backend.connect_unix_socket(path, left, socket_options))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(_sleeps(seconds))

    def _kept(self, stream: httpcore.NetworkStream) -> httpcore.NetworkStream:
        kept = _Stream(stream, self)
        self.streams.add(kept)
        return kept


def _connects(timeout: float | None) -> float:
    """Return when a connection has to be there that is made now."""
    attempt = ATTEMPT.get()
    if attempt is not None:
        return attempt.connects()
    return time.monotonic() + (CONNECT_SECONDS if timeout is None else timeout)


@contextmanager
def _during(phase: str) -> Iterator[None]:
    """Name what an attempt does until it is connected.

    Where that fails, nothing is seen of what its transport may do then, by other means.
    """
    attempt = ATTEMPT.get()
    if attempt is None:
        yield
        return
    attempt.phase = phase
    try:
        yield
    except (httpcore.ConnectError, httpcore.ConnectTimeout):
        attempt.seen = False
        raise


def _sleeps(seconds: float) -> float:
    """Take note that httpcore waits before it connects once more; return how long it may."""
    attempt = ATTEMPT.get()
    if attempt is None:
        return seconds
    attempt.seen, attempt.phase = True, "waiting to connect again"
    attempt.stop_if_closed()
    return attempt.left(seconds, httpcore.ConnectTimeout)


class _Stream(httpcore.NetworkStream):
    """A connection, under the deadline of its attempt, which learns what is sent."""

    def __init__(self, stream: httpcore.NetworkStream, backend: _Backend) -> None:
        self._stream, self._backend = stream, backend
        self._io = NonBlocking.of(stream.get_extra_info("socket")) or stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        attempt = ATTEMPT.get()
        if attempt is not None:
            timeout = attempt.left(timeout, httpcore.ReadTimeout)
        return self._io.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        attempt = ATTEMPT.get()
        for at in range(0, len(buffer), _AT_ONCE):  # httpcore ends a request with an empty one
            data = buffer[at : at + _AT_ONCE]
            left = timeout
            if attempt is not None:
                left = attempt.left(timeout, httpcore.WriteTimeout)
                attempt.writes(data)
            self._io.write(data, left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        attempt = ATTEMPT.get()
        proxy = self._stream.get_extra_info("socket")
        if type(proxy) is ssl.SSLSocket:  # another class has a read of its own
            proxy.__class__ = _TLSToProxy
        with _during("waiting for the TLS handshake"):
            if attempt is not None:
                left = attempt.connect_until - time.monotonic()
                if left <= 0:
                    raise httpcore.ConnectTimeout("no time is left")
                timeout = left if timeout is None else min(timeout, left)
            stream = self._stream.start_tls(ssl_context, server_hostname, timeout)
        kept = _Stream(stream, self._backend)
        self._backend.streams.add(kept)
        return kept

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _TLSToProxy(ssl.SSLSocket):
    """A TLS connection to a proxy, with TLS to the server inside.

    For one read of the inner TLS httpcore makes as many reads here as the server's bytes need, each
    with the whole timeout: so each gets what is left.
    """

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        attempt = ATTEMPT.get()
        if attempt is not None:
            self.settimeout(attempt.left(None, TimeoutError))
        return super().recv(buflen, flags)


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    """The network of async code, which takes note of what is sent."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        self._backend = backend
        self.streams: weakref.WeakSet[_AsyncStream] = weakref.WeakSet()
        # A network that somebody handed in finds its hosts by itself.
        module = type(backend).__module__.partition(".")[0]
        is_mock = isinstance(backend, httpcore.AsyncMockBackend)
        self._is_own = module == httpcore.__name__ and not is_mock

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers."""
        options = list(socket_options or ())
        until = _connects(timeout)

        async def one_to(address: str) -> httpcore.AsyncNetworkStream:
            left = max(0.001, until - time.monotonic())
            return await self._backend.connect_tcp(address, port, left, local_address, options)

        if not self._is_own:
            with _during("connecting"):
                return self._kept(await one_to(host))
        with _during("looking up the host"):
            places = await async_look_up(host, port, until)
        with _during("connecting"):
            return self._kept(await async_connect(places, one_to))

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        left = max(0.001, _connects(timeout) - time.monotonic())
        with _during("connecting"):
            return self._kept(await self._backend.connect_unix_socket(path, left, socket_options))

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(_sleeps(seconds))

    def _kept(self, stream: httpcore.AsyncNetworkStream) -> httpcore.AsyncNetworkStream:
        kept = _AsyncStream(stream, self)
        self.streams.add(kept)
        return kept


class _AsyncStream(httpcore.AsyncNetworkStream):
    """The same in async code."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, backend: _AsyncBackend) -> None:
        self._stream, self._backend = stream, backend

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        attempt = ATTEMPT.get()
        if attempt is not None and attempt.waits_for_proxy:
            timeout = attempt.left(timeout, httpcore.ConnectTimeout)
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        attempt = ATTEMPT.get()
        if attempt is not None:
            attempt.writes(buffer)
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        attempt = ATTEMPT.get()
        if attempt is not None:
            left = max(0.001, attempt.connect_until - time.monotonic())
            timeout = left if timeout is None else min(timeout, left)
        try:
            with _during("waiting for the TLS handshake"):
                stream = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            # httpcore leaves the socket open where a handshake is cancelled.
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()
            raise
        kept = _AsyncStream(stream, self._backend)
        self._backend.streams.add(kept)
        return kept

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
