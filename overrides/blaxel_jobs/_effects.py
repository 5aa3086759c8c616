"""What the policy asks of its driver, and what it is told in return."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import httpx

__all__ = ["Answer", "Effect", "Event", "Lost", "Send", "Sleep", "Wait"]


class Event(Protocol):
    """The part that `threading.Event` and `anyio.Event` have in common, waiting aside."""

    def is_set(self) -> bool:
        """Tell whether the event has happened."""
        ...

    # threading and anyio differ in what set() returns.
    def set(self) -> object:
        """Let it happen: everyone who waits goes on."""
        ...


@dataclass(frozen=True, slots=True)
class Send:
    """Send this request; the answer has to be complete by `deadline` (monotonic seconds)."""

    request: httpx.Request
    deadline: float


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for the event, which another call sets, at the longest until `deadline`."""

    event: Event
    deadline: float


Effect: TypeAlias = Send | Sleep | Wait


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete response."""

    status_code: int
    headers: httpx.Headers
    content: bytes = field(repr=False)


class Lost(Exception):
    """There was no complete answer. `sent` is False only where no request left this machine."""

    def __init__(self, reason: str, *, sent: bool, timed_out: bool) -> None:
        super().__init__(reason)
        self.reason, self.sent, self.timed_out = reason, sent, timed_out
