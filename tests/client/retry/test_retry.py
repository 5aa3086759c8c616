"""When to try again, and after how long."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from blaxel_jobs import (
    ApiKey,
    APIStatusError,
    ConfigurationError,
    JobsClient,
    RateLimitError,
    RetryPolicy,
    ServerError,
)
from blaxel_jobs._retry.backoff import is_retryable, retry_after
from tests.client.conftest import Caller
from tests.client.fault_server import answer, execution, serving


@pytest.mark.parametrize(
    ("attempt", "share", "delay"),
    [(1, 1.0, 0.5), (1, 0.5, 0.25), (2, 1.0, 1.0), (3, 1.0, 2.0), (5, 1.0, 8.0), (9, 1.0, 8.0)],
)
def test_delay(attempt: int, share: float, delay: float) -> None:
    """Delays double from `initial_delay` to `max_delay`, and a random share of them is waited."""
    policy = RetryPolicy(initial_delay=0.5, max_delay=8.0, random=lambda: share)
    assert policy.delay(attempt, None) == delay


def test_delay_of_a_late_attempt() -> None:
    """The number of attempts overflows nothing."""
    assert RetryPolicy(random=lambda: 1.0).delay(10**6, None) == 8.0


@pytest.mark.parametrize(("wanted", "delay"), [(3.0, 3.0), (0.1, 0.5), (20.0, 20.0), (None, 0.5)])
def test_server_is_not_undercut(wanted: float | None, delay: float) -> None:
    """What the server asks for is waited at least, beyond `max_delay`, too."""
    assert RetryPolicy(random=lambda: 1.0).delay(1, wanted) == delay


@pytest.mark.parametrize(
    "options",
    [
        {"max_attempts": 0},
        {"max_attempts": True},
        {"max_attempts": 2.0},
        {"initial_delay": -1},
        {"initial_delay": float("nan")},
        {"max_delay": float("inf")},
        {"max_delay": -0.1},
        {"attempt_timeout": 0},
        {"attempt_timeout": -1},
        {"attempt_timeout": float("inf")},
        {"attempt_timeout": "10"},
        {"initial_delay": None},
        {"random": 0.5},
    ],
)
def test_unusable_policy(options: dict[str, object]) -> None:
    """A policy that makes no sense is refused, by name."""
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        RetryPolicy(**options)  # type: ignore[arg-type]


def test_defaults() -> None:
    """The defaults, as they are printed; they stay as they are."""
    policy = RetryPolicy()
    assert repr(policy) == (
        "RetryPolicy(max_attempts=4, initial_delay=0.5, max_delay=8.0, attempt_timeout=10.0)"
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        policy.max_attempts = 5  # type: ignore[misc]


def test_usable_policy() -> None:
    """A policy that makes sense is kept as it is."""
    policy = RetryPolicy(1, 0.1, 2, attempt_timeout=0.2)
    assert (policy.max_attempts, policy.initial_delay, policy.max_delay) == (1, 0.1, 2)
    assert policy.attempt_timeout == 0.2


def test_no_delay() -> None:
    """A policy without delays is possible."""
    assert RetryPolicy(initial_delay=0, max_delay=0).delay(3, None) == 0


RETRYABLE = {408, 429, 500, 502, 503, 504, *range(520, 530)}


def test_statuses() -> None:
    """Exactly these statuses are worth another attempt."""
    assert {status for status in range(300, 600) if is_retryable(status, None)} == RETRYABLE


@pytest.mark.parametrize("retryable", [True, False])
@pytest.mark.parametrize("status", [400, 404, 409, 503])
@pytest.mark.parametrize("nested", [True, False])
def test_body_decides(status: int, retryable: bool, nested: bool) -> None:
    """What the body says of itself counts, wherever it says so."""
    body = (
        {"error": {"retryable": retryable}} if nested else {"retryable": retryable, "error": "text"}
    )
    assert is_retryable(status, body) is retryable


@pytest.mark.parametrize("body", [{"retryable": "yes"}, {"error": {"retryable": 1}}, [], "true"])
def test_body_that_says_nothing(body: object) -> None:
    """A `retryable` that is no boolean says nothing."""
    assert is_retryable(503, body)
    assert not is_retryable(404, body)


@pytest.mark.parametrize(
    ("header", "body", "seconds"),
    [
        ("7", None, 7.0),
        ("1.5", None, 1.5),
        (None, {"retry_after": 3}, 3.0),
        (None, {"retry_after": "3"}, 3.0),
        (None, {"error": {"retry_after": 4}}, 4.0),
        ("2", {"retry_after": 9}, 9.0),
        ("9", {"retry_after": 2}, 9.0),
        ("nonsense", {"retry_after": 2}, 2.0),
        ("-5", None, 0.0),
        ("inf", None, 86400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None, 86400.0),
        (None, None, None),
        ("nonsense", None, None),
        ("", {}, None),
        ("nan", {"retry_after": float("nan")}, None),
        (None, {"retry_after": True}, None),
        (None, {"retry_after": [1]}, None),
        (None, {"retry_after": 10**400}, None),
        (None, [], None),
    ],
)
def test_retry_after(header: str | None, body: object, seconds: float | None) -> None:
    """The server's wish, in header or body; the longer one, and nothing for nonsense."""
    headers = {} if header is None else {"retry-after": header}
    assert retry_after(headers, body) == seconds


