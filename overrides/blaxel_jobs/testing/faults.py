"""What happens to a request: faults, and scripts of them as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

__all__ = [
    "Fault",
    "Reply",
    "faults_of",
    "garbage",
    "hang",
    "lost_answer",
    "lost_request",
    "ok",
    "slow",
    "status",
]

Reply: TypeAlias = tuple[int, bytes, dict[str, str]]
"""Status, body and headers."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request; made by the functions of this module."""

    kind: Literal["ok", "answer", "lost request", "lost answer", "hang"]
    processed: bool = True
    seconds: float = 0.0
    response: Reply | None = None


def ok() -> Fault:
    """Nothing goes wrong: for a script in which something does later."""
    return Fault("ok")


def status(code: int, body: Any = None, *, headers: dict[str, str] | None = None) -> Fault:
    """Return an error of this status and JSON body instead of doing what is asked."""
    content = b"" if body is None else json.dumps(body).encode()
    return Fault("answer", processed=False, response=(code, content, headers or {}))


def garbage(content: bytes = b"<html>", code: int = 200) -> Fault:
    """Do what is asked, and answer something else than promised."""
    return Fault("answer", response=(code, content, {}))


def lost_request() -> Fault:
    """No connection: the request never arrives."""
    return Fault("lost request", processed=False)


def lost_answer() -> Fault:
    """Do what is asked, and lose the connection before the answer."""
    return Fault("lost answer")


def hang(*, processed: bool = False) -> Fault:
    """No answer until the client's time is over."""
    return Fault("hang", processed=processed)


def slow(seconds: float) -> Fault:
    """Do what is asked after so many seconds."""
    return Fault("ok", seconds=seconds)


def _garbage(content: str = "<html>", code: int = 200) -> Fault:
    return garbage(content.encode(), code)


_BY_NAME: dict[str, Callable[..., Fault]] = {
    "ok": ok,
    "status": status,
    "garbage": _garbage,
    "lost_request": lost_request,
    "lost_answer": lost_answer,
    "hang": hang,
    "slow": slow,
}


def faults_of(script: Any) -> list[Fault]:
    """Return the faults of a script: a list of names, or of objects with a name and arguments.

    `["ok", "lost_answer", {"fault": "status", "code": 503}, {"fault": "slow", "seconds": 2}]`
    Raises ValueError, which says what is wrong with which of them.
    """
    if not isinstance(script, list):
        raise ValueError("a script is a list of faults")
    found = []
    for number, one in enumerate(script, start=1):
        given = {"fault": one} if isinstance(one, str) else one
        name = given.get("fault") if isinstance(given, dict) else None
        if not isinstance(name, str) or name not in _BY_NAME:
            raise ValueError(f"fault {number} is none of {', '.join(_BY_NAME)}")
        try:
            found.append(_BY_NAME[name](**{k: v for k, v in given.items() if k != "fault"}))
        except (TypeError, AttributeError):
            raise ValueError(f"fault {number}, {name}, has other arguments than it takes") from None
    return found
