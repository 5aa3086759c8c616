"""When a call ends: its own timeout travels with the request, through generated code and httpx."""

from __future__ import annotations

import time

import httpx

__all__ = ["CALL_TIMEOUT", "deadline_of"]

CALL_TIMEOUT = "blaxel_jobs.timeout"
"""The request extension with the seconds of this call, where they differ from the client's."""


def deadline_of(request: httpx.Request, timeout: float) -> float:
    """Return the end, in monotonic seconds, of a call that begins now."""
    return time.monotonic() + float(request.extensions.get(CALL_TIMEOUT, timeout))
