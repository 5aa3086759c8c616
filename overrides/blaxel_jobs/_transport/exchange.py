"""What the sync and the async driver have in common: an attempt's beginning, and its end."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from typing import Any, TypeVar

import httpx

from blaxel_jobs._effects import Answer, Lost, Send
from blaxel_jobs._transport.network import WatchedAttempt

__all__ = ["NO_ANSWER", "limits_of", "lost", "out_of_time", "response_of", "streamed"]

_Stream = TypeVar("_Stream", httpx.SyncByteStream, httpx.AsyncByteStream)

NO_ANSWER = (OSError, httpx.RequestError)
"""What transports raise where there is no answer; TimeoutError is an OSError."""
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def out_of_time(send: Send) -> Lost | None:
    """Return what comes of an attempt for which there is no time left."""
    if time.monotonic() < send.deadline:
        return None
    return Lost("the call ran out of time", sent=False, timed_out=True)


def limits_of(send: Send) -> dict[str, Any]:
    """Return the request's extensions: httpx's timeouts get what is left.

    They serve transports that know no deadline.
    """
    left = send.deadline - time.monotonic()
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), max(left, 0.001))
    return {**send.request.extensions, "timeout": timeout}


def lost(error: Exception, attempt: WatchedAttempt, *, watched: bool) -> Lost:
    """Return what is known of an attempt that ended in this error."""
    sent = not isinstance(error, _NOT_SENT) and (attempt.sent or not watched)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return Lost("the call ran out of time", sent=sent, timed_out=True)
    chain = list(_chain(error))
    # With trio the outer errors are mute.
    reason = next((str(each) for each in chain if str(each)), type(error).__name__)
    refused = any(isinstance(each, ssl.SSLCertVerificationError) for each in chain)
    return Lost(f"no response: {reason}", sent=sent, timed_out=False, lasting=refused)


def _chain(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def streamed(response: httpx.Response, kind: type[_Stream]) -> _Stream:
    """Return the body's stream; httpx's `iter_raw` gives the same chunks with a tenth of the call.

    It is on top of counting and regrouping that nobody asks for here.
    """
    assert isinstance(response.stream, kind), "a sync transport answers with a sync stream"
    return response.stream


def response_of(answer: Answer, request: httpx.Request) -> httpx.Response:
    """Return an answer as the response that generated code reads, its content decoded."""
    headers = [
        (name, value)
        for name, value in answer.headers.multi_items()
        if name.lower() not in ("content-encoding", "content-length", "transfer-encoding")
    ]
    return httpx.Response(
        answer.status_code, headers=headers, content=answer.content, request=request
    )
