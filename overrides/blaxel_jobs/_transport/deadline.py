"""When a call ends, and work that must not last longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._http.mixture import remedy_for

__all__ = ["async_within", "checked_timeout", "within"]

_Result = TypeVar("_Result")

_LONGEST = 1_000_000.0
"""Seconds: sockets cannot be given much more."""


def checked_timeout(timeout: object) -> float:
    """Return a timeout; raise ConfigurationError where it is none."""
    is_flag = isinstance(timeout, bool)
    if isinstance(timeout, int | float) and not is_flag and 0 < timeout <= _LONGEST:
        return float(timeout)
    raise ConfigurationError(
        f"a timeout is a number of seconds, above 0 and at most {_LONGEST:.0f}, not {timeout!r}"
        f"{remedy_for(timeout)}"
    )


def within(deadline: float, work: Callable[[], _Result]) -> _Result:
    """Do long work without input or output in a thread; raise TimeoutError at the deadline."""
    done: list[_Result | BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # raised below, in the caller's thread
            done.append(error)

    try:
        thread = threading.Thread(target=run, name="blaxel-jobs-decode", daemon=True)
        thread.start()
    except RuntimeError:  # no thread, or no daemon, as in subinterpreters
        return work()
    thread.join(max(0.0, deadline - time.monotonic()))
    if not done:
        raise TimeoutError
    if isinstance(done[0], BaseException):
        raise done[0]
    return done[0]


async def async_within(deadline: float, work: Callable[[], _Result]) -> _Result:
    """Do the same while the event loop goes on."""
    import anyio

    from blaxel_jobs._network.thread import in_thread

    with anyio.move_on_after(max(0.0, deadline - time.monotonic())):
        return await in_thread(work, abandon=True)
    raise TimeoutError
