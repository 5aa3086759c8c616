"""Lines of JOB EXECUTION, taken as they come, in whatever encoding a shell writes."""

from __future__ import annotations

import codecs
import hashlib
import io
import itertools
import select
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TextIO

from blaxel_jobs._command.call import Call, Outcome, Report
from blaxel_jobs._errors import InvalidIdentifierError

__all__ = ["calls_of", "chunks_of"]

_LONGEST = 10_000
"""Characters of a line; ids that may be sent are far shorter."""
_CHUNK = 2**16
"""Bytes that are read at most before the calls of their lines begin."""


def calls_of(chunks: Iterable[bytes]) -> Iterator[Sequence[Call | Report]]:
    """Yield calls, one for each line, or the report of a line that is none: a list for each chunk.

    Blank lines and `#` comments are passed over, and a pair that comes twice is taken once.
    """
    seen: set[bytes] = set()
    numbers = itertools.count(1)
    for lines in _lines(chunks):
        found = (_call_of(line, next(numbers), seen) for line in lines)
        yield [one for one in found if one is not None]


def _call_of(line: str, number: int, seen: set[bytes]) -> Call | Report | None:
    words = line.lstrip("\ufeff").split()  # a byte order mark: files are joined, too
    if not words or words[0].startswith("#"):
        return None
    if len(words) != 2 or len(line) > _LONGEST:
        what = f"line {number} of standard input is not JOB EXECUTION"
        place = line.strip()[:100]
        return Report(place, "", Outcome.NOT_SENT, error=InvalidIdentifierError(what))
    # A digest, for the sake of memory: there may be a million lines.
    pair = hashlib.blake2b("\0".join(words).encode("utf-8", "surrogateescape"), digest_size=16)
    if pair.digest() in seen:
        return None
    seen.add(pair.digest())
    call = Call(words[0], words[1])
    problem = call.check()
    return call if problem is None else call.ended(Outcome.NOT_SENT, problem)


def _lines(chunks: Iterable[bytes]) -> Iterator[list[str]]:
    """Yield the lines that end in a chunk; of one too long, its beginning."""
    begun, decoder = "", None
    for chunk in chunks:
        if decoder is None:
            # PowerShell writes UTF-16 with a byte order mark, many editors UTF-8 with one.
            wide = chunk[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            encoding, errors = ("utf-16", "replace") if wide else ("utf-8", "surrogateescape")
            decoder = codecs.getincrementaldecoder(encoding)(errors)
        *lines, last = decoder.decode(chunk).split("\n")
        if lines:
            lines[0] = begun + lines[0]
            yield lines
            begun = ""
        begun = (begun + last)[: _LONGEST + 1]
    if decoder is not None:
        begun += decoder.decode(b"", final=True)
    if begun:
        yield [begun]


def chunks_of(stdin: TextIO) -> Iterator[bytes]:
    """Yield what standard input has, as it comes. Raises OSError where it cannot be read."""
    read: Callable[[int], bytes | None]
    try:
        # A reader of its own: the interpreter cannot end while a thread reads `sys.stdin`.
        read = io.FileIO(stdin.fileno(), closefd=False).read
    except (OSError, ValueError):  # no descriptor behind it
        assert isinstance(stdin.buffer, io.BufferedIOBase)
        read = stdin.buffer.read1
    while (chunk := read(_CHUNK)) != b"":
        if chunk is None:  # others that share the descriptor have made it one that does not block
            select.select([stdin], [], [])
        else:
            yield chunk
