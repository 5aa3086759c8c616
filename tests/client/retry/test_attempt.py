"""What a client reports of its attempts."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

import pytest

from blaxel_jobs import (
    APIConnectionError,
    ApiKey,
    AsyncJobsClient,
    Attempt,
    ClientCredentials,
    ConfigurationError,
    JobsClient,
    NotFoundError,
)
from tests.client.conftest import Caller
from tests.client.fault_server import answer, execution, hang_up, serving

TOKEN = answer(200, {"access_token": "the-token", "expires_in": 7200})


def test_each_attempt(call: Caller) -> None:
    """Each send is reported, with its outcome and what follows."""
    attempts: list[Attempt] = []
    with serving(hang_up, answer(503, X_Request_Id="req-7"), execution()) as server:
        call(server.url, "cancel", "job", "exec", client={"on_attempt": attempts.append})
    assert [(a.number, a.method, a.status_code, a.error, a.request_id) for a in attempts] == [
        (1, "DELETE", None, "APIConnectionError", None),
        (2, "DELETE", 503, "ServerError", "req-7"),
        (3, "DELETE", 200, None, None),
    ]
    assert [a.wait is None for a in attempts] == [False, False, True]
    assert all(0 <= a.elapsed < 10 for a in attempts)


def test_replay(call: Caller) -> None:
    """The replay after a 401 is reported, and so are token requests."""
    attempts: list[Attempt] = []
    client = {"credentials": ClientCredentials("id", "secret"), "on_attempt": attempts.append}
    with serving(TOKEN, execution(), answer(401), TOKEN, execution("cancelled")) as server:
        call(server.url, "cancel_and_wait", "job", "exec", client=client)
    assert [(a.purpose, a.number, a.status_code, a.wait) for a in attempts] == [
        ("token", 1, 200, None),
        ("operation", 1, 200, None),
        ("operation", 1, 401, 0.0),
        ("token", 1, 200, None),
        ("operation", 2, 200, None),
    ]


def test_read_back(call: Caller) -> None:
    """Reading back after a lost answer has a purpose of its own, and is counted for itself."""
    attempts: list[Attempt] = []
    with serving(hang_up, answer(404), answer(503), execution()) as server:
        call(server.url, "cancel", "job", "exec", client={"on_attempt": attempts.append})
    assert [(a.purpose, a.number, a.method) for a in attempts] == [
        ("operation", 1, "DELETE"),
        ("operation", 2, "DELETE"),
        ("read-back", 1, "GET"),
        ("read-back", 2, "GET"),
    ]


def test_named_on_the_wire(call: Caller) -> None:
    """Each send, token requests too, has an id of its own and its number in its headers."""
    attempts: list[Attempt] = []
    client = {"credentials": ClientCredentials("id", "secret"), "on_attempt": attempts.append}
    with serving(answer(503), TOKEN, answer(503), execution()) as server:
        call(server.url, "cancel", "job", "exec", client=client)
    ids = [seen.headers["x-request-id"] for seen in server.seen]
    assert len(set(ids)) == 4
    assert ids == [a.client_request_id for a in attempts]
    assert [seen.headers["x-attempt-count"] for seen in server.seen] == ["1", "2", "1", "2"]


def test_lost_answer_is_named(call: Caller) -> None:
    """The error of a lost answer has the id by which the server's side can look for it."""
    with serving(hang_up) as server, pytest.raises(APIConnectionError) as caught:
        call(server.url, "cancel", "job", "exec")
    assert caught.value.request_id == server.seen[-1].headers["x-request-id"]


def test_id_of_the_caller() -> None:
    """A request id that the caller gives is left as it is."""
    with serving(execution()) as server, JobsClient(ApiKey("k"), base_url=server.url) as jobs:
        jobs.api.get_httpx_client().request("GET", "/jobs", headers={"X-Request-Id": "mine"})
    assert server.seen[0].headers["x-request-id"] == "mine"


def test_last_attempt(call: Caller) -> None:
    """After a failure that stands there is no wait."""
    attempts: list[Attempt] = []
    with serving(answer(404)) as server, pytest.raises(NotFoundError):
        call(server.url, "get", "job", "exec", client={"on_attempt": attempts.append})
    assert [(a.error, a.wait) for a in attempts] == [("NotFoundError", None)]


def test_exception_in_the_hook(call: Caller, caplog: pytest.LogCaptureFixture) -> None:
    """An exception in the hook does no harm, and its message is not logged."""

    def hook(_: Attempt) -> None:
        raise LookupError("the-message")

    with serving(execution()) as server:
        assert call(server.url, "cancel", "job", "exec", client={"on_attempt": hook})
    assert "on_attempt raised LookupError" in caplog.text
    assert "the-message" not in caplog.text


async def async_hook(_: Attempt) -> None: ...


class AsyncHook:
    async def __call__(self, _: Attempt) -> None: ...


@pytest.mark.parametrize("kind", [JobsClient, AsyncJobsClient])
@pytest.mark.parametrize("hook", [async_hook, AsyncHook(), 5, "print"])
def test_unusable_hook(kind: type[JobsClient | AsyncJobsClient], hook: Any) -> None:
    """A hook that would never run is refused when the client is made."""
    with pytest.raises(ConfigurationError, match="on_attempt"):
        kind(ApiKey("key"), on_attempt=hook)


def test_log(call: Caller, caplog: pytest.LogCaptureFixture) -> None:
    """The log has the attempts, and no secret."""
    caplog.set_level(logging.DEBUG)
    client = {"credentials": ClientCredentials("id", "the-secret")}
    with serving(TOKEN, execution()) as server:
        call(server.url, "cancel", "job", "exec", client=client)
    ours = [record for record in caplog.records if record.name == "blaxel_jobs"]
    assert len(ours) == 2
    assert "status_code=200" in ours[1].getMessage()
    assert "the-token" not in caplog.text
    assert "the-secret" not in caplog.text


def test_immutable() -> None:
    """An attempt that was reported does not change."""
    attempt = Attempt(1, "GET", 200, None, 0.1, None, None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        attempt.number = 2  # type: ignore[misc]
