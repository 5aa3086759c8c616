"""What one call does: attempts, credentials, waits and verdicts, without any I/O.

`call` is a generator. It yields what is to be done next (`Send`, `Sleep`, `Wait`) and is sent what
came of a `Send`: an `Answer`, or `Lost` where there was none. It returns the answer of success or
raises what the caller sees. The drivers run it, in sync and in async code alike, and close it.
"""

from __future__ import annotations

import copy
import re
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

import httpx

from blaxel_jobs._auth.credentials import (
    Credentials,
    RenewableSource,
    TokenSource,
    bearer_of,
    knows_token,
    request_of,
    secrets_in,
)
from blaxel_jobs._auth.secrets import Secret
from blaxel_jobs._auth.tokens import Failed, Follow, Lead, Token, Tokens
from blaxel_jobs._effects import Answer, Effect, Lost, Outcome, Send, Sleep, Wait
from blaxel_jobs._errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    BlaxelError,
    CancelOutcomeUnknownError,
    CancelOutcomeUnknownTimeoutError,
    ConflictError,
    NotFoundError,
    ResponseDecodeError,
)
from blaxel_jobs._retry.attempt import Attempt, OnAttempt, is_listened_to, report
from blaxel_jobs._retry.backoff import RetryPolicy
from blaxel_jobs._retry.quota import RetryQuota
from blaxel_jobs._retry.verdict import Failure, json_of, judge, judge_token, request_id

__all__ = ["Context", "call"]

_EARLY_SHARE, _EARLY_LONGEST = 0.25, 5.0
"""The share of a call's time, and the seconds, that renewing a token ahead of its end may take."""
_EXECUTION = re.compile(rb"/jobs/[^/?]+/executions/[^/?]+")


@dataclass(slots=True)
class Context:
    """What all calls of one client share."""

    credentials: Credentials
    base_url: httpx.URL
    retry: RetryPolicy
    clock: Callable[[], float] = time.monotonic
    tokens: Tokens = field(default_factory=Tokens)
    quota: RetryQuota = field(default_factory=RetryQuota)
    on_attempt: OnAttempt | None = None
    token_headers: dict[str, str] = field(default_factory=dict)
    """What token requests have in their headers, besides the credentials."""
    closed: bool = False

    def after_fork(self) -> None:
        """Forget what threads of the parent were doing."""
        self.tokens.after_fork()
        self.quota.after_fork()


@dataclass(slots=True)
class _History:
    """What happened to the earlier attempts of one call."""

    may_have_been_processed: bool = False
    denied: bool = False
    """The last attempt of the operation itself was answered with 404 or 409."""


_Steps: TypeAlias = Generator[Effect, Any, Answer]


def call(context: Context, request: httpx.Request, deadline: float) -> _Steps:
    """Carry out one operation within the deadline (monotonic seconds).

    An answer that was lost may have cancelled the execution, so a later 404 or 409 proves nothing:
    then the execution is read back, and one that is cancelling or cancelled is the answer.
    """
    history = _History()
    try:
        return (yield from _attempts(context, request, deadline, history))
    except (NotFoundError, ConflictError) as error:
        doubtful = history.denied and history.may_have_been_processed
        if not doubtful or not _is_cancel(context, request):
            raise
        denial = error
    answer = yield from _read_back(context, request, deadline)
    if answer is None:
        raise denial
    return answer


def _is_cancel(context: Context, request: httpx.Request) -> bool:
    path = request.url.raw_path.removeprefix(context.base_url.raw_path.rstrip(b"/"))
    return request.method == "DELETE" and _EXECUTION.fullmatch(path.partition(b"?")[0]) is not None


def _read_back(
    context: Context, cancel: httpx.Request, deadline: float
) -> Generator[Effect, Any, Answer | None]:
    """Return the execution where it is cancelling or cancelled, None where it is not."""
    request = httpx.Request("GET", cancel.url, headers=cancel.headers)
    history = _History()
    reason = "the answer is not an execution"
    kind = CancelOutcomeUnknownError
    try:
        answer = yield from _attempts(context, request, deadline, history)
    except BlaxelError as error:
        if history.denied and isinstance(error, NotFoundError):
            return None
        reason = error.message
        if isinstance(error, APITimeoutError):
            kind = CancelOutcomeUnknownTimeoutError
    else:
        body = json_of(answer)
        status = body.get("status") if isinstance(body, dict) else None
        if isinstance(status, str):
            return answer if status in ("cancelling", "cancelled") else None
    raise kind(
        "an earlier answer to the cancel was lost, a later one denies the execution, and its "
        f"state could not be read: {reason}"
    )


