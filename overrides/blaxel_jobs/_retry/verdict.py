"""What the outcome of a send means: success, or an error and whether to try again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from blaxel_jobs._effects import Answer, Lost, Outcome
from blaxel_jobs._errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BlaxelError,
    ConfigurationError,
    ResponseDecodeError,
    status_error,
)
from blaxel_jobs._retry.backoff import is_retryable, retry_after, says_retryable

__all__ = ["READING", "Failure", "judge", "judge_token", "request_id", "shown"]

_REQUEST_IDS = (
    "x-request-id", "x-blaxel-request-id", "request-id", "x-correlation-id",
    "x-amzn-requestid", "x-amz-request-id", "x-amz-cf-id", "cf-ray", "x-trace-id",
)  # fmt: skip
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that do the same when they are sent twice (RFC 9110, 9.2.2)."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing, so that there is nothing that took place."""
_SHOWN = 2000
"""How many characters of a body an error keeps."""

_TOKEN_ENDPOINT = "the token endpoint"
_NO_ENDPOINT = (404, 405, 410)
"""What a server answers at a path where it has no token endpoint."""


@dataclass(slots=True)
class Failure:
    """An error, whether another attempt is worth it, and how many seconds the server asks for."""

    error: BlaxelError
    again: bool
    wanted: float | None = None


def judge(outcome: Outcome, method: str) -> Failure | None:
    """Return the failure that an operation's outcome is, None where it is a success."""
    repeatable = method in _REPEATABLE
    if isinstance(outcome, Lost):
        again = not outcome.permanent and (repeatable or not outcome.sent)
        return Failure(_connection_error(outcome), again)
    if outcome.is_success:
        if outcome.problem is None:
            return None
        accepted = method not in READING
        unreadable = _unreadable(
            outcome, shown(outcome), "the server", outcome.problem, accepted=accepted
        )
        return Failure(unreadable, again=False)
    content = _without_secrets(outcome)
    body = _parsed(content)
    # What may have been done is not done twice, unless the server says that it was not done.
    refused = outcome.status_code == 429 or says_retryable(body) is True
    again = is_retryable(outcome.status_code, body) and (repeatable or refused)
    error = _status_error(outcome, content, body, status_error(outcome.status_code))
    return Failure(error, again, error.retry_after)


def judge_token(outcome: Outcome) -> Failure:
    """Return the failure that the outcome of a token request without a token is.

    It is never one of the operation's own: a token endpoint that is not found says nothing about
    the execution.
    """
    if isinstance(outcome, Lost):
        return Failure(_connection_error(outcome, "no token: "), again=not outcome.permanent)
    if outcome.is_success:
        problem = outcome.problem or "its body has no usable access_token"
        return Failure(_unreadable(outcome, "(not shown)", _TOKEN_ENDPOINT, problem), again=False)
    content = _without_secrets(outcome)
    body = _parsed(content)
    status = outcome.status_code
    again = is_retryable(status, body)
    kind = status_error(status)
    if 400 <= status <= 499 and status not in (408, 429):
        kind, again = AuthenticationError, False
    error = _status_error(outcome, content, body, kind, _TOKEN_ENDPOINT)
    return Failure(error, again, error.retry_after)


def shown(answer: Answer) -> str:
    """Return the part of a body that an error keeps, as text."""
    return _text(_without_secrets(answer))


def request_id(answer: Answer) -> str | None:
    """Return the server's name for this exchange."""
    return next((_header(answer, name) for name in _REQUEST_IDS if name in answer.headers), None)


def _without_secrets(answer: Answer, content: bytes | None = None) -> bytes:
    """Return a body, or something else of an answer, with each secret of its call masked."""
    found = answer.content if content is None else content
    for secret in answer.secrets:
        found = secret.hide_in(found)
    return found


def _text(content: bytes) -> str:
    return content[: 4 * _SHOWN].decode("utf-8", "replace")[:_SHOWN]


def _header(answer: Answer, name: str) -> str | None:
    value = answer.headers.get(name)
    return None if value is None else _text(_without_secrets(answer, value.encode()))


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _connection_error(lost: Lost, what: str = "") -> BlaxelError:
    if lost.misused:
        return ConfigurationError(what + lost.reason)
    kind = APITimeoutError if lost.timed_out else APIConnectionError
    return kind(what + lost.reason, may_have_been_processed=lost.sent)


def _unreadable(
    answer: Answer, body: str, who: str, problem: str, *, accepted: bool = False
) -> ResponseDecodeError:
    return ResponseDecodeError(
        f"{who} answered {answer.status_code}, but {problem}",
        status_code=answer.status_code,
        body=body,
        accepted=accepted,
        request_id=request_id(answer),
    )


def _status_error(
    answer: Answer, content: bytes, body: Any, kind: type[APIStatusError], who: str = ""
) -> APIStatusError:
    reason, code = _reason_and_code(content, body)
    status = answer.status_code
    message = f"{who or 'the server'} answered {status}"
    if reason:
        message = f"{message}: {reason}" if who else f"{status}: {reason}"
    if who and status in _NO_ENDPOINT:
        message += "; is the base URL right?"
    return kind(
        message,
        status_code=status,
        body=_text(content),
        code=code or _header(answer, "x-blaxel-error-code"),
        request_id=request_id(answer),
        retry_after=retry_after(answer.headers, body),
    )


def _reason_and_code(content: bytes, body: Any) -> tuple[str | None, str | None]:
    """Return the server's words for an error, in any of its shapes, and its code."""
    if not isinstance(body, dict):
        text = body if isinstance(body, str) else content[:200].decode("utf-8", "replace").strip()
        is_text = text and text != "null" and not text.startswith(("<", "{", "["))
        return (text[:200] if is_text else None), None
    error, message = body.get("error"), body.get("message")
    code: Any = None
    if isinstance(error, dict):
        message, code = error.get("message") or message, error.get("code")
    elif message:
        code = error
    else:
        message = error or body.get("detail") or body.get("error_description")
    code = body.get("code") if code is None else code
    return (
        str(message)[:_SHOWN] if isinstance(message, str | int) and message else None,
        str(code) if isinstance(code, str | int) else None,
    )
