"""Decompression that never makes more bytes than are wanted.

httpx decodes a chunk to its end: 64 KB of gzip can become 64 MB before anything can stop it.
"""

from __future__ import annotations

import zlib
from typing import Protocol

from blaxel_jobs._http import httpx

__all__ = ["ACCEPTED_ENCODINGS", "Inflater"]

ACCEPTED_ENCODINGS = "gzip, deflate"
"""The value of Accept-Encoding: what `Inflater` can undo, whatever codecs httpx finds installed."""

_BY_HEADER = zlib.MAX_WBITS | 32
"""Whether it is gzip or zlib, the header says."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Inflater:
    """Undoes one Content-Encoding, chunk by chunk.

    Raises httpx.DecodingError at an encoding that was not asked for, or at data that is none of it.
    """

    def __init__(self, content_encoding: str) -> None:
        encoding = content_encoding.strip().lower()
        self._raw_deflate_is_possible = encoding == "deflate"
        self._has_members = encoding in ("gzip", "x-gzip")
        self._decompressor: _Decompressor | None = None
        if encoding in ("gzip", "x-gzip", "deflate"):
            self._decompressor = zlib.decompressobj(_BY_HEADER)
        elif encoding not in ("", "identity"):
            raise httpx.DecodingError(f"Content-Encoding {encoding[:40]!r} was not asked for")

    def add(self, data: bytes, wanted: int) -> bytes:
        """Return what the next chunk of the body holds, `wanted` (at least 1) bytes at most."""
        if self._decompressor is None:
            return data[:wanted]
        found = b""
        try:
            while True:
                found += self._decompressor.decompress(data, wanted - len(found))
                data = self._next_member(self._decompressor)
                if not data or len(found) >= wanted:
                    return found
        except zlib.error as error:
            if not self._raw_deflate_is_possible:
                raise httpx.DecodingError(str(error)) from None
            # Some servers send deflate without the zlib header that HTTP asks for.
            self._raw_deflate_is_possible = False
            self._decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
            return self.add(data, wanted)

    def _next_member(self, ended: _Decompressor) -> bytes:
        """Return what stands behind the end of a gzip member: another, or zeros that fill up."""
        if not self._has_members or not ended.eof:
            return b""
        rest = ended.unused_data.lstrip(b"\0")
        self._decompressor = zlib.decompressobj(_BY_HEADER)
        return rest