@pytest.mark.parametrize("zone", ["GMT", "-0000", "+0200"])
def test_retry_after_a_date(zone: str) -> None:
    """A date is the time until then."""
    at = datetime.now(UTC) + timedelta(seconds=90)
    if zone == "+0200":
        at += timedelta(hours=2)
    text = at.strftime("%a, %d %b %Y %H:%M:%S ") + zone
    seconds = retry_after({"retry-after": text}, None)
    assert seconds is not None
    assert 30 < seconds <= 90  # a busy machine may be late; a wrong zone is off by hours


def test_retry_after_a_past_date() -> None:
    """A date in the past is no wait."""
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, None) == 0.0


def test_server_is_waited_for(call: Caller) -> None:
    """A call waits as long as the server asks."""
    with serving(answer(429, Retry_After="0.4"), execution()) as server:
        started = time.monotonic()
        assert call(server.url, "cancel", "job", "exec", timeout=20)
        assert time.monotonic() - started >= 0.4


@pytest.mark.parametrize("body", [{"retry_after": 60}, {"error": {"retry_after": 60}}])
def test_no_time_to_wait(call: Caller, body: object) -> None:
    """A wait that does not fit into the timeout is an error at once, with what was asked."""
    with serving(answer(503, body)) as server:
        started = time.monotonic()
        with pytest.raises(ServerError) as caught:
            call(server.url, "cancel", "job", "exec", timeout=50)
        assert time.monotonic() - started < 40
        assert len(server.seen) == 1
    assert caught.value.retry_after == 60


@pytest.mark.parametrize(
    ("content", "headers", "message", "code"),
    [
        (b'{"error": "E", "message": "words", "code": 429}', {}, "429: words", "E"),
        (b'{"error": "words"}', {}, "429: words", None),
        (b'{"error": {"code": "C", "message": "words"}}', {}, "429: words", "C"),
        (b'{"message": "words", "code": 7}', {}, "429: words", "7"),
        (b'{"error": "e", "error_description": "words"}', {}, "429: e", None),
        (b'{"detail": "words"}', {}, "429: words", None),
        (b'{"error_description": "words"}', {}, "429: words", None),
        (b"plain words", {}, "429: plain words", None),
        (b"a few words", {}, "429: a few words", None),
        (b"<html>no</html>", {}, "the server answered 429", None),
        (b"", {"x-blaxel-error-code": "HC"}, "the server answered 429", "HC"),
        (b'{"error": {"message": ["odd"]}}', {}, "the server answered 429", None),
        (b"[1]", {}, "the server answered 429", None),
        (b"null", {}, "the server answered 429", None),
        (b'"words"', {}, "429: words", None),
        (b"\xff\xfe", {}, "429: \ufffd\ufffd", None),
    ],
)
def test_words(content: bytes, headers: dict[str, str], message: str, code: str | None) -> None:
    """An error has the server's own words and code, whatever shape they come in."""
    transport = httpx.MockTransport(lambda _: httpx.Response(429, content=content, headers=headers))
    policy = RetryPolicy(max_attempts=1)
    with (
        JobsClient(ApiKey("k"), transport=transport, retry=policy) as jobs,
        pytest.raises(RateLimitError) as caught,
    ):
        jobs.cancel("job", "exec")
    assert str(caught.value) == message
    assert caught.value.code == code


@pytest.mark.parametrize("header", ["X-Request-Id", "Request-Id", "cf-ray", "x-amzn-RequestId"])
def test_request_id(header: str) -> None:
    """The server's name for the request is kept, under any of its usual headers."""
    transport = httpx.MockTransport(lambda _: httpx.Response(404, headers={header: "r-1"}))
    with (
        JobsClient(ApiKey("k"), transport=transport) as jobs,
        pytest.raises(APIStatusError) as caught,
    ):
        jobs.cancel("job", "exec")
    assert caught.value.request_id == "r-1"


def test_body_of_an_error_is_bounded(call: Caller) -> None:
    """An error keeps the beginning of a body, not all of it."""
    with (
        serving(answer(404, b"x" * 10**6)) as server,
        pytest.raises(APIStatusError) as caught,
    ):
        call(server.url, "cancel", "job", "exec")
    assert 100 < len(caught.value.body) < 10_000
    assert len(str(caught.value)) < 10_000
