"""httpx's clients, held to the policy, and to paths that name what they seem to.

httpx resolves dot segments when it builds a request, so this is the last place to see them.
"""

from __future__ import annotations

from typing import Any

from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._http import httpx
from blaxel_jobs._identifier import check_path
from blaxel_jobs._transport.hooks import INNER

__all__ = ["AsyncGuardedClient", "GuardedClient", "check_open"]


class GuardedClient(httpx.Client):
    """Refuses to build a request that must not be sent, and sends by the policy.

    What watches httpx sees the attempts, which the policy may send through this client, too.
    """

    def build_request(self, method: str, url: Any, **kwargs: Any) -> httpx.Request:
        """Build a request that may be sent."""
        _check(self, url)
        return _built(super().build_request, method, url, kwargs)

    def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:
        """Carry out a request, or send an attempt of one, whose body is then left to be read."""
        if INNER in request.extensions:
            return super().send(request, **{**kwargs, "stream": True})
        check_open(self)
        return self._transport.handle_request(request)


class AsyncGuardedClient(httpx.AsyncClient):
    """Refuses to build a request that must not be sent, and sends by the policy."""

    def build_request(self, method: str, url: Any, **kwargs: Any) -> httpx.Request:
        """Build a request that may be sent."""
        _check(self, url)
        return _built(super().build_request, method, url, kwargs)

    async def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:
        """Carry out a request, or send an attempt of one, whose body is then left to be read."""
        if INNER in request.extensions:
            return await super().send(request, **{**kwargs, "stream": True})
        check_open(self)
        return await self._transport.handle_async_request(request)


def check_open(client: httpx.Client | httpx.AsyncClient) -> None:
    """Raise ConfigurationError for a client that has been closed."""
    if client.is_closed:
        raise ConfigurationError("the client is closed and sends nothing more: make a new one")


def _check(client: httpx.Client | httpx.AsyncClient, url: Any) -> None:
    check_open(client)
    check_path(str(url))


def _built(build: Any, method: str, url: Any, options: dict[str, Any]) -> httpx.Request:
    try:
        request: httpx.Request = build(method, url, **options)
    except httpx.InvalidURL as error:
        problem = str(error)
    else:
        return request
    raise ConfigurationError(f"nothing was sent, since the URL is invalid: {problem}")
