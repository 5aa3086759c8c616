"""The number of a resend, on the span that OpenTelemetry makes of an httpx request.

Their span begins inside the transport, so the policy cannot set the attribute. httpcore's trace
hook, which httpx documents, is called inside the span; it is only asked for where it is needed.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Any

__all__ = ["async_trace_of_resend", "trace_of_resend"]


def trace_of_resend(number: int) -> dict[str, Callable[[str, Any], None]]:
    """Return the request extension that marks the span of the attempt with this number."""
    if not _is_needed(number):
        return {}
    return {"trace": lambda event, info: _mark(number)}


def async_trace_of_resend(number: int) -> dict[str, Callable[[str, Any], Awaitable[None]]]:
    """Return the same for async code."""
    if not _is_needed(number):
        return {}

    async def trace(event: str, info: Any) -> None:
        _mark(number)

    return {"trace": trace}


def _is_needed(number: int) -> bool:
    return number > 1 and "opentelemetry.trace" in sys.modules


def _mark(number: int) -> None:
    span: Any = sys.modules["opentelemetry.trace"].get_current_span()
    # Without instrumentation of httpx the span is the application's own, and none of our business.
    if getattr(getattr(span, "kind", None), "name", None) == "CLIENT":
        span.set_attribute("http.request.resend_count", number - 1)
