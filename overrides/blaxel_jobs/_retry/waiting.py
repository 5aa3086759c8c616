"""When to look again at an execution that was told to cancel, and when to give up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from blaxel_jobs._errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    BlaxelError,
    RateLimitError,
    ServerError,
)

if TYPE_CHECKING:
    from blaxel_jobs_api.models import JobExecution

__all__ = ["TERMINAL_STATUSES", "Waiting"]

TERMINAL_STATUSES = frozenset({"cancelled", "failed", "succeeded", "timeout"})
"""The statuses after which an execution does not change any more."""

_FIRST, _GROWTH, _LONGEST = 0.5, 1.5, 10.0


class Waiting:
    """A wait of `timeout` seconds: growing intervals, and the last execution that was seen."""

    def __init__(self, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + timeout
        self._interval = _FIRST
        self._at_least = 0.0
        self._last: JobExecution | None = None

    def see(self, execution: JobExecution) -> bool:
        """Take note of an execution; True where its status is terminal."""
        self._last, self._at_least = execution, 0.0
        return execution.status in TERMINAL_STATUSES

    def survive(self, error: BlaxelError) -> None:
        """Go on after a failure that may pass; raise any other."""
        status = error.status_code if isinstance(error, APIStatusError) else None
        passing = isinstance(error, APIConnectionError | RateLimitError | ServerError)
        if not passing and status != 408:
            raise error
        self._at_least = getattr(error, "retry_after", None) or 0.0

    def pause(self) -> float:
        """Return the seconds to the next look."""
        pause = min(self._interval, self._left())
        self._interval = min(_LONGEST, self._interval * _GROWTH)
        return max(pause, min(self._at_least, self._left()))

    def call_timeout(self, own: float) -> float:
        """Return the timeout of the next call: the client's own, or what is left."""
        return min(own, self._left())

    def _left(self) -> float:
        left = self._end - self._clock()
        if left > 0:
            return left
        raise APITimeoutError(
            "the execution was told to cancel, but has no terminal status yet",
            may_have_been_processed=True,
            execution=self._last,
        )
