"""Many cancels at a time, in async code."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import anyio

from blaxel_jobs._many.cancels import CancelResult, Pair, checked_concurrency

if TYPE_CHECKING:
    from blaxel_jobs_api.models import JobExecution

__all__ = ["cancel_many"]

_Cancel = Callable[..., "Awaitable[JobExecution]"]


def cancel_many(
    cancel: _Cancel, pairs: Iterable[tuple[str, str]], *, concurrency: int, timeout: float | None
) -> AsyncGenerator[CancelResult, None]:
    """Cancel each pair in a task, `concurrency` at a time; yield the results as they come."""
    checked_concurrency(concurrency)
    return _results(cancel, iter(pairs), concurrency, timeout)


async def _results(
    cancel: _Cancel, source: Iterator[object], concurrency: int, timeout: float | None
) -> AsyncGenerator[CancelResult, None]:
    """Yield what comes of each, in order of completion.

    There is no task group, since one that is open at a `yield` breaks where the generator is left
    early. Each task has a cancel scope instead, which can be cancelled from anywhere.
    """
    ended: deque[CancelResult] = deque()
    leaving: deque[BaseException] = deque()
    under_way: dict[anyio.CancelScope, CancelResult] = {}
    changed = anyio.Event()

    async def call(pair: Pair, scope: anyio.CancelScope) -> None:
        with scope:
            try:
                if pair.problem is not None:
                    raise pair.problem
                under_way[scope] = pair.interrupted()
                execution = await cancel(pair.job_id, pair.execution_id, timeout=timeout)
                under_way[scope] = pair.cancelled(execution)
            except Exception as error:
                under_way[scope] = pair.failed(error)
            except (KeyboardInterrupt, SystemExit) as error:
                leaving.append(error)

    def left(scope: anyio.CancelScope) -> None:
        """Take note that a task has ended, even one that never took its first step."""
        ended.append(under_way.pop(scope))
        changed.set()

    try:
        while True:
            try:
                while not leaving and len(under_way) + len(ended) < concurrency:
                    pair, scope = Pair(next(source)), anyio.CancelScope()
                    under_way[scope] = pair.not_begun()
                    _spawn(call, pair, scope, left)
            except StopIteration:
                pass
            except (Exception, KeyboardInterrupt, SystemExit) as error:
                leaving.append(error)
            if ended:
                yield ended.popleft()
            elif under_way:
                try:
                    await changed.wait()
                except KeyboardInterrupt as error:  # trio's; in asyncio Ctrl-C cancels the task
                    leaving.append(error)
                    continue
                changed = anyio.Event()
            else:
                break
    finally:
        for scope in under_way:
            scope.cancel()
        with anyio.CancelScope(shield=True):
            while under_way:
                await changed.wait()
                changed = anyio.Event()
    if leaving:
        raise leaving[0]


_tasks: set[asyncio.Task[None]] = set()
"""asyncio itself keeps no more than weak references to tasks."""


def _spawn(
    call: Callable[[Pair, anyio.CancelScope], Coroutine[Any, Any, None]],
    pair: Pair,
    scope: anyio.CancelScope,
    left: Callable[[anyio.CancelScope], None],
) -> None:
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_task():

        async def run() -> None:
            try:
                await call(pair, scope)
            finally:
                left(scope)

        trio.lowlevel.spawn_system_task(run, context=contextvars.copy_context())
        return

    def done(task: asyncio.Task[None]) -> None:
        _tasks.discard(task)
        left(scope)

    task = asyncio.get_running_loop().create_task(call(pair, scope))
    _tasks.add(task)
    # Not in the task itself: one that is cancelled before its first step runs none of its code.
    task.add_done_callback(done)
