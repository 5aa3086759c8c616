"""Names to addresses, in threads: a look-up cannot be interrupted, only abandoned.

Callers who want the same name wait for the same look-up, so that a resolver which hangs holds a few
threads, however many calls there are.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from blaxel_jobs._http.core import httpcore
from blaxel_jobs._network.latch import Latch

__all__ = ["Place", "forget_look_ups", "look_up"]

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


_under_way: dict[tuple[str, int], list[_LookUp]] = {}


def look_up(host: str, port: int, until: float) -> list[Place]:
    """Return the host's addresses; raises httpcore.ConnectError, and ConnectTimeout at `until`."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    one = _joined(host, port)
    if not one.done.wait(max(0.0, until - time.monotonic())):
        raise httpcore.ConnectTimeout("the look-up of the host took too long")
    if not one.places:
        raise httpcore.ConnectError(one.problem)
    return one.places


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
        try:
            one.places = list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:  # UnicodeError, too, for a host that is no host
            one.problem = str(error) or type(error).__name__
        if one in under_way:
            under_way.remove(one)
        one.done.set()

    threading.Thread(target=run, name="blaxel-jobs-dns", daemon=True).start()
    return one
