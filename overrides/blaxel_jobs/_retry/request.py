"""The request of an operation as the policy gets it: what each attempt's own request is made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from blaxel_jobs._auth.secrets import Secret
from blaxel_jobs._http import httpx
from blaxel_jobs._retry.execution import asked_for

__all__ = ["OperationRequest"]


@dataclass(slots=True)
class OperationRequest:
    """A request without credential; only one that `is_own`, to the base URL's origin, gets one.

    `headers` are those that are sent, `names` are theirs in lower case. `expects` is the id of the
    execution that it reads or cancels, None for other requests.
    """

    method: str
    url: httpx.URL
    headers: httpx.Headers = field(repr=False)
    names: Collection[bytes]
    stream: httpx.SyncByteStream | httpx.AsyncByteStream
    extensions: dict[str, Any]
    expects: str | None = None
    is_own: bool = True

    @classmethod
    def of(cls, request: httpx.Request, base_url: httpx.URL) -> OperationRequest:
        """Return what httpx's client was given to send."""
        url, headers = request.url, request.headers.raw
        is_own = url.raw_scheme == base_url.raw_scheme and url.netloc == base_url.netloc
        if is_own:
            headers = [pair for pair in headers if pair[0].lower() != b"authorization"]
        path = url.raw_path.removeprefix(base_url.raw_path.rstrip(b"/")).partition(b"?")[0]
        assert isinstance(request.stream, httpx.SyncByteStream | httpx.AsyncByteStream)
        return cls(
            request.method,
            url,
            httpx.Headers(headers),
            {name.lower() for name, _ in headers},
            request.stream,
            request.extensions,
            asked_for(request.method, path.decode("ascii")),
            is_own,
        )

    def stamped(self, bearer: Secret | None, labels: Mapping[str, str]) -> httpx.Request:
        """Return the request of an attempt; labels that it has already stay as they are."""
        request = httpx.Request(
            self.method,
            self.url,
            headers=self.headers,
            stream=self.stream,
            extensions=self.extensions,
        )
        if bearer is not None:
            added: list[tuple[bytes, bytes]] = [(b"Authorization", bearer.bearer())]
            for label, value in labels.items():
                if (name := label.encode()).lower() not in self.names:
                    added.append((name, value.encode()))
            request.headers = _with(request.headers, added)
        return request

    def read_back(self) -> OperationRequest:
        """Return the request that reads what this one cancels."""
        return OperationRequest(
            "GET", self.url, self.headers, self.names, httpx.ByteStream(b""), {},
            self.expects, self.is_own,
        )  # fmt: skip


def _with(headers: httpx.Headers, added: list[tuple[bytes, bytes]]) -> httpx.Headers:
    """Return headers with some more at their end.

    Reading all of them anew adds 5 % to a call in process (3.13: 4 %). httpx's own list has them as
    they were read (0.27, 0.28 and httpx2 name it so).
    """
    read = getattr(headers, "_list", None)
    if read is None:
        return httpx.Headers([*headers.raw, *added])
    read += [(name, name.lower(), value) for name, value in added]
    return headers
