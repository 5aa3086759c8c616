"""A request's body that is at hand, as it is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TypeAlias

from blaxel_jobs._http import httpx

__all__ = ["EMPTY", "unbroken"]


_Stream: TypeAlias = httpx.SyncByteStream | httpx.AsyncByteStream


def unbroken(stream: _Stream) -> _Stream:
    """Return the stream of a body that is at hand without an async generator.

    httpx's own has one. Where sending breaks off, it would be left to the garbage collector, of
    which trio complains.
    """
    return _Content(b"".join(stream)) if type(stream) is httpx.ByteStream else stream


class _Content(httpx.ByteStream):
    """A body of one chunk, of none where it is empty."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._chunks = [content] if content else []

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _Chunks(iter(self._chunks))


class _Chunks(AsyncIterator[bytes]):
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    async def __anext__(self) -> bytes:
        for chunk in self._chunks:
            return chunk
        raise StopAsyncIteration


EMPTY = _Content(b"")
