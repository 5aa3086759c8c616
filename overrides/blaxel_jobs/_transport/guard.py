"""httpx's clients, held to paths that name what they seem to.

httpx resolves dot segments when it builds a request, so this is the last place to see them.
"""

from __future__ import annotations

from typing import Any

import httpx

from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._identifier import check_path

__all__ = ["AsyncGuardedClient", "GuardedClient"]


class GuardedClient(httpx.Client):
    """Refuses to build a request that must not be sent."""

    def build_request(self, method: str, url: Any, **kwargs: Any) -> httpx.Request:
        """Build a request that may be sent."""
        _check(self, url)
        return super().build_request(method, url, **kwargs)


class AsyncGuardedClient(httpx.AsyncClient):
    """Refuses to build a request that must not be sent."""

    def build_request(self, method: str, url: Any, **kwargs: Any) -> httpx.Request:
        """Build a request that may be sent."""
        _check(self, url)
        return super().build_request(method, url, **kwargs)


def _check(client: httpx.Client | httpx.AsyncClient, url: Any) -> None:
    if client.is_closed:
        raise ConfigurationError("the client is closed, so nothing was sent: make a new one")
    check_path(str(url))
