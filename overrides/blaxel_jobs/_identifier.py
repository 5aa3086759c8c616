"""Identifiers that may stand in a URL.

`..` as an execution id would send `DELETE /jobs/JOB`, which deletes the job: HTTP clients resolve
dot segments, quoted or not. So an identifier that is not plainly one segment is refused.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from blaxel_jobs._errors import InvalidIdentifierError

__all__ = ["check_identifier", "check_path"]

_LONGEST = 1000
"""Characters; a URL with a few thousand is refused by one server or another."""
_PLAIN = re.compile(rf"[A-Za-z0-9_-][A-Za-z0-9_.~-]{{0,{_LONGEST - 1}}}")
"""Identifiers as they mostly are: more looks add 4 % to a call in process (3.13: 8 %)."""


def check_identifier(value: object, what: str) -> str:
    """Return `value`; raise InvalidIdentifierError unless it is plainly one segment of a path."""
    if not isinstance(value, str):
        raise InvalidIdentifierError(f"{what} must be a string, not {type(value).__name__}")
    value = str.__str__(value)  # what is checked is what is sent: an Enum's own str() is another
    problem = _problem(value)
    if problem is not None:
        raise InvalidIdentifierError(f"{what} {_short(value)} {problem}")
    return value


def check_path(url: str) -> None:
    """Check each segment of a path that is about to be sent, as the server will decode it."""
    path = url.partition("#")[0].partition("?")[0]
    _, scheme, rest = path.partition("://")
    if scheme:
        path = rest.partition("/")[2]
    for segment in path.removeprefix("/").split("/"):
        problem = _problem(segment)
        if problem is not None:
            raise InvalidIdentifierError(f"the path segment {_short(segment)} {problem}")


def _short(value: str) -> str:
    return repr(value if len(value) <= 100 else value[:100] + "...")


def _problem(value: str) -> str | None:
    if _PLAIN.fullmatch(value):
        return None
    if len(value) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "contains a character that cannot be sent"
    decoded = value
    while (once_more := unquote(decoded)) != decoded:  # servers and proxies may decode twice
        decoded = once_more
    if not decoded.strip():
        return "is empty"
    # Some servers cut path parameters off: "..;a" is ".." to them.
    if decoded.partition(";")[0].strip() in ("", ".", ".."):
        return "is a dot segment, which would name another resource"
    for character in decoded:
        if character in "/\\":
            return f"contains {character!r}, which would name another resource"
        if ord(character) < 32 or 127 <= ord(character) < 160:
            return "contains a control character"
    return None
