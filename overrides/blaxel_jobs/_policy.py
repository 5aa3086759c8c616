"""What one call does: attempts, credentials, waits and verdicts, without any I/O.

`call` is a generator. It yields what is to be done next (`Send`, `Sleep`, `Wait`) and is sent the
`Answer`, or has `Lost` thrown into it where there was none. It returns the answer of success or
raises what the caller sees. `_transport` runs it, in sync and in async code alike, and closes it.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

import httpx

from blaxel_jobs._attempt import Attempt, OnAttempt, tell
from blaxel_jobs._credentials import ApiKey, Credentials
from blaxel_jobs._effects import Answer, Effect, Lost, Send, Sleep, Wait
from blaxel_jobs._errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BlaxelError,
    CancelOutcomeUnknownError,
    ConflictError,
    NotFoundError,
    ResponseDecodeError,
    status_error,
)
from blaxel_jobs._quota import RetryQuota
from blaxel_jobs._retry import RetryPolicy, is_retryable, retry_after
from blaxel_jobs._secret import Secret
from blaxel_jobs._token import Failed, Follow, Lead, Token, Tokens

__all__ = ["Context", "call"]

_REQUEST_IDS = ("x-request-id", "x-blaxel-request-id", "request-id", "x-amzn-requestid", "cf-ray")
_SHOWN = 2000
"""How many characters of a body an error keeps."""
_EARLY_SHARE = 0.25
"""The share of a call's time that renewing a token ahead of its end may take."""


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


@dataclass(slots=True)
class _History:
    """What happened to the earlier attempts of one call."""

    may_have_been_processed: bool = False
    denied: bool = False
    """The operation itself, not the token endpoint, was answered with 404 or 409."""


_Steps: TypeAlias = Generator[Effect, Any, Answer]


def call(context: Context, request: httpx.Request, deadline: float) -> _Steps:
    """Carry out one operation within the deadline (monotonic seconds).

    An answer that was lost may have cancelled the execution, so a later 404 or 409 proves nothing:
    then the execution is read back, and one that is cancelling or cancelled is the answer.
    """
    history = _History()
    try:
        return (yield from _attempts(context, request, deadline, history))
    except (NotFoundError, ConflictError):
        doubtful = history.may_have_been_processed and history.denied
        if request.method != "DELETE" or not doubtful:
            raise
        verdict = yield from _read_back(context, request, deadline)
        if verdict is None:
            raise
        return verdict


def _read_back(
    context: Context, cancel: httpx.Request, deadline: float
) -> Generator[Effect, Any, Answer | None]:
    """Return the execution where it is cancelling or cancelled, None where it is not."""
    request = httpx.Request("GET", cancel.url, headers=cancel.headers)
    try:
        answer = yield from _attempts(context, request, deadline, _History())
        status = _json(answer).get("status")
    except NotFoundError:
        return None
    except (BlaxelError, AttributeError) as error:
        raise CancelOutcomeUnknownError(
            "an earlier answer to the cancel was lost, a later one denies the execution, and its "
            f"state could not be read: {error}"
        ) from None
    return answer if status in ("cancelling", "cancelled") else None


def _attempts(
    context: Context, request: httpx.Request, deadline: float, history: _History
) -> _Steps:
    """Send until there is a success, nothing left to try, or no time."""
    replayed = False
    attempt = 0
    while True:
        attempt += 1
        try:
            used = yield from _authorize(context, request, deadline)
        except APIConnectionError as error:
            # A lost token request says nothing about the operation; its own earlier attempts do.
            error.may_have_been_processed = history.may_have_been_processed
            raise
        wanted: float | None = None
        failure: BlaxelError
        answer: Answer | None = None
        started = context.clock()
        try:
            answer = yield Send(request, deadline)
        except Lost as lost:
            history.may_have_been_processed |= lost.sent
            again = context.clock() < deadline
            failure = _connection_error(lost, history)
        else:
            assert answer is not None, "the driver sends an answer or throws Lost"
            if 200 <= answer.status_code < 300:
                context.quota.refill()
                _tell(context, request, attempt, started, answer, None, None)
                return answer
            failure = _status_error(answer)
            history.denied = isinstance(failure, NotFoundError | ConflictError)
            wanted = failure.retry_after
            again = is_retryable(answer.status_code, _json(answer))
            refused = answer.status_code == 401 and not replayed
            if refused and used is not None and attempt < context.retry.max_attempts:
                context.tokens.forget(used)
                replayed = True
                _tell(context, request, attempt, started, answer, failure, 0.0)
                continue
            if again and answer.status_code >= 500:
                history.may_have_been_processed = True
        again = again and attempt < context.retry.max_attempts
        delay = _delay(context, attempt, wanted, deadline) if again else None
        _tell(context, request, attempt, started, answer, failure, delay)
        if delay is None:
            raise failure from None
        yield Sleep(delay)


def _delay(context: Context, attempt: int, wanted: float | None, deadline: float) -> float | None:
    """Return the seconds to the next attempt, None where there is no time or quota for one."""
    delay = context.retry.delay(attempt, wanted)
    if context.clock() + delay >= deadline or not context.quota.spend():
        return None
    return delay


