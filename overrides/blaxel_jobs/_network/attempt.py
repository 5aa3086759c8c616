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
_TO_PROXY = (b"CONNECT ", b"\x05", b"\x01")
"""How a request for a tunnel begins, and the steps of SOCKS 5; no request of HTTP does."""


@dataclass(slots=True)
class WatchedAttempt:
    """One send. Times are monotonic seconds.

    `seen` says that our own network worked for it: only then does `sent` being False prove that
    nothing of the request went out. `to_proxy` says that the last that went out only asked a proxy
    for a connection. `phase` is what it is doing, for messages.
    """

    deadline: float
    closing: Latch | None = None
    started: float = 0.0
    connect_until: float = 0.0
    seen: bool = False
    sent: bool = False
    to_proxy: bool = False
    phase: str = "waiting for the answer"

    def connects(self) -> float:
        """Take note that a connection is made; return when it has to be there."""
        self.stop_if_closed()
        self.seen, self.to_proxy = True, False
        self.phase = "connecting"
        self.connect_until = min(self.deadline, time.monotonic() + CONNECT_SECONDS)
        return self.connect_until

    @property
    def waits_for_proxy(self) -> bool:
        """Whether the next that arrives is a proxy's answer."""
        return self.to_proxy and not self.sent

    def writes(self, data: bytes) -> None:
        """Take note that this goes out on a stream."""
        self.seen = True
        if self.sent:
            return
        self.to_proxy = data.startswith(_TO_PROXY)
        if self.to_proxy:
            self.phase = "waiting for the proxy"
            return
        self.stop_if_closed()
        self.sent = True
        self.phase = "waiting for the answer"

    def stop_if_closed(self) -> None:
        """Raise where the client has been closed: nothing more is to be sent."""
        if self.closing is not None and self.closing.is_set:
            self.seen = True
            raise httpcore.ConnectError("the client was closed")

    def left(self, timeout: float | None, expired: type[Exception]) -> float:
        """Return the seconds that a stream has for what comes next."""
        until = self.connect_until if self.waits_for_proxy else self.deadline
        left = until - time.monotonic()
        if left <= 0:
            raise expired("no time is left")
        return left if timeout is None else min(timeout, left)


ATTEMPT: ContextVar[WatchedAttempt | None] = ContextVar("blaxel_jobs_attempt", default=None)
"""The attempt of this context."""
