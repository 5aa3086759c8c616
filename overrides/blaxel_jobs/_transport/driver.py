"""The sync driver: the policy as an httpx transport, so that every operation is under it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import httpx

from blaxel_jobs._effects import Answer, Outcome, Send, Sleep, Wait
from blaxel_jobs._retry.policy import Context, call
from blaxel_jobs._transport.body import Body
from blaxel_jobs._transport.deadline import deadline_of
from blaxel_jobs._transport.exchange import (
    NO_ANSWER,
    limits_of,
    lost,
    out_of_time,
    response_of,
    streamed,
)
from blaxel_jobs._transport.fork import tell_of_fork
from blaxel_jobs._transport.network import ATTEMPT, WatchedAttempt, watched
from blaxel_jobs._transport.telemetry import trace_of_resend

__all__ = ["PolicyTransport"]


class PolicyTransport(httpx.BaseTransport):
    """Runs each request as one call of the policy, over the transport that `make` makes."""

    def __init__(
        self,
        context: Context,
        make: Callable[[], httpx.BaseTransport],
        *,
        timeout: float,
        max_bytes: int,
    ) -> None:
        self._context, self._make = context, make
        self._timeout, self._max_bytes = timeout, max_bytes
        self._inner = make()
        self._watched = watched(self._inner)
        tell_of_fork(self)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry out a request of httpx's client; raises as `answer`."""
        return response_of(self._answer(request), request)

    def answer(self, request: httpx.Request) -> Answer | httpx.Response:
        """Carry out the request; raises BlaxelError for everything but a complete 2xx."""
        # A tracer of this one client (OpenTelemetry's instrument_client) replaces this attribute.
        wrapped = vars(self).get("handle_request")
        return (wrapped or self._answer)(request)

    def _answer(self, request: httpx.Request) -> Answer:
        steps = call(self._context, request, deadline_of(request, self._timeout))
        outcome: Outcome | None = None
        try:
            while True:
                effect = steps.send(outcome)
                outcome = None
                if isinstance(effect, Send):
                    outcome = self._send(effect)
                else:
                    _rest(effect)
        except StopIteration as done:
            answer: Answer = done.value
            return answer
        finally:
            steps.close()  # now, so that a call that is cancelled wakes those who wait for it

    def _send(self, send: Send) -> Outcome:
        if too_late := out_of_time(send):
            return too_late
        request = send.request
        request.extensions = {**limits_of(send), **trace_of_resend(send.number)}
        attempt = WatchedAttempt(send.deadline)
        before = ATTEMPT.set(attempt)
        try:
            response = self._inner.handle_request(request)
            try:
                response.request = request
                body = Body(response, self._max_bytes, send.deadline)
                if not body.complete:
                    for chunk in streamed(response, httpx.SyncByteStream):
                        body.add(chunk)
                        if body.full:
                            break
            finally:
                response.close()
            return body.answer()
        except NO_ANSWER as error:
            return lost(error, attempt, watched=self._watched)
        finally:
            ATTEMPT.reset(before)
            if self._context.closed:  # httpcore's pool makes new connections when it is closed
                self._inner.close()

    def close(self) -> None:
        """Close the connections; a call under way ends with its attempt."""
        self._context.closed = True
        self._inner.close()

    def after_fork(self) -> None:
        """Begin with new connections in a child."""
        self._context.after_fork()
        self._inner = self._make()
        self._watched = watched(self._inner)


def _rest(effect: Sleep | Wait) -> None:
    if isinstance(effect, Sleep):
        time.sleep(effect.seconds)
    else:
        assert isinstance(effect.event, threading.Event), "the event of a sync client"
        effect.event.wait(max(0.0, effect.deadline - time.monotonic()))
