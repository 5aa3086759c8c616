"""The async driver, for asyncio and trio: the same policy, with connections for each event loop."""

from __future__ import annotations

import math
import time
import warnings
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable

import anyio
import anyio.lowlevel

from blaxel_jobs._auth.tokens import Tokens
from blaxel_jobs._effects import Answer, Outcome, Send, Sleep, Wait
from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._http import httpx
from blaxel_jobs._network.attempt import ATTEMPT, WatchedAttempt
from blaxel_jobs._network.backend import end, renew, watch
from blaxel_jobs._network.fork import NOT_AFTER_FORK, call_after_fork
from blaxel_jobs._network.latch import Latch
from blaxel_jobs._network.pool import AsyncPool
from blaxel_jobs._retry.execution import names_another
from blaxel_jobs._retry.policy import Context, call
from blaxel_jobs._retry.request import OperationRequest
from blaxel_jobs._transport.body import Body
from blaxel_jobs._transport.deadline import async_within
from blaxel_jobs._transport.exchange import (
    NO_ANSWER,
    limits_of,
    lost,
    no_response,
    not_sent,
    unforeseen,
)
from blaxel_jobs._transport.hooks import INNER, is_hooked, through_async_client
from blaxel_jobs._transport.request_body import unbroken
from blaxel_jobs._transport.telemetry import async_trace_of_resend

__all__ = ["AsyncPolicyTransport"]


