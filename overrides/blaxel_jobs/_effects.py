"""What the policy asks of its driver, and what it is told in return."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import httpx

__all__ = ["Answer", "Effect", "Event", "Lost", "Outcome", "Send", "Sleep", "Wait"]


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
    """Send this request; the answer has to be complete by `deadline` (monotonic seconds).

    `number` counts the sends of one operation from 1.
    """

    request: httpx.Request
    deadline: float
    number: int = 1


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
    """A response, read to its end or as far as it may be kept.

    `problem` says why the content is not the whole of it, None where it is.
    """

    status_code: int
    headers: httpx.Headers
    content: bytes = field(repr=False)
    problem: str | None = None

    @property
    def is_success(self) -> bool:
        """Tell whether the status is a 2xx."""
        return 200 <= self.status_code < 300


@dataclass(frozen=True, slots=True)
class Lost:
    """There was no complete answer. `sent` is False only where no request left this machine.

    `lasting` says that another attempt would end likewise.
    """

    reason: str
    sent: bool
    timed_out: bool
    lasting: bool = False


Outcome: TypeAlias = Answer | Lost
"""What comes of a `Send`: a value, not an exception, so that nothing that the caller sees has the
frames of httpx and httpcore in its context, where the headers are."""
