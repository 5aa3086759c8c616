"""What the operator's command does with one execution, and how that ended.

Cancelling and waiting are two steps here, not `cancel_and_wait`: whatever ends the wait, the report
still says that the cancel itself had been accepted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING, Any

from blaxel_jobs._errors import (
    APIStatusError,
    BlaxelError,
    CancelOutcomeUnknownError,
    InvalidIdentifierError,
    NotFoundError,
)
from blaxel_jobs._identifier import check_identifier
from blaxel_jobs._many.cancels import CancelResult
from blaxel_jobs._many.sweep import looked_at
from blaxel_jobs._retry.waiting import TERMINAL_STATUSES, cancel_and_wait

if TYPE_CHECKING:
    import threading

    from blaxel_jobs._client import JobsClient
    from blaxel_jobs_api.models import JobExecution

__all__ = [
    "INTERRUPTED",
    "PARTLY",
    "Call",
    "Outcome",
    "Report",
    "error_json",
    "exit_code",
    "json_of",
]


class Outcome(IntEnum):
    """How it ended for one execution; the values are the command's exit codes."""

    DONE = 0
    """Read; or the cancel was accepted; with --wait, the execution has come to its end."""
    FAILED = 1
    """Refused, or never reached the server: nothing was cancelled."""
    NOT_SENT = 2
    """Nothing was sent: what was given is no job or execution id."""
    UNKNOWN = 4
    """The answer was lost: the execution may have been cancelled, or not."""
    NOT_FOUND = 5
    """There is no such job or execution."""
    NOT_ENDED = 6
    """The cancel was accepted, but the end was not seen in time."""
    NOT_BEGUN = 130
    """Nothing was sent: the command was interrupted before its turn came."""


PARTLY = 3
"""The exit code where many ended differently, and none is unknown."""
INTERRUPTED = 130
"""The exit code after Ctrl-C."""


