"""Identifiers that may stand in a URL.

`..` as an execution id would send `DELETE /jobs/JOB`, which deletes the job: HTTP clients resolve
dot segments, quoted or not. So an identifier that is not plainly one segment is refused.
"""

from __future__ import annotations

from urllib.parse import unquote

from blaxel_jobs._errors import InvalidIdentifierError

__all__ = ["check_identifier", "check_path"]


def check_identifier(value: object, what: str) -> str:
    """Return `value`; raise InvalidIdentifierError unless it is plainly one segment of a path."""
    if not isinstance(value, str):
        raise InvalidIdentifierError(f"{what} must be a string, not {type(value).__name__}")
    problem = _problem(value)
    if problem is not None:
        raise InvalidIdentifierError(f"{what} {value!r} {problem}")
    return value


def check_path(path: str) -> None:
    """Check each segment of a path that is about to be sent, as the server will decode it."""
    for segment in path.removeprefix("/").split("/"):
        problem = _problem(unquote(segment))
        if problem is not None:
            raise InvalidIdentifierError(f"the path segment {segment!r} {problem}")


def _problem(value: str) -> str | None:
    if not value or value.isspace():
        return "is empty"
    decoded = unquote(unquote(value))  # servers and proxies have been seen to decode twice
    if decoded in (".", ".."):
        return "is a dot segment, which would name another resource"
    for text in (value, decoded):
        for character in text:
            if character in "/\\":
                return f"contains {character!r}, which would name another resource"
            if ord(character) < 32 or 127 <= ord(character) < 160:
                return "contains a control character"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "contains a character that cannot be sent"
    return None
