"""How many retries a client may make in a row of failures, so that it does not make a storm."""

from __future__ import annotations

import math
import threading

__all__ = ["RetryQuota"]


class RetryQuota:
    """A bucket that retries drain and answers fill, shared by all calls of a client.

    Full, it allows a hundred retries. An answer that stands, an error such as 404 too, gives back
    what the retry before it cost, or a fifth of that where it needed none. These figures are those
    of botocore's standard retry mode. Time gives back as well: a retry in five seconds.
    """

    CAPACITY, COST, REFILL, PER_SECOND = 500, 5, 1, 1.0

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._left: float = self.CAPACITY
        self._spent_at = -math.inf

    def spend(self, now: float) -> bool:
        """Pay for a retry at this time, in monotonic seconds; False where too little is left."""
        with self._lock:
            gain = max(0.0, now - self._spent_at) * self.PER_SECOND
            self._left = min(self.CAPACITY, self._left + gain)
            self._spent_at = now
            if self._left < self.COST:
                return False
            self._left -= self.COST
            return True

    def refill(self, *, after_retry: bool) -> None:
        """Take note of an answer that stands."""
        with self._lock:
            gain = self.COST if after_retry else self.REFILL
            self._left = min(self.CAPACITY, self._left + gain)

    def after_fork(self) -> None:
        """Replace the lock, which a thread of the parent may have held."""
        self._lock = threading.RLock()
