"""When a call ends: its own timeout travels with the request, through generated code and httpx."""

from __future__ import annotations

import time

import httpx

from blaxel_jobs._errors import ConfigurationError

__all__ = ["CALL_TIMEOUT", "checked_timeout", "deadline_of"]

CALL_TIMEOUT = "blaxel_jobs.timeout"
"""The request extension with the seconds of this call, where they differ from the client's."""
_LONGEST = 1_000_000.0
"""Seconds: sockets cannot be given much more."""


def deadline_of(request: httpx.Request, timeout: float) -> float:
    """Return the end, in monotonic seconds, of a call that begins now."""
    return time.monotonic() + float(request.extensions.get(CALL_TIMEOUT, timeout))


def checked_timeout(timeout: object) -> float:
    """Return a timeout; raise ConfigurationError where it is none."""
    is_number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    if not is_number or not 0 < timeout <= _LONGEST:  # type: ignore[operator]
        raise ConfigurationError(
            f"a timeout is a number of seconds, above 0 and at most {_LONGEST:.0f}, not {timeout!r}"
        )
    return float(timeout)  # type: ignore[arg-type]
