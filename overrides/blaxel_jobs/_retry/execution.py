"""Which execution a request asks for, and which an answer is about."""

from __future__ import annotations

import re
from typing import Protocol
from urllib.parse import unquote

from blaxel_jobs._effects import Answer
from blaxel_jobs._http import httpx

__all__ = ["asked_for", "described", "named_in", "names_another", "status_in"]

_NAMED = re.compile(r"/jobs/([^/?]+)(?:/executions/([^/?]+))?")
_EXECUTION = re.compile(r"/jobs/[^/?]+/executions/([^/?]+)")


def asked_for(method: str, path: str) -> str | None:
    """Return the id of the execution that a request reads or cancels, None for other requests.

    `path` is the one below the base URL, as it is sent.
    """
    found = _EXECUTION.fullmatch(path) if method in ("GET", "DELETE") else None
    return unquote(found[1]) if found else None


class _Request(Protocol):
    method: str

    @property
    def url(self) -> httpx.URL: ...


def described(request: _Request) -> str:
    """Return method, job and execution of a request, for messages."""
    found = _NAMED.search(request.url.raw_path.decode("ascii", "replace"))
    if found is None:
        return f"{request.method} {request.url.path}"
    named = [f"job {unquote(found[1])!r}"]
    if found[2] is not None:
        named.append(f"execution {unquote(found[2])!r}")
    return f"{request.method} of {', '.join(named)}"


def named_in(answer: Answer) -> str | None:
    """Return the id of the execution in an answer, None where it names none."""
    body = answer.json
    metadata = body.get("metadata") if isinstance(body, dict) else None
    named = metadata.get("id") if isinstance(metadata, dict) else None
    return named if isinstance(named, str) else None


def names_another(answer: Answer, expected: str | None) -> bool:
    """Return whether a success is about another execution than the one that was asked for."""
    if expected is None or not answer.is_success or answer.problem is not None:
        return False
    return named_in(answer) not in (None, "", expected)


def status_in(answer: Answer) -> str | None:
    """Return the status of the execution in an answer, None where there is none."""
    status = answer.json.get("status") if isinstance(answer.json, dict) else None
    return status if isinstance(status, str) else None
