"""Lines of JOB EXECUTION, taken as they come, in whatever encoding a shell writes."""

from __future__ import annotations

import codecs
import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO

from blaxel_jobs._command.call import Call, Outcome, Report
from blaxel_jobs._errors import InvalidIdentifierError

__all__ = ["calls_of"]

_LONGEST = 10_000
"""Characters of a line; ids that may be sent are far shorter."""


def calls_of(stream: BinaryIO) -> Iterator[Call | Report]:
    """Yield a call for each line, or the report of a line that is none.

    Blank lines and `#` comments are passed over, and a pair that comes twice is taken once. Raises
    OSError where the stream cannot be read any further.
    """
    seen: set[bytes] = set()
    for number, line in enumerate(_lines(stream), start=1):
        words = line.lstrip("\ufeff").split()  # a byte order mark: files are joined, too
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 2 or len(line) > _LONGEST:
            what = f"line {number} of standard input is not JOB EXECUTION"
            place = line.strip()[:100]
            yield Report(place, "", Outcome.NOT_SENT, error=InvalidIdentifierError(what))
            continue
        call = Call(words[0], words[1])
        # A digest, for the sake of memory: there may be a million lines.
        pair = hashlib.blake2b("\0".join(words).encode("utf-8", "surrogateescape"), digest_size=16)
        if pair.digest() in seen:
            continue
        seen.add(pair.digest())
        problem = call.check()
        yield call if problem is None else call.ended(Outcome.NOT_SENT, problem)


def _lines(stream: BinaryIO) -> Iterator[str]:
    """Yield the lines of a stream, each as soon as it is there; of one too long, its beginning."""
    # Any binary stream will do, though the type wants one that can also be read into a buffer.
    reader = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]
    # PowerShell writes UTF-16 with a byte order mark, many editors UTF-8 with one.
    wide = reader.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    encoding, errors = ("utf-16", "replace") if wide else ("utf-8", "surrogateescape")
    text = io.TextIOWrapper(reader, encoding, errors, newline="\n")
    while line := text.readline(_LONGEST + 1):
        yield line
        while len(line) > _LONGEST and not line.endswith("\n"):
            line = text.readline(_LONGEST + 1)
    text.detach()  # the stream is the caller's to close
