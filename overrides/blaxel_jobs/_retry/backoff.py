"""When to try again, and after how long."""

from __future__ import annotations

import email.utils
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from blaxel_jobs._errors import ConfigurationError

__all__ = ["RetryPolicy", "is_retryable", "retry_after", "says_retryable"]

_STATUSES = frozenset({408, 429, 500, 502, 503, 504, *range(520, 530)})
_LONGEST_RETRY_AFTER = 86400.0
"""Seconds: a server that asks for more than a day, or for ever, is taken to ask for a day."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how fast to try again.

    `max_attempts` counts sends, the first among them. Delays are in seconds and fully jittered:
    before attempt n + 1 a random time up to `initial_delay * 2 ** (n - 1)`, at most `max_delay`.
    `attempt_timeout` bounds one attempt, so that one which hangs leaves time for another; None lets
    it take all that is left of the call's time. `random` gives numbers from 0 to 1.
    """

    max_attempts: int = 4
    initial_delay: float = 0.5
    max_delay: float = 8.0
    attempt_timeout: float | None = field(default=10.0, kw_only=True)
    random: Callable[[], float] = field(default=random.random, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        if type(self.max_attempts) is not int or self.max_attempts < 1:
            raise ConfigurationError(f"max_attempts must be 1 or more, not {self.max_attempts!r}")
        for name in ("initial_delay", "max_delay"):
            if not _is_finite(getattr(self, name)):
                raise ConfigurationError(f"{name} must be a number of seconds, 0 or more")
        timeout = self.attempt_timeout
        if timeout == 0 or not (timeout is None or _is_finite(timeout)):
            raise ConfigurationError("attempt_timeout must be a number of seconds above 0, or None")
        if not callable(self.random):
            raise ConfigurationError("random must be a function that gives numbers from 0 to 1")

    def delay(self, attempt: int, server_wants: float | None) -> float:
        """Return the seconds to wait after an attempt, never less than the server asked for."""
        # 2.0 ** 1024 would overflow.
        bound = min(self.max_delay, self.initial_delay * 2.0 ** min(attempt - 1, 60))
        return max(bound * self.random(), server_wants or 0.0)


def _is_finite(seconds: object) -> bool:
    return isinstance(seconds, int | float) and 0 <= seconds < math.inf


def is_retryable(status_code: int, body: Any) -> bool:
    """Return whether an error is worth another attempt; the body's `retryable` overrides."""
    stated = says_retryable(body)
    return status_code in _STATUSES if stated is None else stated


def says_retryable(body: Any) -> bool | None:
    """Return `retryable` of an error's body, in either of the vendor's shapes; None without it."""
    for place in _places(body):
        if isinstance(place.get("retryable"), bool):
            return bool(place["retryable"])
    return None


def retry_after(headers: Mapping[str, str], body: Any) -> float | None:
    """Return the seconds that a response asks to wait, in its header (number or date) or body.

    The longest where there are several, a day at most; None where there is none that is usable.
    """
    delays = [_seconds_until(headers.get("retry-after", ""))]
    delays += [_seconds(place.get("retry_after")) for place in _places(body)]
    longest = max((delay for delay in delays if delay is not None), default=None)
    return None if longest is None else min(longest, _LONGEST_RETRY_AFTER)


def _places(body: Any) -> list[dict[str, Any]]:
    """Return the objects that may hold the members of an error: its `error`, and the body."""
    if not isinstance(body, dict):
        return []
    error = body.get("error")
    return [error, body] if isinstance(error, dict) else [body]


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(seconds) else max(0.0, seconds)


def _seconds_until(text: str) -> float | None:
    seconds = _seconds(text)
    if seconds is not None:
        return seconds
    try:
        at = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if at.tzinfo is None:  # what "-0000" is read as
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
