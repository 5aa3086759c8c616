"""Whether anything watches httpx's client: then attempts go through it, to be seen.

Sentry, Datadog and New Relic replace methods of httpx's clients, and so do mocks in tests; others
add event hooks, or listen to httpx's log. Where nothing does, an attempt goes straight to the
connections: in half the time in process, in four fifths over loopback (in Python 3.11 and 3.13).
"""

from __future__ import annotations

import logging
import types
from operator import attrgetter
from typing import Any, TypeVar

from blaxel_jobs._http import httpx

__all__ = ["INNER", "is_hooked", "through_async_client", "through_client"]

INNER = "blaxel_jobs.inner"
"""The request extension of an attempt that goes through the client: the transport behind it."""

_CLIENT, _ASYNC_CLIENT = httpx.Client, httpx.AsyncClient
_METHODS = (
    "request", "build_request", "send", "_send_handling_auth", "_send_handling_redirects",
    "_send_single_request", "_transport_for_url",
)  # fmt: skip
_methods = attrgetter(*_METHODS)
_LOGGER = logging.getLogger(httpx.__name__)
_own: dict[type, tuple[Any, ...]] = {}
"""The code of methods of httpx's classes that was found to be httpx's own."""

_Transport = TypeVar("_Transport", httpx.BaseTransport, httpx.AsyncBaseTransport)
_HANDLERS = frozenset({"handle_request", "handle_async_request"})


def is_hooked(client: httpx.Client | httpx.AsyncClient, transport: _Transport) -> bool:
    """Return whether anything watches what a client sends, by whatever means.

    `client` is the one whose transport is `transport`, unless that was replaced.
    """
    state = vars(client)
    is_sync = isinstance(client, _CLIENT)
    kind = httpx.Client if is_sync else httpx.AsyncClient
    return (
        kind is not (_CLIENT if is_sync else _ASYNC_CLIENT)
        or _is_patched(kind)
        or not state.keys().isdisjoint(_METHODS)
        or state.get("_transport") is not transport
        or bool(state.get("_mounts"))
        or any(state.get("_event_hooks", {}).values())
        # OpenTelemetry's instrument_client, which traces a single client
        or not vars(transport).keys().isdisjoint(_HANDLERS)
        or _LOGGER.isEnabledFor(logging.INFO)
    )


def _is_patched(kind: type) -> bool:
    # By code, which some replace within the function; wrapt's wrappers are even equal to
    # what they wrap, and hand on its code: told apart by their type.
    now = tuple([one.__code__ for one in _methods(kind) if type(one) is types.FunctionType])
    if now == _own.get(kind):
        return False
    if not all(_is_own(one) for one in _methods(kind)):
        return True
    _own[kind] = now
    return False


def _is_own(method: object) -> bool:
    """Return whether a method is httpx's own: from the file of those that are never replaced."""
    home = httpx.Client.__enter__
    # wrapt's wrappers, which Datadog and New Relic put in, pass for functions in isinstance().
    return (
        type(method) is types.FunctionType
        and type(home) is types.FunctionType
        and method.__code__.co_filename == home.__code__.co_filename
    )


def through_client(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    """Send an attempt through httpx's client; its request has `INNER`."""
    if httpx.Client is not _CLIENT:  # replaced by another class
        inner = request.extensions[INNER]
        return httpx.Client(transport=inner, trust_env=False).send(request, stream=True)
    if _is_by_request(client, httpx.Client):
        return client.request(**_arguments(request))
    return client.send(request, stream=True)


async def through_async_client(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Send an attempt through httpx's client; its request has `INNER`."""
    if httpx.AsyncClient is not _ASYNC_CLIENT:
        inner = request.extensions[INNER]
        return await httpx.AsyncClient(transport=inner, trust_env=False).send(request, stream=True)
    if _is_by_request(client, httpx.AsyncClient):
        return await client.request(**_arguments(request))
    return await client.send(request, stream=True)


def _is_by_request(client: httpx.Client | httpx.AsyncClient, kind: type) -> bool:
    """Return whether a replaced method comes before `send`."""
    first = ("request", "build_request")
    if not vars(client).keys().isdisjoint(first):
        return True
    return not all(_is_own(getattr(kind, name)) for name in first)


def _arguments(request: httpx.Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.url,
        "headers": request.headers,
        "content": request.read(),
        "extensions": request.extensions,
    }
