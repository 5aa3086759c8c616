"""Every execution of a job that has not ended: found, cancelled, looked for again.

`Sweep` decides, without I/O, which executions to cancel and when to stop; `Cancelled` and
`AsyncCancelled` list and cancel as it says.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Self

from blaxel_jobs._errors import BlaxelError, ConflictError, NotFoundError
from blaxel_jobs._many.cancels import CancelResult
from blaxel_jobs._many.listing import AsyncExecutions, Executions, id_of
from blaxel_jobs._retry.waiting import TERMINAL_STATUSES

if TYPE_CHECKING:
    from blaxel_jobs_api.models import JobExecution

__all__ = ["MOST_PASSES", "AsyncCancelled", "Cancelled", "Sweep", "looked_at"]

MOST_PASSES = 10
_LONGEST = 3600.0
"""Seconds after which no further pass begins: something creates executions all the time."""
_ENDING_OR_ENDED = TERMINAL_STATUSES | {"cancelling"}


class Sweep:
    """Which executions are still to be cancelled, pass by pass."""

    def __init__(self, job_id: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._job_id = job_id
        self._clock = clock
        self._end = clock() + _LONGEST
        self._passes = 0
        self._found = True
        self._tried: set[str] = set()
        self._going: dict[str, None] = {}

    @property
    def left(self) -> tuple[str, ...]:
        """Ids of the executions that the last look saw going on, and that were not cancelled."""
        return tuple(self._going)

    def begins(self) -> bool:
        """Begin another pass, if the last one found anything new; the last of all only looks."""
        if not self._found or self._passes > MOST_PASSES:
            return False
        self._passes += 1
        self._found, self._going = False, {}
        return True

    def to_cancel(self, page: list[JobExecution]) -> list[tuple[str, str]]:
        """Return the pairs of a page that have not ended and were not tried before."""
        going = [id_of(one) for one in page if one.status not in _ENDING_OR_ENDED]
        ids = [found for found in going if found is not None]
        self._going.update(dict.fromkeys(ids))
        if self._passes > MOST_PASSES or self._clock() > self._end:
            self._passes = MOST_PASSES + 1
            return []
        new = [found for found in ids if found not in self._tried]
        self._tried.update(new)
        self._found = self._found or bool(new)
        return [(self._job_id, found) for found in new]

    def take(self, result: CancelResult) -> CancelResult:
        """Take note of a result, and return it."""
        if result.error is None:
            self._going.pop(result.execution_id, None)
        return result


_REFUSED = (ConflictError, NotFoundError)
"""What a cancel is answered with where the execution may have ended by itself."""


def _after_refusal(result: CancelResult, now: JobExecution | BlaxelError) -> CancelResult:
    """Return the result of a refused cancel, by what the execution is now."""
    if isinstance(now, NotFoundError):  # it is gone
        return CancelResult(result.job_id, result.execution_id)
    if isinstance(now, BlaxelError) or now.status not in _ENDING_OR_ENDED:
        return result  # what the cancel was answered with says more
    return CancelResult(result.job_id, result.execution_id, now)


class Cancelled(Iterator[CancelResult]):
    """The results of `cancel_all`, as they come.

    An execution that ended by itself meanwhile has a result without error. `left` has, at the
    end, the ids of the executions that the last look still saw going on.
    """

    def __init__(
        self,
        sweep: Sweep,
        executions: Callable[[], Executions],
        cancel_many: Callable[[list[tuple[str, str]]], Generator[CancelResult, None, None]],
        get: Callable[[str, str], JobExecution],
    ) -> None:
        self._sweep, self._executions = sweep, executions
        self._cancel_many, self._get = cancel_many, get
        self._results = self._run()

    @property
    def left(self) -> tuple[str, ...]:
        """Ids of executions that have not ended, as far as the last look saw."""
        return self._sweep.left

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> CancelResult:
        return next(self._results)

    def close(self) -> None:
        """Begin no other call, and wait for those under way."""
        self._results.close()

    def _run(self) -> Generator[CancelResult, None, None]:
        while self._sweep.begins():
            for page in self._executions().pages():
                with closing(self._cancel_many(self._sweep.to_cancel(page))) as results:
                    for result in results:
                        yield self._sweep.take(looked_at(result, self._get))


def looked_at(result: CancelResult, get: Callable[[str, str], JobExecution]) -> CancelResult:
    """Return the result of a cancel; of one that was refused, by what the execution is now."""
    if not isinstance(result.error, _REFUSED):
        return result
    try:
        return _after_refusal(result, get(result.job_id, result.execution_id))
    except BlaxelError as error:
        return _after_refusal(result, error)


class AsyncCancelled(AsyncIterator[CancelResult]):
    """The same in async code: `async for`, and `aclose`."""

    def __init__(
        self,
        sweep: Sweep,
        executions: Callable[[], AsyncExecutions],
        cancel_many: Callable[[list[tuple[str, str]]], AsyncGenerator[CancelResult, None]],
        get: Callable[[str, str], Awaitable[JobExecution]],
    ) -> None:
        self._sweep, self._executions = sweep, executions
        self._cancel_many, self._get = cancel_many, get
        self._results = self._run()

    @property
    def left(self) -> tuple[str, ...]:
        """Ids of executions that have not ended, as far as the last look saw."""
        return self._sweep.left

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> CancelResult:
        return await anext(self._results)

    async def aclose(self) -> None:
        """Cancel the calls under way, and begin no other."""
        await self._results.aclose()

    async def _run(self) -> AsyncGenerator[CancelResult, None]:
        while self._sweep.begins():
            async for page in self._executions().pages():
                async with aclosing(self._cancel_many(self._sweep.to_cancel(page))) as results:
                    async for result in results:
                        yield self._sweep.take(await _async_looked_at(result, self._get))


async def _async_looked_at(
    result: CancelResult, get: Callable[[str, str], Awaitable[JobExecution]]
) -> CancelResult:
    if not isinstance(result.error, _REFUSED):
        return result
    try:
        return _after_refusal(result, await get(result.job_id, result.execution_id))
    except BlaxelError as error:
        return _after_refusal(result, error)