class AsyncPolicyTransport(httpx.AsyncBaseTransport):
    """Runs each request as one call of the policy.

    Its attempts go over transports that `make` makes: connections belong to an event loop, so each
    loop has one of its own. `given` says that it is always the same one, which was handed in.
    """

    def __init__(
        self,
        context: Context,
        make: Callable[[], Awaitable[httpx.AsyncBaseTransport]],
        *,
        given: bool,
        timeout: float,
        max_bytes: int,
    ) -> None:
        context.tokens = Tokens(anyio.Event, anyio.lowlevel.current_token)
        self._context, self._make, self._given = context, make, given
        self._timeout, self._max_bytes = timeout, max_bytes
        self._inner: dict[object, _OfLoop] = {}
        self._making: dict[object, anyio.Event] = {}
        self._closing = Latch()
        self._refused = False
        self._client: Callable[[], httpx.AsyncClient | None] = lambda: None
        call_after_fork(self)

    def belongs_to(self, client: httpx.AsyncClient) -> None:
        """Learn whose transport this is: attempts go through that client where it is watched."""
        self._client = weakref.ref(client)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry out a request of httpx's client, or send an attempt of one; raises as `answer`."""
        inner: httpx.AsyncBaseTransport | None = request.extensions.get(INNER)
        if inner is not None:
            return await inner.handle_async_request(request)
        asked = OperationRequest.of(request, self._context.base_url)
        answer = await self.answer(asked, time.monotonic() + self._timeout)
        return answer.response(request)

    async def answer(self, request: OperationRequest, deadline: float) -> Answer:
        """Carry out a request; raises BlaxelError for everything but a complete 2xx."""
        if self._refused:
            raise ConfigurationError(NOT_AFTER_FORK)
        steps = call(self._context, request, deadline)
        outcome: Outcome | None = None
        try:
            while True:
                effect = steps.send(outcome)
                outcome = None
                if isinstance(effect, Send):
                    outcome = await self._send(effect)
                else:
                    await self._rest(effect)
        except StopIteration as done:
            answer: Answer = done.value
            return answer
        finally:
            steps.close()  # now, so that a call that is cancelled wakes those who wait for it

    async def _send(self, send: Send) -> Outcome:
        if unsent := not_sent(send, self._closing):
            return unsent
        inner = await self._of_this_loop()
        if unsent := not_sent(send, self._closing):  # making a transport may take all the time
            return unsent
        request = send.request
        request.extensions = {**limits_of(send), **async_trace_of_resend(send.number)}
        request.stream = unbroken(request.stream)
        attempt = WatchedAttempt(send.deadline, self._closing, time.monotonic())
        transport = await self._make() if send.fresh else inner.transport
        before = ATTEMPT.set(attempt)
        body: Body | None = None
        try:
            # One scope for all: each takes 5 us, and fail_after adds 6 % to a call in process.
            with anyio.move_on_after(send.deadline - time.monotonic()) as scope:
                client = self._client()
                if client is not None and is_hooked(client, self):
                    request.extensions[INNER] = transport
                    response = await through_async_client(client, request)
                else:
                    response = await transport.handle_async_request(request)
                if not isinstance(response, httpx.Response):
                    return no_response(response)
                try:
                    response.request = request
                    attempt.phase = "reading the answer"
                    body = Body(response, self._max_bytes, send.deadline)
                    if not body.complete:
                        assert isinstance(response.stream, httpx.AsyncByteStream)
                        async for chunk in response.stream:
                            body.add(chunk)
                            if body.full:
                                # Not left, for the same reason as in Body.answer().
                                scope.cancel()
                    answer = body.answer()
                    if send.expects is not None and answer.problem is None and answer.is_long:
                        attempt.phase = "decoding the answer"
                        await async_within(send.deadline, lambda: answer.json)
                    stream = response.extensions.get("network_stream")
                    if stream is not None and names_another(answer, send.expects):
                        end(stream)
                finally:
                    await _aclose(response, scope)
                return answer
            if body is not None and body.full:
                return body.answer()
            raise TimeoutError
        except NO_ANSWER as error:
            return lost(error, attempt, request)
        except Exception as error:
            outcome = unforeseen(error, attempt, request, self._closing)
            if outcome is None:
                raise
            return outcome
        finally:
            ATTEMPT.reset(before)
            if transport is not inner.transport:
                with anyio.CancelScope(shield=True):
                    await transport.aclose()
            if self._closing.is_set:  # httpcore's pool makes new connections when it is closed
                with anyio.CancelScope(shield=True):
                    await inner.transport.aclose()

    async def _of_this_loop(self) -> _OfLoop:
        loop = anyio.lowlevel.current_token()
        inner = self._inner.get(loop)
        if inner is not None:
            return inner
        if loop in self._making:
            await self._making[loop].wait()
            return await self._of_this_loop()
        self._making[loop] = made = anyio.Event()
        try:
            self._forget_closed_loops()
            transport = await self._make()
            inner = _OfLoop(transport, lambda: self._inner.pop(loop, None))
            self._inner[loop] = inner
            await inner.begin()
        finally:
            self._making.pop(loop, None)
            made.set()
        return inner

    def _forget_closed_loops(self) -> None:
        """Free the sockets of event loops that were closed without `shutdown_asyncgens`."""
        for loop, inner in list(self._inner.items()):
            # asyncio's loop, in newer anyio within a token; trio always ends in order.
            is_closed = getattr(getattr(loop, "native_token", loop), "is_closed", None)
            if is_closed is not None and is_closed():
                self._inner.pop(loop, None)
                inner.abandon()

    async def _rest(self, effect: Sleep | Wait) -> None:
        if isinstance(effect, Sleep):
            await self.pause(effect.seconds)
            return
        assert isinstance(effect.event, anyio.Event), "the event of an async client"
        with anyio.move_on_after(max(0.0, effect.deadline - time.monotonic())):
            await effect.event.wait()

    async def pause(self, seconds: float) -> None:
        """Wait so many seconds, or until the client is closed."""
        inner = self._inner.get(anyio.lowlevel.current_token())
        with anyio.move_on_after(0.0 if self._closing.is_set else seconds):
            if inner is None:  # nothing was sent in this loop yet
                await anyio.sleep(seconds)
            else:
                await inner.ended.wait()

    async def aclose(self) -> None:
        """Close the connections; a call under way ends with its attempt, and sends nothing more."""
        self._context.closed = True
        self._closing.set()
        self._forget_closed_loops()
        inner = self._inner.get(anyio.lowlevel.current_token())
        if inner is not None:
            await inner.end()

    def after_fork(self) -> None:
        """Begin with new connections in a child."""
        self._context.after_fork()
        used, self._inner, self._making = self._inner, {}, {}
        if self._given:
            self._refused = not all(renew(one.transport) for one in used.values())


async def _aclose(response: httpx.Response, scope: anyio.CancelScope) -> None:
    """Close a response, whatever becomes of the scope or of those around it."""
    if scope.cancel_called:
        with anyio.CancelScope(shield=True):
            await response.aclose()
    else:
        scope.deadline, scope.shield = math.inf, True  # the same, at the end of the scope
        await response.aclose()


class _OfLoop:
    """The transport of one event loop, closed when the loop ends.

    Loops close the async generators that are left when they end; so a generator that waits for
    nothing but that can close what has to be closed while the loop still runs.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, gone: Callable[[], object]) -> None:
        self.transport = transport
        watch(transport)
        self.ended = anyio.Event()
        self._gone = gone
        self._until_end = self._close_at_end()

    async def begin(self) -> None:
        """Have it closed when the loop ends."""
        await anext(self._until_end)

    async def end(self) -> None:
        """Close it now."""
        self.ended.set()
        await self._until_end.aclose()

    def abandon(self) -> None:
        """Free its sockets: its loop cannot close anything any more."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            if isinstance(self.transport, AsyncPool):
                self.transport.abandon()
            else:
                renew(self.transport, close=True)

    async def _close_at_end(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self._gone()
            await self.transport.aclose()
