"""The report of each attempt: to `on_attempt`, and to the logger `blaxel_jobs` at DEBUG.

Both get the fields of `Attempt` and nothing else, so that no secret can be among them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Attempt", "OnAttempt", "Purpose", "is_listened_to", "report"]

_LOGGER = logging.getLogger("blaxel_jobs")

Purpose: TypeAlias = Literal["operation", "read-back", "token"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One send: of an operation, of the read-back after a lost answer, or of a token request.

    `purpose` says which. `number` counts from 1, for each of the three. `status_code` is None where
    there was no answer; `error` is the name of the error's class, None after a success. `elapsed`
    is in seconds, as is `wait`, the time to the next attempt: None where this was the last.
    `request_id` is the server's name for the exchange, `client_request_id` ours: the X-Request-Id
    that was sent.
    """

    number: int
    method: str
    status_code: int | None
    error: str | None
    elapsed: float
    wait: float | None
    request_id: str | None
    client_request_id: str | None = None
    purpose: Purpose = "operation"


OnAttempt: TypeAlias = Callable[[Attempt], object]


def is_listened_to(on_attempt: OnAttempt | None) -> bool:
    """Return whether reports go anywhere."""
    return on_attempt is not None or _LOGGER.isEnabledFor(logging.DEBUG)


def report(attempt: Attempt, on_attempt: OnAttempt | None) -> None:
    """Log the attempt and hand it over; what `on_attempt` raises is logged by its class only."""
    _LOGGER.debug("%s", attempt)
    if on_attempt is None:
        return
    try:
        on_attempt(attempt)
    except Exception as error:
        _LOGGER.warning("on_attempt raised %s", type(error).__name__)
