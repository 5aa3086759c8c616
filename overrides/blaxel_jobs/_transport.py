"""The policy as a pair of httpx transports, so that every generated operation is under it.

`PolicyTransport` and `AsyncPolicyTransport` drive `_policy.call`: they send, read the body within
the deadline and the size allowed, and sleep. They differ in nothing else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.request import getproxies, proxy_bypass

import anyio
import anyio.lowlevel
import httpcore
import httpx

from blaxel_jobs._effects import Answer, Lost, Send, Sleep, Wait
from blaxel_jobs._errors import ResponseDecodeError
from blaxel_jobs._inflate import Inflater
from blaxel_jobs._network import DEADLINE, DeadlineBackend
from blaxel_jobs._policy import Context, call
from blaxel_jobs._token import Tokens

__all__ = [
    "TIMEOUT",
    "AsyncPolicyTransport",
    "PolicyTransport",
    "default_async_transport",
    "default_transport",
]

TIMEOUT: ContextVar[float | None] = ContextVar("blaxel_jobs_timeout", default=None)
"""Seconds for the call of this context, where they differ from the client's."""

_MAX_ERROR_BYTES = 64 * 1024
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.ProxyError,
)


class PolicyTransport(httpx.BaseTransport):
    """Runs each request as one call of the policy, over `inner`."""

    def __init__(
        self, context: Context, inner: httpx.BaseTransport, *, timeout: float, max_bytes: int
    ) -> None:
        self._context, self._inner = context, inner
        self._timeout, self._max_bytes = timeout, max_bytes

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry out the request; raises BlaxelError for everything but a complete 2xx."""
        steps = call(self._context, request, _deadline(self._timeout))
        try:
            effect = next(steps)
            while True:
                if not isinstance(effect, Send):
                    _rest(effect)
                    effect = next(steps)
                    continue
                try:
                    answer = self._send(effect)
                except Lost as lost:
                    effect = steps.throw(lost)
                else:
                    effect = steps.send(answer)
        except StopIteration as done:
            return _response(done.value, request)
        finally:
            steps.close()  # now, so that a call that is cancelled wakes those who wait for it

    def _send(self, send: Send) -> Answer:
        _prepare(send)
        token = DEADLINE.set(send.deadline)
        try:
            with _lost(send):
                response = self._inner.handle_request(send.request)
                try:
                    response.request = send.request
                    body = _Body(response, self._max_bytes)
                    for chunk in [] if body.complete else response.iter_raw():
                        body.add(chunk, send.deadline)
                        if body.full:
                            break
                finally:
                    response.close()
                return body.answer()
        finally:
            DEADLINE.reset(token)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class AsyncPolicyTransport(httpx.AsyncBaseTransport):
    """Runs each request as one call of the policy, over `inner`."""

    def __init__(
        self, context: Context, inner: httpx.AsyncBaseTransport, *, timeout: float, max_bytes: int
    ) -> None:
        context.tokens = Tokens(anyio.Event, anyio.lowlevel.current_token)
        self._context, self._inner = context, inner
        self._timeout, self._max_bytes = timeout, max_bytes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry out the request; raises BlaxelError for everything but a complete 2xx."""
        steps = call(self._context, request, _deadline(self._timeout))
        try:
            effect = next(steps)
            while True:
                if not isinstance(effect, Send):
                    await _async_rest(effect)
                    effect = next(steps)
                    continue
                try:
                    answer = await self._send(effect)
                except Lost as lost:
                    effect = steps.throw(lost)
                else:
                    effect = steps.send(answer)
        except StopIteration as done:
            return _response(done.value, request)
        finally:
            steps.close()  # now, so that a call that is cancelled wakes those who wait for it

    async def _send(self, send: Send) -> Answer:
        _prepare(send)
        with _lost(send), anyio.fail_after(max(0.0, send.deadline - time.monotonic())):
            response = await self._inner.handle_async_request(send.request)
            try:
                response.request = send.request
                body = _Body(response, self._max_bytes)
                # Cancelled rather than left: leaving the loop would leave the generators inside
                # httpx and httpcore to the garbage collector, of which trio complains.
                with anyio.CancelScope() as reading:
                    if not body.complete:
                        async for chunk in response.aiter_raw():
                            body.add(chunk, send.deadline)
                            if body.full:
                                reading.cancel()
            finally:
                with anyio.CancelScope(shield=True):
                    await response.aclose()
            return body.answer()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def _rest(effect: Sleep | Wait) -> None:
    if isinstance(effect, Sleep):
        time.sleep(effect.seconds)
    else:
        assert isinstance(effect.event, threading.Event), "the event of a sync client"
        effect.event.wait(max(0.0, effect.deadline - time.monotonic()))


async def _async_rest(effect: Sleep | Wait) -> None:
    if isinstance(effect, Sleep):
        await anyio.sleep(effect.seconds)
        return
    assert isinstance(effect.event, anyio.Event), "the event of an async client"
    with anyio.move_on_after(max(0.0, effect.deadline - time.monotonic())):
        await effect.event.wait()


