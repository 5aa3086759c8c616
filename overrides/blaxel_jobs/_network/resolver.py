"""Names to addresses, in threads: a look-up cannot be interrupted, only abandoned.

Async code has its look-ups here, too: those of a resolver that hangs would fill asyncio's few
threads, which everybody else waits for, `asyncio.run` at its end among them.

Callers who want the same name wait for the same look-up, so that a resolver which hangs holds a few
threads, however many calls there are.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import anyio

from blaxel_jobs._http.core import httpcore
from blaxel_jobs._network.latch import Latch

__all__ = ["Place", "async_look_up", "forget_look_ups", "look_up"]

Place: TypeAlias = tuple[Any, Any, int, str, Any]
"""What `socket.getaddrinfo` says of an address: family, type, protocol, name, socket address."""

_MOST = 4
"""Threads for one name."""
_SLOW_SECONDS = 5.0
"""After so long, another look-up is tried beside the one that has not come back."""


@dataclass(slots=True)
class _LookUp:
    started: float
    done: Latch = field(default_factory=Latch)
    places: list[Place] = field(default_factory=list)
    problem: str = "the host has no address"
    wake: list[Callable[[], object]] = field(default_factory=list)
    """Called when it is done, for those who wait in an event loop."""

    def found(self) -> list[Place]:
        """Return what it came to; raises httpcore.ConnectError, and ConnectTimeout before that."""
        if not self.done.is_set:
            raise httpcore.ConnectTimeout("the look-up of the host took too long")
        if not self.places:
            raise httpcore.ConnectError(self.problem)
        return self.places


_under_way: dict[tuple[str, int], list[_LookUp]] = {}


def look_up(host: str, port: int, until: float) -> list[Place]:
    """Return the host's addresses; raises httpcore.ConnectError, and ConnectTimeout at `until`."""
    if _is_address(host):
        one = _LookUp(0.0)
        _look_up(one, host, port)
        one.done.set()
    else:
        one = _joined(host, port)
        one.done.wait(max(0.0, until - time.monotonic()))
    return one.found()


async def async_look_up(host: str, port: int, until: float) -> list[Place]:
    """Return the same, or raise it, while the event loop goes on."""
    if _is_address(host):
        return look_up(host, port, until)
    one = _joined(host, port)
    event, wake = _event()
    one.wake.append(wake)
    try:
        with anyio.move_on_after(max(0.0, until - time.monotonic())):
            if not one.done.is_set:  # it is done before it wakes those whom it knows
                await event.wait()
    finally:
        one.wake.remove(wake)
    return one.found()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _event() -> tuple[anyio.Event, Callable[[], object]]:
    """Return an event of this loop, and what sets it from any thread."""
    event = anyio.Event()
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_task():
        token = trio.lowlevel.current_trio_token()
        return event, lambda: token.run_sync_soon(event.set)
    import asyncio  # which sync code does not need (9 % of the time to its first answer)

    loop = asyncio.get_running_loop()
    return event, lambda: loop.call_soon_threadsafe(event.set)


def forget_look_ups() -> None:
    """Let go of what threads of the parent were looking up."""
    _under_way.clear()


def _joined(host: str, port: int) -> _LookUp:
    """Return the look-up to wait for: the latest one under way, or one that begins now."""
    # No lock: a signal handler may come here, too, and one thread more does no harm.
    under_way = _under_way.setdefault((host, port), [])
    latest = under_way[-1] if under_way[-1:] else None
    now = time.monotonic()
    if latest is not None and (now < latest.started + _SLOW_SECONDS or len(under_way) >= _MOST):
        return latest
    one = _LookUp(now)
    under_way.append(one)

    def run() -> None:
        _look_up(one, host, port)
        one.done.set()
        with suppress(ValueError):  # a child of a fork has forgotten it
            under_way.remove(one)
        for wake in list(one.wake):
            with suppress(RuntimeError):  # the loop is gone
                wake()

    try:
        threading.Thread(target=run, name="blaxel-jobs-dns", daemon=True).start()
    except RuntimeError:  # there is no thread to be had: Python 3.12 starts none at exit
        run()
    return one


def _look_up(one: _LookUp, host: str, port: int) -> None:
    try:
        one.places = list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except Exception as error:  # UnicodeError, too, for a host that is no host
        one.problem = str(error) or type(error).__name__
