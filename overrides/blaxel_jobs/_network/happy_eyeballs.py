"""A TCP connection to the first address that answers, the others tried beside it (RFC 8305)."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from itertools import zip_longest
from typing import Any

import anyio

from blaxel_jobs._http.core import httpcore
from blaxel_jobs._network.resolver import Place

__all__ = ["async_connect", "connect"]

_HEAD_START = 0.25
"""Seconds that an address has before the next one is tried, too (RFC 8305, 5)."""
_UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK)
"""What `connect_ex` says of a connection that is made in the background, on Windows last."""


def connect(
    places: list[Place], until: float, local_address: str | None, options: Iterable[Any]
) -> socket.socket:
    """Return a connected socket; raises httpcore.ConnectError, and ConnectTimeout at `until`."""
    waiting = deque(_alternating(places))
    options = list(options)
    problem = "the host has no address"
    next_start = 0.0
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or selector.get_map():
                now = time.monotonic()
                if now >= until:
                    raise httpcore.ConnectTimeout("no address answered in time")
                if waiting and now >= next_start:
                    try:
                        one = _begun(waiting.popleft(), local_address, options)
                    except OSError as error:
                        problem = str(error)
                        continue
                    selector.register(one, selectors.EVENT_WRITE, one)
                    next_start = now + _HEAD_START
                end = min(until, next_start) if waiting else until
                for key, _ in selector.select(max(0.0, end - now)):
                    tried: socket.socket = key.data
                    selector.unregister(tried)
                    code = tried.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if code == 0:
                        return tried
                    tried.close()
                    problem = f"[Errno {code}] {os.strerror(code)}"
                    next_start = 0.0
        finally:
            for key in list(selector.get_map().values()):
                key.data.close()
    raise httpcore.ConnectError(problem)


async def async_connect(
    places: list[Place], one_to: Callable[[str], Awaitable[httpcore.AsyncNetworkStream]]
) -> httpcore.AsyncNetworkStream:
    """Return the connection to the first address that answers; raises httpcore's errors.

    `one_to` makes a connection to an address, in its own time.
    """
    hosts = [_host(place) for place in _alternating(places)]
    if len(hosts) == 1:
        return await one_to(hosts[0])
    found: list[httpcore.AsyncNetworkStream] = []
    problems: list[Exception] = []

    async def begin(host: str, failed: anyio.Event) -> None:
        try:
            found.append(await one_to(host))
        except Exception as error:
            problems.append(error)
            failed.set()
        else:
            group.cancel_scope.cancel()

    first: httpcore.AsyncNetworkStream | None = None
    try:
        async with anyio.create_task_group() as group:
            for host in hosts:
                failed = anyio.Event()
                group.start_soon(begin, host, failed)
                with anyio.move_on_after(_HEAD_START):
                    await failed.wait()
        if not found:
            raise problems[-1]
        first = found[0]
        return first
    finally:
        for late in found:
            if late is not first:
                with anyio.CancelScope(shield=True):
                    await late.aclose()


def _host(place: Place) -> str:
    """Return an address as text, with the interface that IPv6 may need."""
    address = place[4]
    scope = address[3] if place[0] == socket.AF_INET6 else 0
    host = str(address[0])
    return f"{host}%{scope}" if scope and "%" not in host else host


def _begun(place: Place, local_address: str | None, options: list[Any]) -> socket.socket:
    family, kind, protocol, _, address = place
    one = socket.socket(family, kind, protocol)
    try:
        one.setblocking(False)
        for option in options:
            one.setsockopt(*option)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if local_address is not None:
            one.bind((local_address, 0))
        code = one.connect_ex(address)
        if code not in _UNDER_WAY:
            raise OSError(code, os.strerror(code))
    except BaseException:
        one.close()
        raise
    return one


def _alternating(places: list[Place]) -> list[Place]:
    """Return the addresses, the families by turns, so that a dead one holds nothing up."""
    first = [place for place in places if place[0] == places[0][0]]
    others = [place for place in places if place[0] != places[0][0]]
    turns = zip_longest(first, others)
    return [place for turn in turns for place in turn if place is not None]
