"""A request's body, as async code sends it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeAlias

from blaxel_jobs._http import httpx

__all__ = ["unbroken"]


_Stream: TypeAlias = httpx.SyncByteStream | httpx.AsyncByteStream


def unbroken(stream: _Stream) -> _Stream:
    """Return the stream of a body that is at hand without an async generator.

    httpx's own has one. Where sending breaks off, it would be left to the garbage collector, of
    which trio complains.
    """
    return _Content(b"".join(stream)) if type(stream) is httpx.ByteStream else stream


class _Content(httpx.ByteStream):
    """A body of one chunk."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._content = content

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _Chunks(self._content)


class _Chunks(AsyncIterator[bytes]):
    def __init__(self, content: bytes) -> None:
        self._left = [content]

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()
