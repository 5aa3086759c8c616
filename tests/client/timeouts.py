"""Calls that run out of time, however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any, TypeVar

import pytest

from blaxel_jobs import APIConnectionError, APITimeoutError
from tests.client.conftest import Caller
from tests.client.fault_server import FaultServer
from tests.client.http2_server import Http2Server

__all__ = ["TIMEOUTS", "timed_out", "timed_out_at"]

TIMEOUTS = (0.3, 3.0, 9.0, 9.0)
"""Seconds that a call gets: the next where it did not get to the point in the one before.

Below the timeout of an attempt, after which there would be another.
"""
_LATE = 20.0
"""Seconds after which a call has not kept its timeout; a server that says nothing waits longer."""


Server = TypeVar("Server", FaultServer, Http2Server)


def timed_out(
    call: Caller,
    url: str,
    *arguments: Any,
    timeout: float = TIMEOUTS[0],
    early: float = 0.05,
    **options: Any,
) -> APITimeoutError:
    """Return the error of a call that has to run out of time, neither early nor late.

    `early` is how many seconds before its time it may give up.
    """
    started = time.monotonic()
    with pytest.raises(APITimeoutError) as caught:
        call(url, *(arguments or ("cancel", "job", "exec")), timeout=timeout, **options)
    assert timeout - early < time.monotonic() - started < timeout + _LATE
    return caught.value


def timed_out_at(
    requests: int,
    call: Caller,
    serve: Callable[[], AbstractContextManager[Server]],
    *arguments: Any,
    url: str | None = None,
    **options: Any,
) -> tuple[Server, APITimeoutError]:
    """Return the server that `serve` makes, and the error of a call that runs out of time there.

    A busy machine may take longer than the shortest timeout to send so many requests.
    """
    *shorter, longest = TIMEOUTS
    for timeout in shorter:
        # Where the time ends between two attempts, the error is that of the first one.
        with suppress(APIConnectionError), serve() as server:
            error = timed_out(call, url or server.url, *arguments, timeout=timeout, **options)
            if len(server.seen) >= requests:
                return server, error
    with serve() as server:
        error = timed_out(call, url or server.url, *arguments, timeout=longest, **options)
    return server, error
