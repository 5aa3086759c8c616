"""The transports of a client to which none was handed in: what is wrong shows when it is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._http import httpx
from blaxel_jobs._http.mixture import is_foreign, name_of, remedy_for
from blaxel_jobs._network.certificates import Certificates, ContextForOthers
from blaxel_jobs._network.pool import AsyncPool, Pool
from blaxel_jobs._network.proxy import proxy_for
from blaxel_jobs._network.thread import in_thread

__all__ = ["async_transports_to", "transports_to"]


def transports_to(
    base_url: httpx.URL, given: httpx.BaseTransport | None
) -> Callable[[], httpx.BaseTransport]:
    """Return what makes transports of sync code, or gives the one that was handed in.

    Raises ConfigurationError.
    """
    if given is not None:
        _check(given, "handle_request", "JobsClient needs a BaseTransport")
        return lambda: given
    proxy, certificates = proxy_for(base_url), Certificates()
    # Made here: a child of a fork, or a signal handler, must not wait for the lock around it.
    is_tls = base_url.scheme == "https"
    trusted = certificates.made() if is_tls else ContextForOthers(certificates)
    return lambda: Pool(lambda: httpx.HTTPTransport(verify=trusted, proxy=proxy))


def async_transports_to(
    base_url: httpx.URL, given: httpx.AsyncBaseTransport | None
) -> Callable[[], Awaitable[httpx.AsyncBaseTransport]]:
    """Return what makes transports of async code, one for an event loop; as `transports_to`."""
    if given is not None:
        _check(given, "handle_async_request", "AsyncJobsClient needs an AsyncBaseTransport")

        async def give() -> httpx.AsyncBaseTransport:
            return given

        return give
    proxy, certificates = proxy_for(base_url), Certificates()
    others = None if base_url.scheme == "https" else ContextForOthers(certificates)
    if others is None:
        certificates.try_named()

    async def make() -> httpx.AsyncBaseTransport:
        trusted = others or certificates.context
        if trusted is None:
            trusted = await in_thread(certificates.made)
        return AsyncPool(lambda: httpx.AsyncHTTPTransport(verify=trusted, proxy=proxy))

    return make


def _check(transport: Any, method: str, needed: str) -> None:
    """Raise ConfigurationError where a transport that was handed in is not of the kind needed."""
    usable = not isinstance(transport, type) and callable(getattr(transport, method, None))
    if not usable or is_foreign(transport):
        raise ConfigurationError(
            f"{needed} of {httpx.__name__} as transport, not {name_of(transport)}"
            f"{remedy_for(transport)}"
        )