def _attempts(
    context: Context, request: httpx.Request, deadline: float, history: _History
) -> _Steps:
    """Send until there is a success, nothing left to try, or no time."""
    limit = context.retry.max_attempts
    number = 0
    replayed = False
    while True:
        number += 1
        history.denied = False
        try:
            bearer, token = yield from _authorize(context, request, deadline)
        except APIConnectionError as error:
            # A lost token request says nothing about the operation; its own earlier attempts do.
            error.may_have_been_processed = history.may_have_been_processed
            raise
        started = context.clock()
        until = _end_of_attempt(context, deadline)
        outcome: Outcome = yield Send(_stamped(request, bearer), until, number)
        failure = judge(outcome, request.method, _secrets(context, bearer))
        delay: float | None = None
        if failure is not None:
            _note(history, outcome, failure)
            delay = _pause(context, number, limit, failure, deadline)
            if token is not None and isinstance(outcome, Answer) and outcome.status_code == 401:
                context.tokens.forget(token)
                if not replayed and number < limit and not context.closed:
                    replayed, delay = True, 0.0  # with a new token, at once
        if is_listened_to(context.on_attempt):
            _tell(context, request, number, started, outcome, failure, delay)
        if isinstance(outcome, Answer) and (failure is None or not failure.again):
            context.quota.refill(after_retry=number > 1)
        if failure is None:
            assert isinstance(outcome, Answer), "a lost answer is a failure"
            return outcome
        if delay is None:
            raise failure.error
        if delay > 0:
            yield Sleep(delay)


def _end_of_attempt(context: Context, deadline: float) -> float:
    longest = context.retry.attempt_timeout
    return deadline if longest is None else min(deadline, context.clock() + longest)


def _note(history: _History, outcome: Outcome, failure: Failure) -> None:
    """Take down what an attempt that failed means for the doubt about the operation."""
    if isinstance(outcome, Lost):
        history.may_have_been_processed |= outcome.sent
    else:
        history.denied = isinstance(failure.error, NotFoundError | ConflictError)
        # A gateway gives up on a server that may have done its work all the same.
        history.may_have_been_processed |= outcome.status_code == 408 or outcome.status_code >= 500
    if isinstance(failure.error, APIConnectionError | APIStatusError):
        failure.error.may_have_been_processed = history.may_have_been_processed


def _pause(
    context: Context, number: int, limit: int, failure: Failure, deadline: float
) -> float | None:
    """Return the seconds to the next attempt, None where there is to be none."""
    if not failure.again or number >= limit or context.closed:
        return None
    delay = context.retry.delay(number, failure.wanted)
    if context.clock() + delay >= deadline or not context.quota.spend():
        return None
    return delay


def _tell(
    context: Context,
    request: httpx.Request,
    number: int,
    started: float,
    outcome: Outcome,
    failure: Failure | None,
    wait: float | None,
) -> None:
    answer = outcome if isinstance(outcome, Answer) else None
    attempt = Attempt(
        number=number,
        method=request.method,
        status_code=answer.status_code if answer else None,
        error=type(failure.error).__name__ if failure else None,
        elapsed=context.clock() - started,
        wait=wait,
        request_id=request_id(answer) if answer else None,
    )
    report(attempt, context.on_attempt)


def _stamped(request: httpx.Request, bearer: Secret | None) -> httpx.Request:
    """Return the request with its credential; the caller's own request never has it."""
    if bearer is None:
        return request
    headers = [pair for pair in request.headers.raw if pair[0].lower() != b"authorization"]
    headers.append((b"Authorization", bearer.bearer()))
    assert isinstance(request.stream, httpx.SyncByteStream | httpx.AsyncByteStream)
    return httpx.Request(
        request.method,
        request.url,
        headers=headers,
        stream=request.stream,
        extensions=request.extensions,
    )


def _authorize(
    context: Context, request: httpx.Request, deadline: float
) -> Generator[Effect, Any, tuple[Secret | None, Secret | None]]:
    """Return the bearer to send, and the same where it is a token that can be renewed.

    Neither for another origin than the base URL's.
    """
    here, there = request.url, context.base_url
    if here.raw_scheme != there.raw_scheme or here.netloc != there.netloc:
        return None, None
    credentials = context.credentials
    if not knows_token(credentials):
        token = yield from _token(context, deadline)
        return token.secret, token.secret
    return bearer_of(credentials), None


