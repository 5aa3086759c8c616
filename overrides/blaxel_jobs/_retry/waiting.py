"""When to look again at an execution that is being cancelled, and when to give up."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from blaxel_jobs._errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    BlaxelError,
    RateLimitError,
    ServerError,
    WaitFailedError,
)

if TYPE_CHECKING:
    from blaxel_jobs_api.models import JobExecution

__all__ = ["TERMINAL_STATUSES", "Step", "cancel_and_wait"]

TERMINAL_STATUSES = frozenset({"cancelled", "failed", "succeeded", "timeout"})
"""The statuses after which an execution does not change any more."""

_FIRST, _GROWTH, _LONGEST = 0.5, 1.5, 10.0
_LONGEST_RETRY_AFTER = 60.0
"""Seconds to the next look at most, though a server asks for more."""
_SHORTEST_LAST, _LONGEST_LAST = 0.1, 5.0
"""The seconds that are kept for the last look: as looks have taken, within these bounds."""
_INSTANT = 0.001
"""Seconds that are no time to pause for: rounding leaves less, and would look again and again."""


@dataclass(frozen=True, slots=True)
class Step:
    """Pause so many seconds, then cancel (the first step) or look, within `timeout` seconds."""

    pause: float
    cancels: bool
    timeout: float


_Steps: TypeAlias = "Generator[Step, JobExecution | BlaxelError, JobExecution]"


def cancel_and_wait(
    job_id: str,
    execution_id: str,
    timeout: float,
    longest_call: float,
    clock: Callable[[], float] = time.monotonic,
) -> _Steps:
    """Yield what to do next, be sent its result, and return the execution at its end.

    All of it within `timeout` seconds, and a step within `longest_call`; the last look is as late
    as it can be. Raises the error of the cancel. Once that has been accepted, an error that is
    not transient becomes a WaitFailedError, and the end of the time an APITimeoutError: with the
    last execution seen, and `accepted`.
    """
    end = clock() + timeout
    result = yield Step(0.0, cancels=True, timeout=min(longest_call, timeout))
    if isinstance(result, BlaxelError) and not result.accepted:
        raise result
    last: JobExecution | None = None
    failure: BlaxelError | None = None
    interval, took, looked = _FIRST, 0.0, False
    while True:
        if isinstance(result, BlaxelError):
            failure = result
        else:
            last, failure = result, None
            if last.status in TERMINAL_STATUSES:
                return last
        left = end - clock()
        rest = left - min(timeout / 4, _LONGEST_LAST, max(_SHORTEST_LAST, 3 * took))
        if left <= 0 or (looked and rest < _INSTANT):
            message = (
                f"timed out after {timeout:.1f} s waiting for the end: the cancel was accepted, "
                f"but execution {execution_id!r} of job {job_id!r} has no terminal status yet"
            )
            raise _out_of_time(message, last) from failure
        pause = max(0.0, min(_pause(interval, failure, rest), rest))
        interval = min(_LONGEST, interval * _GROWTH)
        looked, began = True, clock() + pause
        result = yield Step(pause, cancels=False, timeout=min(longest_call, left - pause))
        took = clock() - began
        if isinstance(result, BlaxelError) and not _is_transient(result):
            message = f"the cancel was accepted, but how it ended cannot be seen: {result.message}"
            raise WaitFailedError(message, execution=last) from result


def _pause(interval: float, failure: BlaxelError | None, rest: float) -> float:
    """Return the seconds to the next look, of those that are left for it.

    As long as the server asked for, unless that leaves no time for others.
    """
    wanted = min(getattr(failure, "retry_after", None) or 0.0, _LONGEST_RETRY_AFTER)
    return max(interval, wanted if wanted <= rest else rest / 2)


def _is_transient(error: BlaxelError) -> bool:
    status = error.status_code if isinstance(error, APIStatusError) else None
    return status == 408 or isinstance(error, APIConnectionError | RateLimitError | ServerError)


def _out_of_time(message: str, last: JobExecution | None) -> APITimeoutError:
    error = APITimeoutError(message, may_have_been_processed=True, execution=last)
    error.accepted = True
    return error