@dataclass(frozen=True, slots=True)
class Report:
    """How it ended for one execution; there may be an `error` though the outcome is good."""

    job_id: str
    execution_id: str
    outcome: Outcome
    execution: JobExecution | None = None
    error: Exception | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what a program needs; keys are always all there."""
        execution = None if self.execution is None else self.execution.to_dict()
        return {
            "job_id": self.job_id,
            "execution_id": self.execution_id,
            "outcome": self.outcome.name.lower(),
            "status": None if execution is None else execution.get("status"),
            "error": None if self.error is None else error_json(self.error),
            "execution": execution,
        }


def json_of(value: Any) -> str:
    """Return plain data as JSON; a number that JSON does not have is null."""
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(slots=True, eq=False)
class Call:
    """One execution at work: where it is, for whoever interrupts it."""

    job_id: str
    execution_id: str
    accepted: bool = False
    last: JobExecution | None = None

    def check(self) -> InvalidIdentifierError | None:
        """Return what is wrong with the ids, if anything, before anything is sent."""
        try:
            check_identifier(self.job_id, "the job id")
            check_identifier(self.execution_id, "the execution id")
        except InvalidIdentifierError as error:
            return error
        return None

    def get(self, jobs: JobsClient, timeout: float) -> Report:
        """Read the execution."""
        try:
            self.last = jobs.get(self.job_id, self.execution_id, timeout=timeout)
        except Exception as error:
            return self.ended(_failure(error), error)
        return self.ended(Outcome.DONE)

    def cancel(self, jobs: JobsClient, timeout: float) -> Report:
        """Cancel the execution."""
        try:
            self.last = jobs.cancel(self.job_id, self.execution_id, timeout=timeout)
        except Exception as error:
            self.accepted = isinstance(error, BlaxelError) and error.accepted
            return self.ended(Outcome.DONE if self.accepted else _failure_of_cancel(error), error)
        self.accepted = True
        return self.ended(Outcome.DONE)

    def cancel_and_wait(
        self,
        jobs: JobsClient,
        timeout: float,
        each: float,
        stopped: threading.Event,
        accepted: Callable[[], None] = lambda: None,
    ) -> Report:
        """Cancel the execution and look at it until it has ended, or `timeout` seconds are over.

        `each` bounds one request, in seconds; `accepted` is called when there is still to wait. The
        wait ends when `stopped` is set.
        """
        steps = cancel_and_wait(self.job_id, self.execution_id, timeout, each)
        step = next(steps)
        try:
            while True:
                if not step.cancels and stopped.wait(step.pause):
                    return self.interrupted(cancels=True)
                call = jobs.cancel if step.cancels else jobs.get
                result: JobExecution | BlaxelError
                try:
                    result = self.last = call(self.job_id, self.execution_id, timeout=step.timeout)
                except BlaxelError as error:
                    result = error
                self.accepted |= not isinstance(result, BlaxelError) or result.accepted
                first, step = step.cancels, steps.send(result)
                if first:
                    accepted()
        except StopIteration:
            return self.ended(Outcome.DONE)
        except Exception as error:
            return self.ended(
                Outcome.NOT_ENDED if self.accepted else _failure_of_cancel(error), error
            )

    def unless_ended(
        self, report: Report, jobs: JobsClient, timeout: float, *, waits: bool
    ) -> Report:
        """Return the report of a cancel; that the execution ends by itself is no failure."""
        if report.error is None:
            return report
        refused = CancelResult(self.job_id, self.execution_id, error=report.error)
        found = looked_at(refused, partial(jobs.get, timeout=timeout))
        if found.error is not None:
            return report
        self.last = found.execution
        goes_on = self.last is not None and self.last.status not in TERMINAL_STATUSES
        return self.ended(Outcome.NOT_ENDED if waits and goes_on else Outcome.DONE)

    def ended(self, outcome: Outcome, error: Exception | None = None) -> Report:
        """Return the report of this call."""
        return Report(self.job_id, self.execution_id, outcome, self.last, error)

    def not_begun(self) -> Report:
        """Return that nothing was sent."""
        return self.ended(Outcome.NOT_BEGUN)

    def interrupted(self, *, cancels: bool) -> Report:
        """Return what is known of a call that was interrupted."""
        if not cancels:
            return self.ended(Outcome.FAILED)
        return self.ended(Outcome.NOT_ENDED if self.accepted else Outcome.UNKNOWN)


def _failure(error: Exception) -> Outcome:
    if isinstance(error, NotFoundError):
        return Outcome.NOT_FOUND
    return Outcome.NOT_SENT if isinstance(error, InvalidIdentifierError) else Outcome.FAILED


def _failure_of_cancel(error: Exception) -> Outcome:
    doubt = isinstance(error, CancelOutcomeUnknownError) or not isinstance(error, BlaxelError)
    if doubt or getattr(error, "may_have_been_processed", False):
        return Outcome.UNKNOWN
    return _failure(error)


def exit_code(outcomes: list[Outcome]) -> int:
    """Return the exit code for many: what they have in common, UNKNOWN before all, else PARTLY."""
    if Outcome.UNKNOWN in outcomes:
        return Outcome.UNKNOWN
    different = {
        # Of many, a bad line of the input is one failure among others.
        Outcome.FAILED if outcome is Outcome.NOT_SENT else outcome
        for outcome in outcomes
    }
    return PARTLY if len(different) > 1 else int(max(different, default=Outcome.DONE))


def error_json(error: Exception) -> dict[str, Any]:
    """Return an error as plain data."""
    # What is not ours may quote anything: its class has to do.
    message = error.message if isinstance(error, BlaxelError) else None
    found: dict[str, Any] = {
        "type": type(error).__name__,
        "message": message,
        "may_have_been_processed": getattr(error, "may_have_been_processed", False),
    }
    if isinstance(error, APIStatusError):
        found |= {
            "status_code": error.status_code,
            "code": error.code,
            "request_id": error.request_id,
            "retry_after": error.retry_after,
        }
    return found
