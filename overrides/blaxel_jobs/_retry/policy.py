"""What one call does: attempts, credentials, waits and verdicts, without any I/O.

`call` is a generator. It yields what is to be done next (`Send`, `Sleep`, `Wait`) and is sent what
came of a `Send`: an `Answer`, or `Lost` where there was none. It returns the answer of success or
raises what the caller sees. The drivers run it, in sync and async code alike, and close it.
"""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from blaxel_jobs._auth.credentials import (
    Credentials,
    KeySource,
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
    APITimeoutError,
    BlaxelError,
    CancelOutcomeUnknownError,
    CancelOutcomeUnknownTimeoutError,
    ConfigurationError,
    ConflictError,
    NotFoundError,
    ResponseDecodeError,
)
from blaxel_jobs._http import httpx
from blaxel_jobs._retry.attempt import Attempt, OnAttempt, Purpose, is_listened_to, report
from blaxel_jobs._retry.backoff import RetryPolicy
from blaxel_jobs._retry.execution import described, named_in, names_another, status_in
from blaxel_jobs._retry.quota import RetryQuota
from blaxel_jobs._retry.request import OperationRequest
from blaxel_jobs._retry.verdict import Failure, judge, judge_token, request_id, shown

__all__ = ["Context", "call"]

_EARLY_SHARE, _EARLY_LONGEST = 0.25, 5.0
"""The share of a call's time, and the seconds, that renewing a token ahead of its end may take."""
_LOOK_AGAIN = 0.05
"""Seconds after which a call looks for the token that another event loop is fetching."""
_REQUEST_ID, _ATTEMPT = "X-Request-Id", "X-Attempt-Count"
"""Headers by which the server's side can find each send: ours, unless the caller has set them."""


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
    secrets: tuple[Secret, ...] = ()
    """Those of the last token request and its answer."""
    closed: bool = False

    def after_fork(self) -> None:
        """Forget what threads of the parent were doing."""
        self.tokens.after_fork()
        self.quota.after_fork()


@dataclass(slots=True)
class _Call:
    """One call: its limits, and what has become of it so far."""

    context: Context
    deadline: float
    began: float
    id: str = field(default_factory=lambda: os.urandom(16).hex())
    sends: int = 0
    doubt: bool = False
    """Whether an attempt that did not succeed may have done its work nevertheless."""
    renewed: bool = False
    """Whether its token is as new as the call: after a 401 another would be of no use."""

    @property
    def left(self) -> float:
        """Return the seconds that are left."""
        return self.deadline - self.context.clock()

    def note(self, outcome: Outcome, error: BlaxelError) -> None:
        """Record whether a failed attempt may have done its work nevertheless."""
        if isinstance(outcome, Lost):
            self.doubt |= outcome.sent
        else:
            # A gateway gives up on a server that may have done its work nevertheless.
            self.doubt |= outcome.status_code == 408 or outcome.status_code >= 500
        error.may_have_been_processed = self.doubt or error.accepted

    def labels(self, number: int) -> dict[str, str]:
        """Return the headers that identify the next send."""
        self.sends += 1
        return {_REQUEST_ID: f"{self.id}-{self.sends}", _ATTEMPT: str(number)}


_Steps: TypeAlias = Generator[Effect, Any, Answer]


def call(context: Context, request: OperationRequest, deadline: float) -> _Steps:
    """Carry out one operation within the deadline (monotonic seconds).

    An answer that was lost may have cancelled the execution, so a later 404 or 409 proves nothing:
    then the execution is read back, and one that is cancelling or cancelled is the answer.
    """
    this = _Call(context, deadline, context.clock())
    if request.expects is None:
        return (yield from _attempts(this, request))
    if request.method == "GET":
        return (yield from _read(this, request))
    try:
        answer = yield from _attempts(this, request)
    except (NotFoundError, ConflictError) as error:
        if not this.doubt:
            raise
        denial = error
    else:
        if not names_another(answer, request.expects):
            return answer
        return (yield from _read_after_another(this, request, answer))
    lost = "an earlier answer to the cancel was lost, a later one denies the execution"
    found = yield from _read_back(this, request, lost)
    if found is None or status_in(found) not in _ENDING:
        raise denial
    return found


def _read(this: _Call, request: OperationRequest, purpose: Purpose = "operation") -> _Steps:
    """Return the execution that was asked for.

    Another one belongs to another request, unless the server names it so twice: connections that
    two processes share, or a proxy that mixes answers up.
    """
    answer = yield from _attempts(this, request, purpose)
    if not names_another(answer, request.expects):
        return answer
    again = yield from _attempts(this, request, purpose, fresh=True)
    if not names_another(again, request.expects) or named_in(again) == named_in(answer):
        return again
    raise ResponseDecodeError(
        f"the server answered {again.status_code}, but with other executions than the one that "
        f"was asked for: {named_in(answer)!r:.80}, then {named_in(again)!r:.80}",
        status_code=again.status_code,
        body=shown(again),
        accepted=False,
        request_id=request_id(again),
    )