def _secrets(context: Context, *more: Secret | None) -> tuple[Secret, ...]:
    """Return the secrets that the server may repeat."""
    known = (getattr(context.credentials, "secret", None), *more)
    return tuple(secret for secret in known if isinstance(secret, Secret))


def _token(context: Context, deadline: float) -> Generator[Effect, Any, Token]:
    """Return the client's token: the one there is, another call's, or one fetched here."""
    while True:
        match context.tokens.look(context.clock()):
            case Token() as token:
                return token
            case Lead() as lead:
                fetched = yield from _lead(context, lead, deadline)
                if fetched is not None:
                    return fetched
            case Failed(error):
                _raise_copy(error)
            case Follow(flight):
                yield Wait(flight.landed, deadline)
                if flight.token is not None:
                    return flight.token
                if flight.error is not None:
                    _raise_copy(flight.error)
                if context.clock() >= deadline:
                    raise APITimeoutError(
                        "the call ran out of time, waiting for a token",
                        may_have_been_processed=False,
                    )


def _raise_copy(error: BlaxelError) -> NoReturn:
    """Raise a failure of another call: a copy, since a traceback belongs to one thread."""
    raise copy.copy(error)


def _lead(context: Context, lead: Lead, deadline: float) -> Generator[Effect, Any, Token | None]:
    """Fetch a token and wake the followers, also when this call is cancelled on the way.

    Ahead of the old token's end there is one attempt in a part of the time, and None where that
    fails: then the old token is used, as long as it is good and has not been refused meanwhile.
    """
    token: Token | None = None
    shared: BlaxelError | None = None
    try:
        if lead.old is None:
            token = yield from _fetch_token(context, deadline, context.retry.max_attempts)
        else:
            now = context.clock()
            share = min((deadline - now) * _EARLY_SHARE, _EARLY_LONGEST)
            token = yield from _fetch_token(context, now + share, 1)
    except BlaxelError as error:
        # That this call's time is over says nothing to the others, who may have more.
        if context.clock() < deadline:
            shared = error
        if lead.old is None:
            raise
    finally:
        context.tokens.land(lead, context.clock(), token, shared)
    return token


def _fetch_token(context: Context, deadline: float, limit: int) -> Generator[Effect, Any, Token]:
    """Ask the token endpoint; its connection failures, 429 and 5xx are tried again."""
    credentials = context.credentials
    assert isinstance(credentials, TokenSource), "others need no token"
    url = context.base_url.copy_with(path=context.base_url.path.rstrip("/") + "/oauth/token")
    number = 0
    while True:
        number += 1
        request = request_of(credentials, url)
        for name, value in context.token_headers.items():
            request.headers.setdefault(name, value)
        started = context.clock()
        until = _end_of_attempt(context, deadline)
        outcome: Outcome = yield Send(request, until, number)
        if isinstance(outcome, Answer) and outcome.is_success and outcome.problem is None:
            token, refresh = _token_of(outcome, started)
            if refresh is not None and isinstance(credentials, RenewableSource):
                context.credentials = credentials.renewed(refresh)
            return token
        failure = judge_token(outcome, _secrets(context, *secrets_in(request)))
        delay = _pause(context, number, limit, failure, deadline)
        if delay is None:
            raise failure.error
        yield Sleep(delay)


def _token_of(answer: Answer, started: float) -> tuple[Token, Secret | None]:
    """Return the access token of an answer, and the refresh token if there is one."""
    body = json_of(answer)
    known = body if isinstance(body, dict) else {}
    token, lifetime = _usable(known.get("access_token")), known.get("expires_in")
    refresh = _usable(known.get("refresh_token"))
    del body, known  # hold secrets that no traceback should show
    if token is not None:
        return Token.of(token, lifetime, started), refresh
    raise ResponseDecodeError(
        "the token endpoint answered without a usable access_token",
        status_code=answer.status_code,
        body="(not shown)",
        accepted=False,
        request_id=request_id(answer),
    )


def _usable(token: Any) -> Secret | None:
    if isinstance(token, str) and token.isascii() and token.isprintable() and token.strip():
        return Secret(token.strip())
    return None