class _Body:
    """A body as it arrives: complete up to what is allowed, an error's only its beginning."""

    def __init__(self, response: httpx.Response, max_bytes: int) -> None:
        self._response = response
        self._max_bytes = max_bytes if response.is_success else _MAX_ERROR_BYTES
        self._content = bytearray()
        self._inflater: Inflater | None = None
        self._broken: httpx.DecodingError | None = None
        self.full = self.complete = False
        try:
            content = response.content
        except httpx.ResponseNotRead:
            return
        self.complete = True  # as httpx.MockTransport's are: read, and decoded
        self._keep(content)

    def add(self, chunk: bytes, deadline: float) -> None:
        """Take a chunk, as far as there is room; `full` when there was not enough."""
        if time.monotonic() >= deadline:
            raise httpx.ReadTimeout("the call's deadline has passed while the body arrived")
        try:
            if self._inflater is None:
                self._inflater = Inflater(self._response.headers.get("content-encoding", ""))
            self._keep(self._inflater.add(chunk, self._max_bytes - len(self._content) + 1))
        except httpx.DecodingError as error:
            # Raised by answer(): from here it would leave the async generators behind, for trio.
            self._broken = error
            self.full = True

    def _keep(self, content: bytes) -> None:
        room = self._max_bytes - len(self._content)
        self._content += content[:room]
        self.full = self.full or len(content) > room

    def answer(self) -> Answer:
        """Return the answer; raises where a success did not fit, or could not be decompressed."""
        response = self._response
        if self._broken is not None and response.is_success:
            raise self._broken
        if self.full and response.is_success:
            raise ResponseDecodeError(
                f"the body is larger than {self._max_bytes} bytes",
                status_code=response.status_code,
                body="",
                accepted=response.request.method == "DELETE",
            )
        return Answer(response.status_code, response.headers, bytes(self._content))


def _deadline(timeout: float) -> float:
    asked = TIMEOUT.get()
    return time.monotonic() + (timeout if asked is None else asked)


def _prepare(send: Send) -> None:
    """Give httpx's own timeouts what is left, for transports that know no deadline."""
    left = send.deadline - time.monotonic()
    if left <= 0:
        raise Lost("the call ran out of time", sent=False, timed_out=True)
    phases = ("connect", "read", "write", "pool")
    send.request.extensions = {
        **send.request.extensions,
        "timeout": dict.fromkeys(phases, left),
    }


@contextmanager
def _lost(send: Send) -> Iterator[None]:
    """Turn every way of not getting an answer into `Lost`."""
    try:
        yield
    except httpx.DecodingError as error:
        raise ResponseDecodeError(
            f"the body cannot be decompressed: {error}",
            status_code=200, body="", accepted=send.request.method == "DELETE",
        ) from None  # fmt: skip
    except (TimeoutError, httpx.TimeoutException, httpcore.TimeoutException) as error:
        sent = not isinstance(error, _NOT_SENT)
        raise Lost("the call ran out of time", sent=sent, timed_out=True) from None
    except (OSError, httpx.RequestError, httpcore.NetworkError, httpcore.ProtocolError) as error:
        sent = not isinstance(error, _NOT_SENT)
        reason = str(error) or type(error).__name__
        raise Lost(f"no response: {reason}", sent=sent, timed_out=False) from None


def _response(answer: Answer, request: httpx.Request) -> httpx.Response:
    """Return an answer as the response that generated code reads, its content decoded."""
    headers = [
        (name, value)
        for name, value in answer.headers.multi_items()
        if name.lower() not in ("content-encoding", "content-length", "transfer-encoding")
    ]
    return httpx.Response(
        answer.status_code, headers=headers, content=answer.content, request=request
    )


def default_transport(base_url: httpx.URL) -> httpx.BaseTransport:
    """Return the sync transport: httpcore's pool under the deadline, by the environment's proxy."""
    ssl_context = httpx.create_ssl_context()
    backend = DeadlineBackend()
    proxy = _proxy(base_url)
    if proxy is None:
        pool = httpcore.ConnectionPool(ssl_context=ssl_context, network_backend=backend)
    else:
        pool = httpcore.HTTPProxy(proxy, ssl_context=ssl_context, network_backend=backend)
    return _PoolTransport(pool)


def default_async_transport(base_url: httpx.URL) -> httpx.AsyncBaseTransport:
    """Return the async transport: httpx's own, by the environment's proxy."""
    return httpx.AsyncHTTPTransport(proxy=_proxy(base_url))


def _proxy(base_url: httpx.URL) -> str | None:
    """Return the proxy that the environment names for this URL."""
    if proxy_bypass(base_url.host):
        return None
    proxies = getproxies()
    return proxies.get(base_url.scheme) or proxies.get("all")


class _PoolTransport(httpx.BaseTransport):
    """httpx's requests on an httpcore pool of our own, which httpx cannot be given."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        assert isinstance(request.stream, httpx.SyncByteStream), "a request of a sync client"
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        assert isinstance(response.stream, Iterable), "a response of a sync pool"
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_PoolStream(response.stream),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _PoolStream(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()
