"""What the sync and the async driver have in common: an attempt's beginning, and its end."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from typing import Any

from blaxel_jobs._effects import Lost, Send
from blaxel_jobs._http import httpx
from blaxel_jobs._http.mixture import is_foreign, name_of, remedy_for
from blaxel_jobs._network.attempt import WatchedAttempt
from blaxel_jobs._network.latch import Latch
from blaxel_jobs._retry.execution import described

__all__ = ["NO_ANSWER", "limits_of", "lost", "no_response", "not_sent", "unforeseen"]

NO_ANSWER = (OSError, httpx.RequestError, UnicodeError)
"""What transports raise where there is no answer: TimeoutError is an OSError, UnicodeError what
asyncio says of a host that is none."""
_NOT_SENT = (
    httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError,
    httpx.UnsupportedProtocol, UnicodeError,
)  # fmt: skip
_PERMANENT = (httpx.UnsupportedProtocol, UnicodeError)


def not_sent(send: Send, closing: Latch) -> Lost | None:
    """Return the outcome of an attempt for which no time is left, or whose client is closed."""
    if closing.is_set:
        reason = f"the client was closed, so this was not sent: {described(send.request)}"
        return Lost(reason, sent=False, timed_out=False, permanent=True)
    now = time.monotonic()
    if now < send.deadline:
        return None
    seconds, what = now - send.began, described(send.request)
    reason = f"timed out after {seconds:.1f} s, before attempt {send.number} was sent: {what}"
    return Lost(reason, sent=False, timed_out=True)


def limits_of(send: Send) -> dict[str, Any]:
    """Return the request's extensions: httpx's timeouts get what is left.

    They serve transports that know no deadline.
    """
    left = send.deadline - time.monotonic()
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), max(left, 0.001))
    return {**send.request.extensions, "timeout": timeout}


def lost(error: Exception, attempt: WatchedAttempt, request: httpx.Request) -> Lost:
    """Return what is known of an attempt that ended in this error.

    What our own network saw is so. Where it saw nothing of the attempt, which a mock or another
    transport may have sent by other means, the kind of error decides.
    """
    sent = attempt.sent or not (attempt.seen or isinstance(error, _NOT_SENT))
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        seconds = time.monotonic() - attempt.started
        outcome = "" if sent else ", so nothing was sent"
        reason = f"timed out after {seconds:.1f} s {attempt.phase}{outcome}: {described(request)}"
        return Lost(reason, sent=sent, timed_out=True)
    if attempt.closing is not None and attempt.closing.is_set:
        # What the network says of a connection that is closed under its eyes is anything.
        outcome = f"while {attempt.phase}" if sent else "before anything was sent"
        reason = f"the client was closed {outcome}: {described(request)}"
        return Lost(reason, sent=sent, timed_out=False, permanent=True)
    chain = list(_chain(error))
    # With trio the outer errors have no message.
    reason = next((str(each) for each in chain if str(each)), type(error).__name__)
    if isinstance(error, httpx.LocalProtocolError):  # repeats headers
        reason = "the request cannot be sent over HTTP"
    refused = any(isinstance(each, ssl.SSLCertVerificationError) for each in chain)
    permanent = refused or isinstance(error, _PERMANENT)
    return Lost(f"no response: {reason}", sent=sent, timed_out=False, permanent=permanent)


def no_response(returned: object) -> Lost:
    """Return what comes of an attempt that a mock, or a transport of another library, answered."""
    reason = f"no response: what came back is {name_of(returned)}, not {httpx.__name__}.Response"
    return Lost(
        reason + remedy_for(returned),
        sent=True, timed_out=False, permanent=True, misused=is_foreign(returned),
    )  # fmt: skip


def unforeseen(
    error: Exception, attempt: WatchedAttempt, request: httpx.Request, closing: Latch
) -> Lost | None:
    """Return what is known of an attempt that ended in an error that no transport should raise.

    None where it is somebody's own: they get it as it is.
    """
    if is_foreign(error):
        reason = f"the transport raised {name_of(error)}{remedy_for(error)}"
        return Lost(reason, sent=True, timed_out=False, permanent=True, misused=True)
    # httpx's client raises this where it has just been closed.
    if isinstance(error, RuntimeError) and closing.is_set and not attempt.sent:
        return lost(httpx.ConnectError(str(error)), attempt, request)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
