"""The sync driver: the policy as an httpx transport, so that every operation is under it."""

from __future__ import annotations

import dataclasses
import threading
import time
import weakref
from collections.abc import Callable

from blaxel_jobs._effects import Answer, Outcome, Send, Sleep, Wait
from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._http import httpx
from blaxel_jobs._network.attempt import ATTEMPT, WatchedAttempt
from blaxel_jobs._network.backend import end, renew, watch
from blaxel_jobs._network.fork import NOT_AFTER_FORK, call_after_fork
from blaxel_jobs._network.latch import Latch
from blaxel_jobs._retry.execution import names_another
from blaxel_jobs._retry.policy import Context, call
from blaxel_jobs._retry.request import OperationRequest
from blaxel_jobs._transport.body import Body
from blaxel_jobs._transport.deadline import within
from blaxel_jobs._transport.exchange import (
    NO_ANSWER,
    limits_of,
    lost,
    no_response,
    not_sent,
    unforeseen,
)
from blaxel_jobs._transport.hooks import INNER, is_hooked, through_client
from blaxel_jobs._transport.telemetry import trace_of_resend

__all__ = ["PolicyTransport"]


class PolicyTransport(httpx.BaseTransport):
    """Runs each request as one call of the policy.

    Its attempts go over the transport that `make` makes, a new one after a fork; `given` says that
    it is one that was handed in.
    """

    def __init__(
        self,
        context: Context,
        make: Callable[[], httpx.BaseTransport],
        *,
        given: bool,
        timeout: float,
        max_bytes: int,
    ) -> None:
        self._context, self._make, self._given = context, make, given
        self._timeout, self._max_bytes = timeout, max_bytes
        self._inner = make()
        watch(self._inner)
        self._closing = Latch()
        self._refused = False
        self._inside: set[int] = set()
        """The threads in which a call is under way."""
        self._client: Callable[[], httpx.Client | None] = lambda: None
        call_after_fork(self)

    def belongs_to(self, client: httpx.Client) -> None:
        """Learn whose transport this is: attempts go through that client where it is watched."""
        self._client = weakref.ref(client)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry out a request of httpx's client, or send an attempt of one; raises as `answer`."""
        inner: httpx.BaseTransport | None = request.extensions.get(INNER)
        if inner is not None:
            return inner.handle_request(request)
        asked = OperationRequest.of(request, self._context.base_url)
        return self.answer(asked, time.monotonic() + self._timeout).response(request)

    def answer(self, request: OperationRequest, deadline: float) -> Answer:
        """Carry out a request; raises BlaxelError for everything but a complete 2xx."""
        if self._refused:
            raise ConfigurationError(NOT_AFTER_FORK)
        context, thread = self._context, threading.get_ident()
        outermost = thread not in self._inside
        if not outermost:  # in a signal handler, which must not wait for what it interrupted
            context = dataclasses.replace(context, tokens=context.tokens.apart())
        credentials = context.credentials
        steps = call(context, request, deadline)
        outcome: Outcome | None = None
        try:
            self._inside.add(thread)
            while True:
                effect = steps.send(outcome)
                outcome = None
                if isinstance(effect, Send):
                    outcome = self._send(effect)
                else:
                    self._rest(effect)
        except StopIteration as done:
            answer: Answer = done.value
            return answer
        finally:
            steps.close()  # now, so that a call that is cancelled wakes those who wait for it
            if outermost:
                self._inside.discard(thread)
            elif context.credentials is not credentials:  # the old refresh token is used up
                self._context.credentials = context.credentials

    def _send(self, send: Send) -> Outcome:
        if unsent := not_sent(send, self._closing):
            return unsent
        request = send.request
        request.extensions = {**limits_of(send), **trace_of_resend(send.number)}
        attempt = WatchedAttempt(send.deadline, self._closing, time.monotonic())
        inner = self._make() if send.fresh else self._inner
        before = ATTEMPT.set(attempt)
        try:
            client = self._client()
            if client is not None and is_hooked(client, self):
                request.extensions[INNER] = inner
                response = through_client(client, request)
            else:
                response = inner.handle_request(request)
            if not isinstance(response, httpx.Response):
                return no_response(response)
            try:
                response.request = request
                attempt.phase = "reading the answer"
                body = Body(response, self._max_bytes, send.deadline)
                if not body.complete:
                    assert isinstance(response.stream, httpx.SyncByteStream)
                    for chunk in response.stream:
                        body.add(chunk)
                        if body.full:
                            break
                answer = body.answer()
                if send.expects is not None and answer.problem is None and answer.is_long:
                    attempt.phase = "decoding the answer"
                    within(send.deadline, lambda: answer.json)
                stream = response.extensions.get("network_stream")
                if stream is not None and names_another(answer, send.expects):
                    end(stream)
            finally:
                response.close()
            return answer
        except NO_ANSWER as error:
            return lost(error, attempt, request)
        except Exception as error:
            outcome = unforeseen(error, attempt, request, self._closing)
            if outcome is None:
                raise
            return outcome
        finally:
            ATTEMPT.reset(before)
            if inner is not self._inner:
                inner.close()
            if self._closing.is_set:  # httpcore's pool makes new connections when it is closed
                self._inner.close()

    def _rest(self, effect: Sleep | Wait) -> None:
        if isinstance(effect, Sleep):
            self.pause(effect.seconds)
        else:
            assert isinstance(effect.event, threading.Event), "the event of a sync client"
            effect.event.wait(max(0.0, effect.deadline - time.monotonic()))

    def pause(self, seconds: float) -> None:
        """Wait so many seconds, or until the client is closed."""
        self._closing.wait(seconds)

    def close(self) -> None:
        """Close the connections; a call under way ends with its attempt, and sends nothing more."""
        self._context.closed = True
        self._closing.set()
        self._inner.close()

    def after_fork(self) -> None:
        """Begin with new connections in a child."""
        self._inside = set()
        self._context.after_fork()
        if self._given:
            self._refused = not renew(self._inner)
        else:
            self._inner = self._make()
