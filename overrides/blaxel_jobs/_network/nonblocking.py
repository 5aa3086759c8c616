"""A connected socket that does not block, read and written within seconds.

A socket of Python's with a timeout makes three system calls of a read or a write: it sets the mode,
waits, and reads. Each lets another thread have the interpreter, so that 100 threads change places
without end. Without setting the mode, and waiting only where that is needed, 8,000 cancels in 100
threads over plain http take 8 % less time (Python 3.13: 4 %).
"""

from __future__ import annotations

import errno
import math
import os
import select
import socket
import ssl
import time
from typing import Any, Self

from blaxel_jobs._http.core import httpcore

__all__ = ["NonBlocking"]

_OF_PYTHON = ("socket.socket", "ssl.SSLSocket")
"""Not those that gevent and mocks put in their place, nor one of our own."""
_LONGEST = 2**31 - 1
"""Milliseconds that `poll` takes at most."""


class NonBlocking:
    """Reads and writes a socket of Python's own, with or without TLS; raises httpcore's errors."""

    def __init__(self, one: socket.socket) -> None:
        one.setblocking(False)
        self._socket = one

    @classmethod
    def of(cls, one: Any) -> Self | None:
        """Return that for a socket, None for what is none, or of another class."""
        kind = type(one)
        # Windows has no `poll`, and eventlet takes it away.
        known = f"{kind.__module__}.{kind.__qualname__}" in _OF_PYTHON and hasattr(select, "poll")
        return cls(one) if known else None

    def read(self, max_bytes: int, timeout: float | None) -> bytes:
        """Return what is there, b"" at the end; raises ReadTimeout or ReadError."""
        until = _until(timeout)
        one = self._socket
        # What TLS has unpacked already does not come from the network any more.
        event = 0 if isinstance(one, ssl.SSLSocket) and one.pending() else select.POLLIN
        try:
            while True:
                if event:
                    self._wait(event, until)
                try:
                    return one.recv(max_bytes)
                except (BlockingIOError, ssl.SSLWantReadError):
                    event = select.POLLIN
                except ssl.SSLWantWriteError:
                    event = select.POLLOUT
        except TimeoutError as error:
            raise httpcore.ReadTimeout(error) from error
        except OSError as error:
            raise httpcore.ReadError(error) from error

    def write(self, data: bytes, timeout: float | None) -> None:
        """Write all of it; raises WriteTimeout or WriteError."""
        until = _until(timeout)
        try:
            while data:
                try:
                    data = data[self._socket.send(data) :]
                except (BlockingIOError, ssl.SSLWantWriteError):
                    self._wait(select.POLLOUT, until)
                except ssl.SSLWantReadError:
                    self._wait(select.POLLIN, until)
        except TimeoutError as error:
            raise httpcore.WriteTimeout(error) from error
        except OSError as error:
            raise httpcore.WriteError(error) from error

    def _wait(self, event: int, until: float) -> None:
        poll = select.poll()
        try:
            poll.register(self._socket, event)
        except ValueError:  # somebody has closed it
            raise OSError(errno.EBADF, os.strerror(errno.EBADF)) from None
        left = math.inf
        while left > 0:
            left = until - time.monotonic()
            if poll.poll(math.ceil(min(_LONGEST, max(0.0, left) * 1000))):
                return
        raise TimeoutError("timed out")


def _until(timeout: float | None) -> float:
    return math.inf if timeout is None else time.monotonic() + timeout
