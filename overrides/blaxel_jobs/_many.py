"""Many cancels at a time, each with its own result."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from blaxel_jobs._errors import ConfigurationError, InvalidIdentifierError

if TYPE_CHECKING:
    from blaxel_jobs_api.models import JobExecution

__all__ = ["CancelResult", "cancel_many", "checked_concurrency", "unpacked"]


@dataclass(frozen=True, slots=True)
class CancelResult:
    """What came of one cancel of many: the execution, or the error that `cancel` raised."""

    job_id: str
    execution_id: str
    execution: JobExecution | None = None
    error: Exception | None = None


def cancel_many(
    cancel: Callable[..., JobExecution],
    pairs: Iterable[tuple[str, str]],
    *,
    concurrency: int,
    timeout: float | None,
) -> Generator[CancelResult, None, None]:
    """Cancel each pair in one of `concurrency` threads; yield the results as they come."""
    # Slow to import, and not needed to cancel one.
    import queue
    from concurrent.futures import ThreadPoolExecutor

    checked_concurrency(concurrency)
    source = iter(pairs)

    def one(pair: object) -> CancelResult:
        job_id, execution_id, problem = unpacked(pair)
        if problem is not None:
            return problem
        try:
            execution = cancel(job_id, execution_id, timeout=timeout)
        except Exception as error:
            return CancelResult(job_id, execution_id, error=error)
        return CancelResult(job_id, execution_id, execution)

    def results() -> Generator[CancelResult, None, None]:
        done: queue.SimpleQueue[CancelResult] = queue.SimpleQueue()
        under_way = 0
        with ThreadPoolExecutor(concurrency, "blaxel-jobs-cancel") as threads:
            while True:
                for pair in islice(source, concurrency - under_way):
                    # In the caller's context, for traces and logs.
                    context = contextvars.copy_context()
                    threads.submit(context.run, lambda pair=pair: done.put(one(pair)))
                    under_way += 1
                if not under_way:
                    return
                result = done.get()
                under_way -= 1
                yield result

    return results()


def checked_concurrency(concurrency: object) -> None:
    """Raise ConfigurationError unless this is a number of calls."""
    if type(concurrency) is not int or concurrency < 1:
        raise ConfigurationError(f"concurrency must be 1 or more, not {concurrency!r}")


def unpacked(pair: Any) -> tuple[str, str, CancelResult | None]:
    """Return job and execution id; with a result that says so where it is no pair."""
    try:
        job_id, execution_id = pair
    except (TypeError, ValueError):
        error = InvalidIdentifierError("not a pair of job id and execution id")
        return "", "", CancelResult(repr(pair)[:100], "", error=error)
    return job_id, execution_id, None
