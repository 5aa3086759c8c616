"""What is told of each attempt: to `on_attempt`, and to the logger `blaxel_jobs` at DEBUG.

Both get the fields of `Attempt` and nothing else, so that no secret can be among them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Attempt", "OnAttempt", "is_listened_to", "report"]

_LOGGER = logging.getLogger("blaxel_jobs")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One send of an operation (`method` DELETE or GET) or of the read-back of a lost answer.

    `number` counts from 1. `status_code` is None where there was no answer; `error` is the name
    of the error's class, None after a success. `elapsed` is in seconds, as is `wait`, the time to
    the next attempt: None where this was the last.
    """

    number: int
    method: str
    status_code: int | None
    error: str | None
    elapsed: float
    wait: float | None
    request_id: str | None


OnAttempt: TypeAlias = Callable[[Attempt], object]


def is_listened_to(on_attempt: OnAttempt | None) -> bool:
    """Tell whether anyone would be told."""
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
