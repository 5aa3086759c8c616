"""What the policy asks of its driver, and what it gets in return."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from blaxel_jobs._http import httpx

__all__ = ["SECRETS", "Answer", "Effect", "Event", "Lost", "Outcome", "Send", "Sleep", "Wait"]


class Event(Protocol):
    """The part that `threading.Event` and `anyio.Event` have in common, waiting aside."""

    def is_set(self) -> bool:
        """Return whether the event has happened."""
        ...

    # threading and anyio differ in what set() returns.
    def set(self) -> object:
        """Let it happen: all that wait for it continue."""
        ...


@dataclass(slots=True)
class Send:
    """Send this request; the answer has to be complete by `deadline` (monotonic seconds).

    `number` counts the sends of one operation from 1. A connection on which something else comes
    back than the execution `expects` is closed. `fresh` asks for a connection of its own. `began`
    is when the call began.
    """

    request: httpx.Request
    deadline: float
    number: int = 1
    expects: str | None = None
    fresh: bool = False
    began: float = 0.0


@dataclass(slots=True)
class Sleep:
    """Wait so many seconds."""

    seconds: float


@dataclass(slots=True)
class Wait:
    """Wait for the event, which another call sets, at the longest until `deadline`."""

    event: Event
    deadline: float


Effect: TypeAlias = Send | Sleep | Wait


_LONG = 100_000
"""Bytes of JSON that take some 15 ms to read and decode: more would hold up an event loop."""
_HUGE = 1_000_000
"""Bytes of JSON whose memory counts for more than their time."""
_UNREAD = object()
_SHARED = 1_000
"""So many strings of a huge body are remembered."""


def _as_it_is(found: dict[str, Any]) -> dict[str, Any]:
    return found


def _sharing() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return a hook for a reader of JSON that keeps one of equal strings, such as statuses.

    58,000 tasks take a tenth less memory with it, and a tenth more time.
    """
    known: dict[str, str] = {}

    def share(found: dict[str, Any]) -> dict[str, Any]:
        for key, value in found.items():
            if value.__class__ is str:
                if value in known:
                    found[key] = known[value]
                elif len(known) < _SHARED:
                    known[value] = value
        return found

    return share


SECRETS = "blaxel_jobs.secrets"
"""The response extension with the secrets of its call."""


@dataclass(slots=True)
class Answer:
    """A response, read to its end or as far as it may be kept.

    `problem` says why the content is not the whole of it, None where it is. `secrets` are those of
    the call: a server may repeat them, and no error does.
    """

    status_code: int
    headers: httpx.Headers = field(repr=False)
    content: bytes = field(repr=False)
    problem: str | None = None
    secrets: tuple[Any, ...] = field(default=(), repr=False, compare=False)
    _json: Any = field(default=_UNREAD, init=False, repr=False, compare=False)

    @property
    def is_success(self) -> bool:
        """Return whether the status is a 2xx."""
        return 200 <= self.status_code < 300

    @property
    def is_long(self) -> bool:
        """Return whether the content is better read in a thread."""
        return len(self.content) > _LONG

    @property
    def json(self) -> Any:
        """Return the content as JSON, None where it is not; read once."""
        if self._json is _UNREAD:
            # In a thread, the scanner, which is C code, keeps all others waiting until it is done,
            # unless it calls Python now and then.
            hook: Callable[[dict[str, Any]], dict[str, Any]] | None = None
            if self.is_long:
                hook = _sharing() if len(self.content) > _HUGE else _as_it_is
            try:
                self._json = json.loads(self.content, object_hook=hook)
            except (ValueError, RecursionError):
                self._json = None
        return self._json

    def take_json(self) -> Any:
        """Return the content as JSON that the caller may change; `json` will read it anew."""
        body, self._json = self.json, _UNREAD
        return body

    def response(self, request: httpx.Request) -> httpx.Response:
        """Return it as the response that generated code reads, its content decoded."""
        headers = [
            (name, value)
            for name, value in self.headers.multi_items()
            if name.lower() not in ("content-encoding", "content-length", "transfer-encoding")
        ]
        return httpx.Response(
            self.status_code,
            headers=headers,
            content=self.content,
            request=request,
            extensions={SECRETS: self.secrets},
        )


@dataclass(slots=True)
class Lost:
    """There was no complete answer. `sent` is False only where no request left this machine.

    `permanent` says that another attempt would end in the same way, `misused` that the client was
    set up wrongly.
    """

    reason: str
    sent: bool
    timed_out: bool
    permanent: bool = False
    misused: bool = False


Outcome: TypeAlias = Answer | Lost
"""What comes of a `Send`: a value, not an exception, so that nothing that the caller sees has the
frames of httpx and httpcore in its context, where the headers are."""
