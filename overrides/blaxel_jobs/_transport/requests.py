"""The requests of the client's own operations, made without httpx's client.

For each request httpx merges URL, headers, cookies, timeouts and authentication of its client, and
looks for redirects, with results that are always the same here: half the time of a call in process,
a quarter over loopback (in Python 3.11 and 3.13). So a request of an operation is a copy of one
that was merged when the client was made.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from blaxel_jobs._http import httpx
from blaxel_jobs._identifier import check_identifier
from blaxel_jobs._retry.execution import asked_for
from blaxel_jobs._retry.request import OperationRequest
from blaxel_jobs._transport.guard import check_open
from blaxel_jobs._transport.request_body import EMPTY

if TYPE_CHECKING:
    from blaxel_jobs._operation import Operation

__all__ = ["Requests"]

_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9_.~-]*)+")
"""A path in which httpx finds nothing to quote, and no dot segment to resolve."""
_CONTENT = ("json", "content", "data", "files")
"""What generated code calls the kinds of content."""
_PLAIN = frozenset({"method", "url", "headers"})
"""What it has for a request without query and content."""


class Requests:
    """Makes the requests of one client, as its httpx client would make them."""

    def __init__(self, client: httpx.Client | httpx.AsyncClient) -> None:
        self._client = client
        self._base = str(client.base_url).rstrip("/")
        self._base_url = httpx.URL(self._base)
        plain = client.build_request("DELETE", "/jobs")
        # HTTP/1.1 keeps a connection without being asked; each header is 1 % of a sync call.
        del plain.headers["Connection"]
        self._headers = plain.headers
        self._plain = OperationRequest.of(plain, self._base_url)

    def request(
        self,
        operation: Operation[Any],
        *ids: object,
        query: dict[str, Any] | None = None,
        **parameters: Any,
    ) -> OperationRequest:
        """Return the request of a generated operation.

        `ids` fill the path, in its order; `parameters` are the operation's others, by the names
        that the generated code has for them (`body`, too); `query` takes the place of its query
        parameters, by the API's names. Raises InvalidIdentifierError, and ConfigurationError for a
        closed client.
        """
        check_open(self._client)
        build = operation._get_kwargs
        names = _names(build)
        # One id too many is for the function to refuse.
        asked = build(*map(check_identifier, ids, names), *ids[len(names) :], **parameters)
        method, path = asked["method"], asked["url"]
        # Of the methods that may have content, a server may want to know that there is none.
        stream = EMPTY if method in ("get", "delete") else None
        is_plain = asked.keys() <= _PLAIN and not asked.get("headers") and query is None
        if is_plain and stream is not None:
            plain = self._plain
            return OperationRequest(
                method.upper(), self._url(path), plain.headers, plain.names, stream, {},
                asked_for(method.upper(), path),
            )  # fmt: skip
        content: dict[str, Any] = {key: asked[key] for key in _CONTENT if key in asked}
        request = httpx.Request(
            method,
            self._url(path),
            params=asked.get("params") if query is None else query,
            headers=self._headers,
            **(content or {"stream": stream}),
        )
        if headers := asked.get("headers"):
            request.headers.update(headers)
        return OperationRequest.of(request, self._base_url)

    def _url(self, path: str) -> httpx.URL:
        """Return the URL of a path below the base URL, as `httpx.URL` would read it.

        Reading adds 37 % to a call in process (3.13: 40 %). A plain path takes the place of the
        base URL's in what httpx has read of that (0.27 to 0.28 and httpx2 name it so).
        """
        base = getattr(self._base_url, "_uri_reference", None)
        if base is None or not _PLAIN_PATH.fullmatch(path):
            return httpx.URL(self._base + path)
        url = httpx.URL(self._base_url)
        url._uri_reference = base._replace(path=base.path + path)
        return url


@functools.cache
def _names(build: Callable[..., Any]) -> list[str]:
    """Return what messages call the ids that an operation's function takes, in its order."""
    code = build.__code__
    return [f"the {name.replace('_', ' ')}" for name in code.co_varnames[: code.co_argcount]]
