"""The async driver, for asyncio and trio; it differs from the sync one in nothing but `await`."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable

import anyio
import anyio.lowlevel
import httpx

from blaxel_jobs._auth.tokens import Tokens
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
from blaxel_jobs._transport.pool import AsyncPool
from blaxel_jobs._transport.telemetry import async_trace_of_resend

__all__ = ["AsyncPolicyTransport"]


class AsyncPolicyTransport(httpx.AsyncBaseTransport):
    """Runs each request as one call of the policy, over the transports that `make` makes.

    Connections belong to an event loop, so each loop has a transport of its own.
    """

    def __init__(
        self,
        context: Context,
        make: Callable[[], httpx.AsyncBaseTransport],
        *,
        timeout: float,
        max_bytes: int,
    ) -> None:
        context.tokens = Tokens(anyio.Event, anyio.lowlevel.current_token)
        self._context, self._make = context, make
        self._timeout, self._max_bytes = timeout, max_bytes
        self._inner: dict[object, _OfLoop] = {}
        tell_of_fork(self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry out a request of httpx's client; raises as `answer`."""
        return response_of(await self._answer(request), request)

    async def answer(self, request: httpx.Request) -> Answer | httpx.Response:
        """Carry out the request; raises BlaxelError for everything but a complete 2xx."""
        # A tracer of this one client (OpenTelemetry's instrument_client) replaces this attribute.
        wrapped = vars(self).get("handle_async_request")
        return await (wrapped or self._answer)(request)

    async def _answer(self, request: httpx.Request) -> Answer:
        steps = call(self._context, request, deadline_of(request, self._timeout))
        outcome: Outcome | None = None
        try:
            while True:
                effect = steps.send(outcome)
                outcome = None
                if isinstance(effect, Send):
                    outcome = await self._send(effect)
                else:
                    await _rest(effect)
        except StopIteration as done:
            answer: Answer = done.value
            return answer
        finally:
            steps.close()  # now, so that a call that is cancelled wakes those who wait for it

    async def _send(self, send: Send) -> Outcome:
        if too_late := out_of_time(send):
            return too_late
        inner = await self._of_this_loop()
        request = send.request
        # httpcore's own timers are 4 % of the call.
        limits = {} if inner.watched else limits_of(send)
        request.extensions = {**limits, **async_trace_of_resend(send.number)}
        attempt = WatchedAttempt(send.deadline)
        before = ATTEMPT.set(attempt)
        try:
            # As fail_after, which takes 10 us more.
            with anyio.move_on_after(send.deadline - time.monotonic()):
                response = await inner.transport.handle_async_request(request)
                try:
                    response.request = request
                    body = Body(response, self._max_bytes, send.deadline)
                    # Cancelled rather than left, for the same reason as in Body.answer().
                    with anyio.CancelScope() as reading:
                        if not body.complete:
                            async for chunk in streamed(response, httpx.AsyncByteStream):
                                body.add(chunk)
                                if body.full:
                                    reading.cancel()
                finally:
                    with anyio.CancelScope(shield=True):
                        await response.aclose()
                return body.answer()
            raise TimeoutError
        except NO_ANSWER as error:
            return lost(error, attempt, watched=inner.watched)
        finally:
            ATTEMPT.reset(before)
            if self._context.closed:  # httpcore's pool makes new connections when it is closed
                with anyio.CancelScope(shield=True):
                    await inner.transport.aclose()

    async def _of_this_loop(self) -> _OfLoop:
        loop = anyio.lowlevel.current_token()
        inner = self._inner.get(loop)
        if inner is None:
            inner = _OfLoop(self._make(), lambda: self._inner.pop(loop, None))
            self._inner[loop] = inner
            await inner.begin()
        return inner

    async def aclose(self) -> None:
        """Close the connections; a call under way ends with its attempt."""
        self._context.closed = True
        inner = self._inner.get(anyio.lowlevel.current_token())
        if inner is not None:
            await inner.end()

    def after_fork(self) -> None:
        """Begin with new connections in a child."""
        self._context.after_fork()
        self._inner = {}


class _OfLoop:
    """The transport of one event loop, closed when the loop ends.

    Loops close the async generators that are left when they end; so a generator that waits for
    nothing but that can close what has to be closed while the loop still runs.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, gone: Callable[[], object]) -> None:
        self.transport = transport
        self.watched = isinstance(transport, AsyncPool) or watched(transport)
        self._gone = gone
        self._until_end = self._close_at_end()

    async def begin(self) -> None:
        """Have it closed when the loop ends."""
        await anext(self._until_end)

    async def end(self) -> None:
        """Close it now."""
        await self._until_end.aclose()

    async def _close_at_end(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self._gone()
            await self.transport.aclose()


async def _rest(effect: Sleep | Wait) -> None:
    if isinstance(effect, Sleep):
        await anyio.sleep(effect.seconds)
        return
    assert isinstance(effect.event, anyio.Event), "the event of an async client"
    with anyio.move_on_after(max(0.0, effect.deadline - time.monotonic())):
        await effect.event.wait()
