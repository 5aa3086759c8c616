"""A response's body as it arrives: kept as far as it may be, and within the deadline."""

from __future__ import annotations

import time

from blaxel_jobs._effects import Answer
from blaxel_jobs._http import httpx
from blaxel_jobs._transport.decompression import Inflater

__all__ = ["Body"]

_MAX_ERROR_BYTES = 64 * 1024


class Body:
    """Takes chunks until there is enough: `full` says so, `complete` that there is nothing to take.

    Of an error only the beginning is kept.
    """

    def __init__(self, response: httpx.Response, max_bytes: int, deadline: float) -> None:
        self._response, self._deadline = response, deadline
        self._max_bytes = max_bytes if response.is_success else _MAX_ERROR_BYTES
        self._content = bytearray()
        self._inflater: Inflater | None = None
        self._problem: str | None = None
        self._late = False
        self.complete = response.is_stream_consumed or response.is_closed
        if self.complete:  # as httpx.MockTransport's are: read, and decoded
            try:
                self._keep(response.content)
            except httpx.ResponseNotRead:  # an event hook has read or closed it, and kept nothing
                self._problem = "an event hook has read or closed its body"

    @property
    def full(self) -> bool:
        """Return whether the rest need not be read."""
        return self._late or self._problem is not None

    def add(self, chunk: bytes) -> None:
        """Take a chunk, as far as there is room."""
        if time.monotonic() >= self._deadline:
            self._late = True
            return
        try:
            if self._inflater is None:
                self._inflater = Inflater(self._response.headers.get("content-encoding", ""))
            self._keep(self._inflater.add(chunk, self._max_bytes - len(self._content) + 1))
        except httpx.DecodingError as error:
            self._problem = f"its body cannot be decompressed: {error}"

    def _keep(self, content: bytes) -> None:
        room = self._max_bytes - len(self._content)
        self._content += content[:room]
        if len(content) > room:
            self._problem = f"its body is larger than {self._max_bytes} bytes"

    def answer(self) -> Answer:
        """Return what arrived, once; raises httpx.ReadTimeout where that took too long.

        Not raised by `add`: an exception in a loop over chunks would leave the async generators
        inside httpx and httpcore to the garbage collector, of which trio complains.
        """
        if self._late:
            raise httpx.ReadTimeout("the call's deadline has passed while the body arrived")
        response = self._response
        content = bytes(self._content)
        self._content.clear()  # or a long body would be in memory twice while it is read
        return Answer(response.status_code, response.headers, content, self._problem)
