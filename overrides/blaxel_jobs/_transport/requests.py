"""The requests of the client's own operations, made without httpx's client.

For each request httpx merges URL, headers, cookies, timeouts and authentication of its client, and
looks for redirects, with results that are always the same here: half the time of a whole call. So
a request of an operation is a copy of one that was merged when the client was made.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import httpx

from blaxel_jobs._identifier import check_identifier
from blaxel_jobs._transport.deadline import CALL_TIMEOUT, checked_timeout
from blaxel_jobs._transport.guard import check_open

__all__ = ["Requests"]

_EMPTY = httpx.ByteStream(b"")


class Requests:
    """Makes the requests of one client, as its httpx client would make them."""

    def __init__(self, client: httpx.Client | httpx.AsyncClient) -> None:
        self._client = client
        self._base = str(client.base_url).rstrip("/")
        self._headers = client.build_request("DELETE", "/jobs").headers

    def request(
        self,
        operation: ModuleType,
        *ids: object,
        timeout: float | None,
        query: dict[str, Any] | None = None,
    ) -> httpx.Request:
        """Return the request of a generated operation; it has no content.

        `ids` are a job's, or a job's and an execution's; `query` are the query parameters, by the
        API's names. Raises InvalidIdentifierError, and ConfigurationError for a closed client or a
        bad timeout.
        """
        check_open(self._client)
        names = ("the job id", "the execution id")
        checked = [check_identifier(one, name) for one, name in zip(ids, names, strict=False)]
        asked: dict[str, Any] = operation._get_kwargs(*checked)
        request = httpx.Request(
            asked["method"],
            self._base + asked["url"],
            params=query,
            headers=self._headers,
            stream=_EMPTY,
            extensions={} if timeout is None else {CALL_TIMEOUT: checked_timeout(timeout)},
        )
        if asked["headers"]:
            request.headers.update(asked["headers"])
        return request