def _read_after_another(this: _Call, cancel: OperationRequest, answer: Answer) -> _Steps:
    """Return the execution after its cancel was answered with another one."""
    why = f"the cancel was answered with another execution, {named_in(answer)!r:.80}"
    found = yield from _read_back(this, cancel, why, fresh=True)
    if found is not None and named_in(found) == named_in(answer):
        return answer  # the server names it so
    if found is None or names_another(found, cancel.expects) or status_in(found) not in _ENDING:
        raise CancelOutcomeUnknownError(f"{why}, and reading it does not show that it took place")
    return found


_ENDING = ("cancelling", "cancelled")


def _read_back(
    this: _Call, cancel: OperationRequest, why: str, *, fresh: bool = False
) -> Generator[Effect, Any, Answer | None]:
    """Return the execution whose cancel left a doubt, None where there is none.

    Raises CancelOutcomeUnknownError where it cannot be read. `fresh`: on a connection of its own,
    whatever execution is named there.
    """
    request = cancel.read_back()
    kind = CancelOutcomeUnknownError
    try:
        if fresh:
            answer = yield from _attempts(this, request, "read-back", fresh=True)
        else:
            answer = yield from _read(this, request, "read-back")
    except NotFoundError:
        return None
    except BlaxelError as error:
        reason = error.message
        if isinstance(error, APITimeoutError):
            kind = CancelOutcomeUnknownTimeoutError
    else:
        if status_in(answer) is not None:
            return answer
        reason = "the answer is not an execution"
    raise kind(f"{why}, and its state could not be read: {reason}")


def _attempts(
    this: _Call, request: OperationRequest, purpose: Purpose = "operation", *, fresh: bool = False
) -> _Steps:
    """Send until there is a success, nothing left to try, or no time."""
    context = this.context
    limit = context.retry.max_attempts
    number = 0
    replayed = False
    while True:
        number += 1
        try:
            bearer, token = None, None
            if request.is_own and knows_token(context.credentials):
                bearer = _bearer(context.credentials)
            elif request.is_own:
                bearer = token = (yield from _token(this)).secret
        except BlaxelError as error:
            # A failure to get a token does not say anything about the operation.
            error.may_have_been_processed = this.doubt
            if isinstance(error, APIConnectionError):
                error.amend(f"{error.message}; it was for the {described(request)}")
            raise
        started = context.clock()
        stamped = request.stamped(bearer, this.labels(number))
        until = _end_of_attempt(context, this.deadline)
        outcome: Outcome = yield Send(stamped, until, number, request.expects, fresh, this.began)
        if isinstance(outcome, Answer):
            outcome.secrets = context.secrets if bearer is None else (*context.secrets, bearer)
        failure = judge(outcome, request.method)
        delay: float | None = None
        if failure is not None:
            this.note(outcome, failure.error)
            delay, _ = _pause(context, number, limit, failure, this.deadline)
            if token is not None and isinstance(outcome, Answer) and outcome.status_code == 401:
                context.tokens.forget(token)
                if not (replayed or this.renewed or context.closed) and number < limit:
                    replayed, delay = True, 0.0  # with a new token, at once
        _conclude(context, stamped, number, started, outcome, failure, delay, purpose)
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


def _pause(
    context: Context, number: int, limit: int, failure: Failure, deadline: float
) -> tuple[float | None, bool]:
    """Return the seconds to the next attempt, None where there is none; True where it is too late.

    Too late: with more time there would have been one.
    """
    if not failure.again or number >= limit or context.closed:
        return None, False
    delay = context.retry.delay(number, failure.wanted)
    now = context.clock()
    if now + delay >= deadline:
        return None, True
    return (delay if context.quota.spend(now) else None), False


def _conclude(
    context: Context,
    sent: httpx.Request,
    number: int,
    started: float,
    outcome: Outcome,
    failure: Failure | None,
    wait: float | None,
    purpose: Purpose,
) -> None:
    """Say what came of a send: in its error, and to whoever listens."""
    error = None if failure is None else failure.error
    if isinstance(error, APIConnectionError):
        error.request_id = sent.headers.get(_REQUEST_ID)
    if not is_listened_to(context.on_attempt):
        return
    answer = outcome if isinstance(outcome, Answer) else None
    attempt = Attempt(
        number=number,
        method=sent.method,
        status_code=answer.status_code if answer else None,
        error=type(error).__name__ if error else None,
        elapsed=context.clock() - started,
        wait=wait,
        request_id=request_id(answer) if answer else None,
        client_request_id=sent.headers.get(_REQUEST_ID),
        purpose=purpose,
    )
    report(attempt, context.on_attempt)


def _bearer(credentials: KeySource) -> Secret:
    """Return the bearer to send."""
    try:
        return bearer_of(credentials)
    except ConfigurationError:
        raise
    except Exception as error:
        raise _raised("bearer()", error) from error


def _raised(what: str, error: Exception) -> ConfigurationError:
    """Return the error for credentials that fail; theirs may quote anything, so it is its cause."""
    return ConfigurationError(f"{what} of the credentials raised {type(error).__name__}")


