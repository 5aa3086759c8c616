"""The attempt that a connection works for: when it ends, how far it got, whether it has sent.

A context variable hands it down through httpx and httpcore, which know nothing of it.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass

from blaxel_jobs._http.core import httpcore
from blaxel_jobs._network.latch import Latch

__all__ = ["ATTEMPT", "CONNECT_SECONDS", "WatchedAttempt"]

CONNECT_SECONDS = 5.0
"""How long a connection may take: look-up, TCP, a proxy's answer and TLS together."""


@dataclass(slots=True)
class WatchedAttempt:
    """One send. Times are monotonic seconds.

    `host` is the one that TLS has to reach before anything of the request is sent, None for plain
    HTTP. `seen` says that our own network worked for it: only then does `sent` being False prove
    that nothing went out. `phase` is what it is doing, for messages.
    """

    deadline: float
    host: str | None = None
    closing: Latch | None = None
    started: float = 0.0
    connect_until: float = 0.0
    seen: bool = False
    sent: bool = False
    phase: str = "waiting for the answer"

    def connects(self) -> float:
        """Take note that a connection is made; return when it has to be there."""
        self.stop_if_closed()
        self.seen = True
        self.phase = "connecting"
        self.connect_until = min(self.deadline, time.monotonic() + CONNECT_SECONDS)
        return self.connect_until

    def reaches(self, host: str | None) -> bool:
        """Return whether a stream with TLS to this host, None for plain, ends at the server."""
        return self.host is None or self.host == host

    def writes(self, host: str | None) -> None:
        """Take note that something goes out on a stream with TLS to this host."""
        self.seen = True
        if not self.reaches(host):
            self.phase = "waiting for the proxy"
        elif not self.sent:
            self.stop_if_closed()
            self.sent = True
            self.phase = "waiting for the answer"

    def stop_if_closed(self) -> None:
        """Raise where the client has been closed: nothing more is to be sent."""
        if self.closing is not None and self.closing.is_set:
            self.seen = True
            raise httpcore.ConnectError("the client was closed")

    def left(self, host: str | None, timeout: float | None, expired: type[Exception]) -> float:
        """Return the seconds that a stream with TLS to this host has for what comes next."""
        until = self.deadline if self.reaches(host) else self.connect_until
        left = until - time.monotonic()
        if left <= 0:
            raise expired("no time is left")
        return left if timeout is None else min(timeout, left)


ATTEMPT: ContextVar[WatchedAttempt | None] = ContextVar("blaxel_jobs_attempt", default=None)
"""The attempt of this context."""