def _tell(
    context: Context,
    request: httpx.Request,
    number: int,
    started: float,
    answer: Answer | None,
    failure: BlaxelError | None,
    wait: float | None,
) -> None:
    attempt = Attempt(
        number=number,
        method=request.method,
        status_code=answer.status_code if answer else None,
        error=type(failure).__name__ if failure else None,
        elapsed=context.clock() - started,
        wait=wait,
        request_id=_request_id(answer) if answer else None,
    )
    tell(attempt, context.on_attempt)


def _authorize(
    context: Context, request: httpx.Request, deadline: float
) -> Generator[Effect, Any, Secret | None]:
    """Stamp the request; return the token that was used, None for an API key."""
    if isinstance(context.credentials, ApiKey):
        secret, used = context.credentials.secret, None
    else:
        token = yield from _token(context, deadline)
        secret = used = token.secret
    request.headers["Authorization"] = f"Bearer {secret.reveal()}"
    return used


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
                if flight.error is not None:
                    _raise_copy(flight.error)
                if context.clock() >= deadline:
                    raise APITimeoutError(
                        "the call ran out of time, waiting for a token",
                        may_have_been_processed=False,
                    )


def _raise_copy(error: BlaxelError) -> NoReturn:
    """Raise a failure of another call: a copy, since a traceback belongs to one thread."""
    raise copy.copy(error) from None


def _lead(context: Context, lead: Lead, deadline: float) -> Generator[Effect, Any, Token | None]:
    """Fetch a token and wake the followers, also when this call is cancelled on the way.

    Ahead of the old token's end there is one attempt in a part of the time, and the old one where
    that fails; None where the old one has been refused meanwhile.
    """
    token: Token | None = None
    shared: BlaxelError | None = None
    try:
        if lead.old is None:
            token = yield from _fetch_token(context, deadline, context.retry.max_attempts)
        else:
            now = context.clock()
            token = yield from _fetch_token(context, now + (deadline - now) * _EARLY_SHARE, 1)
    except BlaxelError as error:
        # That this call's time is over says nothing to the others, who may have more.
        if context.clock() < deadline:
            shared = error
        if lead.old is None:
            raise
    finally:
        context.tokens.land(lead, context.clock(), token, shared)
    if token is None and lead.old is not None and context.tokens.holds(lead.old):
        return lead.old
    return token


def _fetch_token(context: Context, deadline: float, attempts: int) -> Generator[Effect, Any, Token]:
    """Ask the token endpoint; its connection failures, 429 and 5xx are tried again."""
    assert not isinstance(context.credentials, ApiKey)
    url = context.base_url.copy_with(path=context.base_url.path.rstrip("/") + "/oauth/token")
    basic = httpx.BasicAuth(context.credentials.client_id, context.credentials.secret.reveal())
    attempt = 0
    while True:
        attempt += 1
        request = httpx.Request("POST", url, json={"grant_type": "client_credentials"})
        request = next(basic.auth_flow(request))
        wanted: float | None = None
        failure: BlaxelError
        started = context.clock()
        try:
            answer: Answer = yield Send(request, deadline)
        except Lost as lost:
            failure = _connection_error(lost, _History())
            again = context.clock() < deadline
        else:
            if 200 <= answer.status_code < 300:
                return _token_of(answer, started)
            if answer.status_code in (400, 401):
                raise _status_error(answer, AuthenticationError)
            failure = _status_error(answer)
            wanted = failure.retry_after
            again = is_retryable(answer.status_code, _json(answer))
        again = again and attempt < attempts
        delay = _delay(context, attempt, wanted, deadline) if again else None
        if delay is None:
            raise failure from None
        yield Sleep(delay)


def _token_of(answer: Answer, started: float) -> Token:
    body = _json(answer)
    known = body if isinstance(body, dict) else {}
    token, lifetime = known.get("access_token"), known.get("expires_in")
    del body, known  # may hold a refresh token, which no traceback should show
    if not isinstance(token, str) or not token.strip():
        raise ResponseDecodeError(
            "the token endpoint answered without a usable access_token",
            status_code=answer.status_code, body="(not shown)", accepted=False,
        )  # fmt: skip
    return Token.of(Secret(token.strip()), lifetime, started)


def _connection_error(lost: Lost, history: _History) -> APIConnectionError:
    kind = APITimeoutError if lost.timed_out else APIConnectionError
    return kind(lost.reason, may_have_been_processed=lost.sent or history.may_have_been_processed)


def _status_error(answer: Answer, kind: type[APIStatusError] | None = None) -> APIStatusError:
    body = _json(answer)
    error = body.get("error") if isinstance(body, dict) else None
    said = code = None
    if isinstance(error, dict):
        said, code = error.get("message"), error.get("code")
    elif isinstance(body, dict):
        said, code = body.get("message") or error, error if body.get("message") else None
    text = answer.content[: 4 * _SHOWN].decode("utf-8", "replace")[:_SHOWN]
    message = (
        f"{answer.status_code}: {said}" if said else f"the server answered {answer.status_code}"
    )
    return (kind or status_error(answer.status_code))(
        message,
        status_code=answer.status_code,
        body=text,
        code=None if code is None else str(code),
        request_id=_request_id(answer),
        retry_after=retry_after(answer.headers, body),
    )


def _request_id(answer: Answer) -> str | None:
    return next((answer.headers[k] for k in _REQUEST_IDS if k in answer.headers), None)


def _json(answer: Answer) -> Any:
    """Return the body as JSON, {} where it is not."""
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
