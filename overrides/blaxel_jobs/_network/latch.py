"""Something that happens once, that threads can wait for, and that a signal handler may cause.

`threading.Event` holds a lock while it is set and while a wait begins: a handler that runs at that
moment in the same thread would wait for itself. The operations of a bare lock are one step each.
"""

from __future__ import annotations

import threading
from contextlib import suppress

__all__ = ["Latch"]


class Latch:
    """Unset until `set()`, and set for good then."""

    def __init__(self) -> None:
        self.is_set = False
        self._gate = threading.Lock()
        self._gate.acquire()
        self._first = [True]

    def set(self) -> None:
        """Set it; once it is set, this changes nothing."""
        self.is_set = True
        with suppress(IndexError):  # of several threads, one alone takes it away
            self._first.pop()
            self._gate.release()

    def wait(self, seconds: float) -> bool:
        """Wait for it so many seconds at the longest; return whether it has happened."""
        if not self.is_set and self._gate.acquire(timeout=min(seconds, threading.TIMEOUT_MAX)):
            self._gate.release()  # for the next who waits
        return self.is_set
