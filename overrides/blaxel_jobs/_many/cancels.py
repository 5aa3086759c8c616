"""Many cancels at a time, each with its own result."""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from blaxel_jobs._errors import (
    APIConnectionError,
    CancelOutcomeUnknownError,
    ConfigurationError,
    InvalidIdentifierError,
)
from blaxel_jobs._many.workers import Workers

if TYPE_CHECKING:
    from blaxel_jobs_api.models import JobExecution

__all__ = ["CancelResult", "Pair", "cancel_many", "checked_concurrency"]


@dataclass(frozen=True, slots=True)
class CancelResult:
    """The result of one cancel of many: the execution, or the error that `cancel` raised."""

    job_id: str
    execution_id: str
    execution: JobExecution | None = None
    error: Exception | None = None


class Pair:
    """A job id and an execution id as they were given, and the result of their cancel."""

    def __init__(self, given: Any) -> None:
        self.problem: Exception | None = None
        try:
            if isinstance(given, str | bytes | Set | Mapping):  # no pair, even of two
                raise TypeError
            self.job_id, self.execution_id = given
        except (TypeError, ValueError):
            self.job_id, self.execution_id = repr(given)[:100], ""
            self.problem = InvalidIdentifierError("not a pair of job id and execution id")

    def cancelled(self, execution: JobExecution) -> CancelResult:
        """Return the result of a cancel that succeeded."""
        return CancelResult(self.job_id, self.execution_id, execution)

    def failed(self, error: Exception) -> CancelResult:
        """Return the result of a cancel that raised."""
        return CancelResult(self.job_id, self.execution_id, error=error)

    def interrupted(self) -> CancelResult:
        """Return the result of a cancel that something ended in the middle."""
        message = "the call was interrupted: the cancel may or may not have taken place"
        return self.failed(CancelOutcomeUnknownError(message))

    def not_begun(self) -> CancelResult:
        """Return the result of a cancel that something ended before it began."""
        message = "the call was interrupted before it began"
        return self.failed(APIConnectionError(message, may_have_been_processed=False))


def cancel_many(
    cancel: Callable[..., JobExecution],
    pairs: Iterable[tuple[str, str]],
    *,
    concurrency: int,
    timeout: float | None,
) -> Generator[CancelResult, None, None]:
    """Cancel each pair in one of `concurrency` threads; yield the results as they come.

    What `pairs` raises, what ends a thread (SystemExit) and what interrupts this one is raised
    after the results of all calls under way.
    """
    checked_concurrency(concurrency)
    return _results(cancel, iter(pairs), concurrency, timeout)


def _results(
    cancel: Callable[..., JobExecution],
    source: Iterator[object],
    concurrency: int,
    timeout: float | None,
) -> Generator[CancelResult, None, None]:
    ended: deque[CancelResult] = deque()
    leaving: deque[BaseException] = deque()
    changed = threading.Event()

    def call(given: object) -> None:
        pair = Pair(given)
        result = pair.interrupted()
        try:
            if pair.problem is not None:
                raise pair.problem
            result = pair.cancelled(cancel(pair.job_id, pair.execution_id, timeout=timeout))
        except Exception as error:
            result = pair.failed(error)
        except BaseException as error:
            leaving.append(error)
        finally:
            ended.append(result)
            changed.set()

    workers = Workers(concurrency, "blaxel-jobs-cancel")
    begun = yielded = 0
    try:
        while True:
            try:
                while not leaving and begun - yielded < concurrency:
                    given = next(source)
                    begun += 1
                    try:
                        # In the caller's context, for traces and logs.
                        context = contextvars.copy_context()
                        workers.begin(partial(context.run, partial(call, given)))
                    except BaseException:
                        ended.append(Pair(given).not_begun())
                        raise
            except StopIteration:
                pass
            except BaseException as error:
                leaving.append(error)
            if yielded == begun:
                break
            try:
                while not ended:
                    changed.wait()
                    changed.clear()
            except BaseException as error:  # Ctrl-C: those under way are reported nevertheless
                leaving.append(error)
                continue
            # Looked at, yielded, then taken away: an interruption in between loses nothing.
            yield ended[0]
            ended.popleft()
            yielded += 1
    finally:
        workers.finish()
    if leaving:
        raise leaving[0]


def checked_concurrency(concurrency: object) -> None:
    """Raise ConfigurationError unless this is a number of calls."""
    if type(concurrency) is not int or concurrency < 1:
        raise ConfigurationError(f"concurrency must be 1 or more, not {concurrency!r}")
