"""The access token that all calls of a client share, and who fetches the next one.

One call leads and asks the token endpoint; the others follow: they wait for its flight to land, or
go on with the old token while that is good. `Tokens` only decides, in a few instructions under a
lock; asking and waiting are the policy's effects, so no lock is held during I/O.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from blaxel_jobs._auth.secrets import Secret
from blaxel_jobs._effects import Event
from blaxel_jobs._errors import BlaxelError

__all__ = ["Elsewhere", "Failed", "Flight", "Follow", "Lead", "Token", "Tokens"]

_REFRESH_AT, _URGENT_AT = 0.8, 0.95
"""The shares of its lifetime after which one call renews a token, and after which all wait for the
new one. If it cannot be renewed, the old one is used to its end."""
_DEFAULT_LIFETIME, _LONGEST_LIFETIME = 300.0, 86400.0
"""Seconds a token is used: where the server gives no usable lifetime, and at most."""
_MOMENT = 0.5
"""Seconds for which a failure to get a token answers those who come after it, too."""
_GRACE = 1.0
"""Seconds after its leader's deadline at which a flight counts as lost: its loop was stopped."""


@dataclass(slots=True)
class Token:
    """An access token. Times are monotonic seconds."""

    secret: Secret
    asked_at: float
    refresh_at: float
    urgent_at: float
    expires_at: float

    @classmethod
    def of(cls, secret: Secret, expires_in: Any, asked_at: float) -> Token:
        """Date a token by the lifetime that the server gives, if that is a number above 0."""
        lifetime = _DEFAULT_LIFETIME
        if isinstance(expires_in, int | float) and not isinstance(expires_in, bool):
            # min() first: float() of a JSON integer can overflow. A NaN is not above 0.
            lifetime = float(min(expires_in, _LONGEST_LIFETIME))
        elif isinstance(expires_in, str) and expires_in.isdecimal():
            lifetime = float(min(int(expires_in[:10]), _LONGEST_LIFETIME))
        if not lifetime > 0:
            lifetime = _DEFAULT_LIFETIME
        shares = (_REFRESH_AT, _URGENT_AT, 1.0)
        return cls(secret, asked_at, *(asked_at + lifetime * share for share in shares))


@dataclass(slots=True)
class Flight:
    """A token request under way, and its result, as far as that concerns other calls."""

    loop: object
    landed: Event
    until: float
    token: Token | None = None
    error: BlaxelError | None = None


@dataclass(slots=True)
class Lead:
    """Fetch a token and `land` the flight; `old` is still good if that fails."""

    flight: Flight
    old: Token | None


@dataclass(slots=True)
class Follow:
    """Wait for the flight to land, then look again."""

    flight: Flight


@dataclass(slots=True)
class Elsewhere:
    """Another event loop fetches a token, for whose events this one cannot wait: look again."""


@dataclass(slots=True)
class Failed:
    """A token request has just failed, for this reason."""

    error: BlaxelError


def _no_loop() -> None:
    """Return the one place that all threads of a sync client share."""


class Tokens:
    """The current token, and the flight to the next: never two, as a refresh token is used once.

    `new_event` makes the event to wait for; `loop` names the event loop that is running.
    """

    def __init__(
        self,
        new_event: Callable[[], Event] = threading.Event,
        loop: Callable[[], object] = _no_loop,
    ) -> None:
        self._new_event, self._loop = new_event, loop
        self._lock = threading.RLock()
        self._flight: Flight | None = None
        self._token: Token | None = None
        self._failed: tuple[BlaxelError, float] | None = None
        self._next_early_refresh = 0.0

    def look(self, now: float, deadline: float) -> Token | Lead | Follow | Elsewhere | Failed:
        """Return what a call that needs a token by its deadline should do."""
        loop = self._loop()
        with self._lock:
            good = self._token if self._token and now < self._token.expires_at else None
            if good and now < max(good.refresh_at, self._next_early_refresh):
                return good
            flight = self._flight
            if flight and now < flight.until:
                if good and now < good.urgent_at:
                    return good
                return Follow(flight) if flight.loop == loop else Elsewhere()
            if self._failed and now < self._failed[1]:
                return Failed(self._failed[0])
            self._flight = flight = Flight(loop, self._new_event(), deadline + _GRACE)
            return Lead(flight, good)

    def land(
        self, lead: Lead, now: float, token: Token | None, error: BlaxelError | None = None
    ) -> None:
        """End the flight and wake its followers, whether it succeeded or not.

        Neither token nor error: the leader gave up, and one of the others takes over.
        """
        flight = lead.flight
        with self._lock:
            if token is not None:
                self._token, self._failed = token, None
                self._next_early_refresh = 0.0
                flight.token = token
            elif lead.old is not None:
                rest = lead.old.expires_at - now
                self._next_early_refresh = now + max(_MOMENT, rest / 4)
            elif error is not None:
                flight.error, self._failed = error, (error, now + _MOMENT)
            if self._flight is flight:  # not so in a forked process, or where it counted as lost
                self._flight = None
        flight.landed.set()

    def forget(self, used: Secret) -> None:
        """Drop the token that was refused, unless another call has renewed it already."""
        with self._lock:
            if self._token is not None and self._token.secret is used:
                self._token = None

    def apart(self) -> Tokens:
        """Return tokens for a call that cannot wait for others, as it holds them up itself."""
        own = Tokens(self._new_event, self._loop)
        own._token = self._token
        return own

    def after_fork(self) -> None:
        """Forget what threads of the parent were doing."""
        self._lock = threading.RLock()
        self._flight = None
