"""Past httpx's transport: requests, responses and errors are those that it would have made."""

from __future__ import annotations

import asyncio
from functools import partialmethod
from typing import Any
from unittest.mock import Mock

import httpx
import pytest

from blaxel_jobs import ApiKey, AsyncJobsClient, JobsClient
from blaxel_jobs._http.core import httpcore
from blaxel_jobs._network.pool import AsyncPool, Pool
from blaxel_jobs._network.unpooled import unpool
from tests.client.fault_server import EXECUTION, answer, execution, serving

Transport = httpx.HTTPTransport | httpx.AsyncHTTPTransport
Kind = type[httpx.HTTPTransport] | type[httpx.AsyncHTTPTransport]


@pytest.fixture(params=[httpx.HTTPTransport, httpx.AsyncHTTPTransport])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Return the kind of a transport."""
    found: Kind = request.param
    return found


def _exchange(transport: Transport, request: httpx.Request, *, directly: bool) -> httpx.Response:
    """Return what a transport answers, in a pool or by itself, read to its end."""
    unpool(transport)
    if isinstance(transport, httpx.HTTPTransport):
        pool = Pool(lambda: transport) if directly else transport
        response = pool.handle_request(request)
        response.read()
        pool.close()
        return response

    async def main() -> httpx.Response:
        pool = AsyncPool(lambda: transport) if directly else transport
        response = await pool.handle_async_request(request)
        await response.aread()
        await pool.aclose()
        return response

    return asyncio.run(main())


def test_exchange(kind: Kind) -> None:
    """The server sees the same request, and its response arrives in the same way."""
    with serving(answer(200, EXECUTION, X_Name="a", x_name="b")) as server:
        seen = []
        for directly in (True, False):
            request = httpx.Request(
                "POST", f"{server.url}/jobs?a=b%20c", headers={"X-Own": "1"}, content=b"body"
            )
            one = _exchange(kind(verify=False), request, directly=directly)
            extensions = {name: one.extensions[name] for name in ("http_version", "reason_phrase")}
            seen.append((one.status_code, one.headers.raw, one.content, extensions))
        assert seen[0] == seen[1]
        assert server.seen[0] == server.seen[1]


class _Own(httpcore.ReadError):
    """An error of somebody's own network."""


_ERRORS = [one for one in vars(httpcore).values() if isinstance(one, type)]
_ERRORS = [one for one in _ERRORS if issubclass(one, Exception)]


@pytest.mark.parametrize("error", [*_ERRORS, _Own, ValueError], ids=lambda one: one.__name__)
@pytest.mark.parametrize("when", ["connecting", "reading the body"])
def test_error(
    kind: Kind, error: type[Exception], when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of httpcore's becomes the one that httpx makes of it; others stay as they are."""
    seen = []
    for directly in (True, False):
        transport = kind(verify=False)
        failing: Any = _Failing(error("as it says"), when)
        monkeypatch.setattr(transport._pool, "create_connection", Mock(return_value=failing))
        with pytest.raises(Exception, match="as it says") as caught:
            _exchange(transport, httpx.Request("GET", "http://test.invalid/"), directly=directly)
        seen.append((caught.type, str(caught.value), type(caught.value.__cause__)))
    assert seen[0] == seen[1]


class _Failing:
    """A connection that fails, in sync and async code."""

    def __init__(self, error: Exception, when: str) -> None:
        self._error, self._when = error, when

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        if self._when == "connecting":
            raise self._error
        return httpcore.Response(200, content=self)

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        return self.handle_request(request)

    def __iter__(self) -> _Failing:
        return self

    def __aiter__(self) -> _Failing:
        return self

    def __next__(self) -> bytes:
        raise self._error

    async def __anext__(self) -> bytes:
        raise self._error

    def close(self) -> None: ...

    async def aclose(self) -> None: ...


@pytest.mark.parametrize("as_function", [True, False])
def test_replaced_transport(monkeypatch: pytest.MonkeyPatch, as_function: bool) -> None:
    """OpenTelemetry and others replace the transports' methods: then requests go through them."""
    seen = []
    for kind, name in (
        (httpx.HTTPTransport, "handle_request"),
        (httpx.AsyncHTTPTransport, "handle_async_request"),
    ):
        original = getattr(kind, name)

        def replaced(self: object, request: httpx.Request, original: Any = original) -> Any:
            seen.append(type(self))
            return original(self, request)

        monkeypatch.setattr(kind, name, replaced if as_function else partialmethod(replaced))
    with serving(execution()) as server:
        with JobsClient(ApiKey("k"), base_url=server.url) as jobs:
            jobs.cancel("job", "exec")

        async def main() -> None:
            async with AsyncJobsClient(ApiKey("k"), base_url=server.url) as jobs:
                await jobs.cancel("job", "exec")

        asyncio.run(main())
    assert seen == [httpx.HTTPTransport, httpx.AsyncHTTPTransport]
