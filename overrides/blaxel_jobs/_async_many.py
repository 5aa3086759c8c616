"""Many cancels at a time, in async code."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

import anyio

from blaxel_jobs._many import CancelResult, checked_concurrency, unpacked

if TYPE_CHECKING:
    from blaxel_jobs_api.models import JobExecution

__all__ = ["cancel_many"]

_Cancel = Callable[..., "Awaitable[JobExecution]"]


def cancel_many(
    cancel: _Cancel,
    pairs: Iterable[tuple[str, str]],
    *,
    concurrency: int,
    timeout: float | None,
) -> AsyncGenerator[CancelResult, None]:
    """Cancel each pair in a task, `concurrency` at a time; yield the results as they come."""
    checked_concurrency(concurrency)

    async def one(pair: object) -> CancelResult:
        job_id, execution_id, problem = unpacked(pair)
        if problem is not None:
            return problem
        try:
            execution = await cancel(job_id, execution_id, timeout=timeout)
        except Exception as error:
            return CancelResult(job_id, execution_id, error=error)
        return CancelResult(job_id, execution_id, execution)

    return _results(one, iter(pairs), concurrency)


async def _results(
    one: Callable[[object], Awaitable[CancelResult]], source: Iterable[object], concurrency: int
) -> AsyncGenerator[CancelResult, None]:
    """Yield what comes of each, in order of completion.

    There is no task group, since one that is open at a `yield` breaks where the generator is left
    early. Each task has a cancel scope instead, which can be cancelled from anywhere.
    """
    done: deque[CancelResult] = deque()
    under_way: set[anyio.CancelScope] = set()
    changed = anyio.Event()

    async def run(pair: object, scope: anyio.CancelScope) -> None:
        try:
            with scope:
                done.append(await one(pair))
        finally:
            under_way.remove(scope)
            changed.set()

    try:
        while True:
            for pair in islice(source, concurrency - len(under_way)):
                scope = anyio.CancelScope()
                under_way.add(scope)
                _spawn(run, pair, scope)
            if done:
                yield done.popleft()
            elif under_way:
                await changed.wait()
                changed = anyio.Event()
            else:
                return
    finally:
        for scope in under_way:
            scope.cancel()
        with anyio.CancelScope(shield=True):
            while under_way:
                await changed.wait()
                changed = anyio.Event()


_tasks: set[asyncio.Task[None]] = set()
"""asyncio itself keeps no more than weak references to tasks."""


def _spawn(run: Callable[..., Any], *arguments: object) -> None:
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_task():
        context = contextvars.copy_context()
        trio.lowlevel.spawn_system_task(run, *arguments, context=context)
        return
    task = asyncio.get_running_loop().create_task(run(*arguments))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
