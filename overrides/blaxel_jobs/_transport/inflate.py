"""Decompression that never makes more bytes than are wanted.

httpx decodes a chunk to its end: 64 KB of gzip can become 64 MB before anyone can say stop.
"""

from __future__ import annotations

import zlib
from typing import Protocol

import httpx

__all__ = ["ACCEPTED_ENCODINGS", "Inflater"]

ACCEPTED_ENCODINGS = "gzip, deflate"
"""The value of Accept-Encoding: what `Inflater` can undo, whatever codecs httpx finds installed."""


class _Decompressor(Protocol):
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Inflater:
    """Undoes one Content-Encoding, piece by piece.

    Raises httpx.DecodingError at an encoding that was not asked for, or at data that is none of it.
    """

    def __init__(self, content_encoding: str) -> None:
        encoding = content_encoding.strip().lower()
        self._raw_deflate_is_possible = encoding == "deflate"
        self._decompressor: _Decompressor | None = None
        if encoding in ("gzip", "x-gzip", "deflate"):
            self._decompressor = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, by header
        elif encoding not in ("", "identity"):
            raise httpx.DecodingError(f"Content-Encoding {encoding[:40]!r} was not asked for")

    def add(self, data: bytes, wanted: int) -> bytes:
        """Return what the next piece of the body holds, `wanted` (at least 1) bytes at most."""
        if self._decompressor is None:
            return data[:wanted]
        try:
            return self._decompressor.decompress(data, wanted)
        except zlib.error as error:
            if not self._raw_deflate_is_possible:
                raise httpx.DecodingError(str(error)) from None
            # Some servers send deflate without the zlib header that HTTP asks for.
            self._raw_deflate_is_possible = False
            self._decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
            return self.add(data, wanted)