def _token(this: _Call) -> Generator[Effect, Any, Token]:
    """Return the client's token: the one there is, another call's, or one fetched here."""
    tokens, clock = this.context.tokens, this.context.clock
    while True:
        token: Token | None = None
        match tokens.look(clock(), this.deadline):
            case Token() as token:
                this.renewed |= token.asked_at >= this.began
                return token
            case Lead() as lead:
                token = yield from _lead(this, lead)
                if token is None:
                    continue  # the old one serves
                this.renewed = True
                return token
            case Failed(error):
                raise copy.copy(error)  # since a traceback belongs to one thread
            case Follow(flight):
                yield Wait(flight.landed, min(this.deadline, flight.until))
                if flight.token is not None:
                    this.renewed = True
                    return flight.token
                if flight.error is not None:
                    raise copy.copy(flight.error)
            case _:
                yield Sleep(max(0.0, min(_LOOK_AGAIN, this.left)))
        if this.left <= 0:
            seconds = this.context.clock() - this.began
            message = (
                f"no token: timed out after {seconds:.1f} s waiting for another call to get it"
            )
            raise APITimeoutError(message, may_have_been_processed=False)


@dataclass(slots=True)
class _NoToken:
    """Why there is no token; `final` where a call with more time would have none, either."""

    error: BlaxelError
    final: bool


def _lead(this: _Call, lead: Lead) -> Generator[Effect, Any, Token | None]:
    """Fetch a token and wake the followers, also when this call is cancelled on the way.

    Ahead of the old token's end there is one attempt in a part of the time, and None where that
    fails: then the old token is used, as long as it is good and has not been refused meanwhile.
    """
    context = this.context
    found: Token | _NoToken | None = None
    try:
        if lead.old is None:
            found = yield from _fetch_token(this, this.deadline, context.retry.max_attempts)
        else:
            share = min(this.left * _EARLY_SHARE, _EARLY_LONGEST)
            found = yield from _fetch_token(this, context.clock() + share, 1)
    finally:
        token = found if isinstance(found, Token) else None
        final = found.error if isinstance(found, _NoToken) and found.final else None
        context.tokens.land(lead, context.clock(), token, final)
    if lead.old is None and isinstance(found, _NoToken):
        raise copy.copy(found.error) from found.error.__cause__  # the others have the same
    return token


def _fetch_token(
    this: _Call, deadline: float, limit: int
) -> Generator[Effect, Any, Token | _NoToken]:
    """Ask the token endpoint; its connection failures, 429 and 5xx are tried again."""
    context = this.context
    url = context.base_url.copy_with(path=context.base_url.path.rstrip("/") + "/oauth/token")
    number = 0
    while True:
        number += 1
        credentials = context.credentials  # a signal handler may have renewed them
        assert isinstance(credentials, TokenSource), "others need no token"
        try:
            request = request_of(credentials, url)
        except ConfigurationError as error:
            return _NoToken(error, final=True)
        except Exception as error:
            problem = _raised("token_request()", error)
            problem.__cause__ = error
            return _NoToken(problem, final=True)
        context.secrets = secrets_in(request)
        for name, value in {**context.token_headers, **this.labels(number)}.items():
            request.headers.setdefault(name, value)
        started = context.clock()
        until = _end_of_attempt(context, deadline)
        outcome: Outcome = yield Send(request, until, number, began=this.began)
        token, refresh = _tokens_of(outcome, started)
        if refresh is not None:
            context.secrets += (refresh,)
        if token is not None:
            _conclude(context, request, number, started, outcome, None, None, "token")
            if refresh is not None and isinstance(credentials, RenewableSource):
                context.credentials = credentials.renewed(refresh)
            return token
        if isinstance(outcome, Answer):
            outcome.secrets = context.secrets
        failure = judge_token(outcome)
        delay, late = _pause(context, number, limit, failure, deadline)
        _conclude(context, request, number, started, outcome, failure, delay, "token")
        if delay is None:
            late |= isinstance(failure.error, APITimeoutError) and until >= deadline
            return _NoToken(failure.error, final=not late)
        yield Sleep(delay)


def _tokens_of(outcome: Outcome, started: float) -> tuple[Token | None, Secret | None]:
    """Return the access token of an answer and its refresh token, as far as there are."""
    if not isinstance(outcome, Answer) or not outcome.is_success or outcome.problem is not None:
        return None, None
    if outcome.is_long:  # no token is; reading it would hold up an event loop
        outcome.problem = "its body is too long for a token"
        return None, None
    body = outcome.json
    known = body if isinstance(body, dict) else {}
    token, lifetime = _usable(known.get("access_token")), known.get("expires_in")
    refresh = _usable(known.get("refresh_token"))
    return (Token.of(token, lifetime, started) if token else None), refresh


def _usable(token: Any) -> Secret | None:
    if isinstance(token, str) and token.isascii() and token.isprintable() and token.strip():
        return Secret(token.strip())
    return None
