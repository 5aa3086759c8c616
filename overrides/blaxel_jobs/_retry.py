"""When to try again, and after how long."""

from __future__ import annotations

import email.utils
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

__all__ = ["RetryPolicy", "is_retryable", "retry_after"]

_STATUSES = frozenset({408, 429, 500, 502, 503, 504, *range(520, 530)})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how fast to try again.

    `max_attempts` counts sends, the first among them. Delays are in seconds and fully jittered:
    before attempt n + 1 a random time up to `initial_delay * 2 ** (n - 1)`, at most `max_delay`.
    """

    max_attempts: int = 4
    initial_delay: float = 0.5
    max_delay: float = 8.0
    random: Callable[[], float] = field(default=random.random, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        if self.max_attempts < 1 or self.initial_delay < 0 or self.max_delay < 0:
            raise ValueError("max_attempts must be at least 1, delays at least 0")

    def delay(self, attempt: int, server_wants: float | None) -> float:
        """Return the seconds to wait after an attempt, never less than the server asked for."""
        bound = min(self.max_delay, self.initial_delay * 2.0 ** min(attempt - 1, 60))
        return max(bound * self.random(), server_wants or 0.0)


def is_retryable(status_code: int, body: Any) -> bool:
    """Tell whether an error is worth another attempt; the body's `retryable` overrides."""
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict) and isinstance(error.get("retryable"), bool):
        return bool(error["retryable"])
    return status_code in _STATUSES


def retry_after(headers: Mapping[str, str], body: Any) -> float | None:
    """Return the seconds that a response asks to wait: header (number or date), or body."""
    text = headers.get("retry-after")
    if text is not None:
        try:
            return max(0.0, float(text))
        except ValueError:
            pass
        try:
            at = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return None
        return max(0.0, (at - datetime.now(at.tzinfo or UTC)).total_seconds())
    if isinstance(body, dict):
        nested = body.get("error")
        for place in (body, nested if isinstance(nested, dict) else {}):
            value = place.get("retry_after")
            if isinstance(value, int | float) and not isinstance(value, bool):
                return max(0.0, float(value))
    return None
