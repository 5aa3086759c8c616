"""Work in a thread, while the event loop goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

__all__ = ["in_thread"]

_Result = TypeVar("_Result")


async def in_thread(work: Callable[[], _Result], *, abandon: bool = False) -> _Result:
    """Return what `work` returns; with `abandon`, it is not waited for after a cancellation."""
    # Not with anyio's shared limiter: threads of the application may hold all its tokens.
    alone = anyio.CapacityLimiter(1)
    begun: list[bool] = []

    def run() -> _Result:
        begun.append(True)
        return work()

    try:
        return await anyio.to_thread.run_sync(run, abandon_on_cancel=abandon, limiter=alone)
    except RuntimeError:
        if begun:  # the work itself raised it
            raise
        return work()  # there is no thread to be had: Python 3.12 starts none at exit
